"""The network of the tutorial "Build a Handwritten Text Recognition System using TensorFlow" (SimpleHTR)."""

from __future__ import annotations

import keras
from keras import layers

from htrkit.encoders.input import InputRule

# (kernel, channels, pool (height, width)): 32 x 128 pixels become 1 x 32 positions of 256 features
CONVOLUTIONS = (
    (5, 32, (2, 2)),
    (5, 64, (2, 2)),
    (3, 128, (2, 1)),
    (3, 128, (2, 1)),
    (3, 256, (2, 1)),
)
LSTM_UNITS = 256


class Simple:
    """Five convolutions and two bidirectional LSTM layers over a 128x32 word image.

    Each convolution is followed by batch normalisation, ReLU and max pooling, as in the published program.

    Parameters
    ----------
    dropout
        Share of the features dropped before each LSTM layer and before the output, in training only.

    References
    ----------
    H. Scheidl, "Build a Handwritten Text Recognition System using TensorFlow", 2018,
    and https://github.com/githubharald/SimpleHTR.
    """

    input_rule = InputRule(height=32, width=128, frames_per_pixel=0.25)

    def __init__(self, *, dropout: float = 0.2) -> None:
        self.dropout = dropout

    def build(self, n_labels: int) -> keras.Model:
        """The network: (batch, 32, 128, 1) ink in 0..1 to (batch, 32 frames, n_labels) natural-log probabilities."""
        rule = self.input_rule
        ink = keras.Input((rule.height, rule.width, 1), name="ink")
        x = ink
        for kernel, channels, pool in CONVOLUTIONS:
            x = layers.Conv2D(channels, kernel, padding="same", use_bias=False)(x)
            # Keras' own momentum, 0.99, lags hundreds of steps behind: too long for a small archive
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.ReLU()(x)
            x = layers.MaxPooling2D(pool)(x)
        x = layers.Reshape((-1, CONVOLUTIONS[-1][1]))(x)
        for _ in range(2):
            x = layers.Dropout(self.dropout)(x)
            x = layers.Bidirectional(layers.LSTM(LSTM_UNITS, return_sequences=True))(x)
        x = layers.Dropout(self.dropout)(x)
        x = layers.Dense(n_labels)(x)
        # in float32 whatever the compute type: CTC sums many small probabilities
        log_probs = layers.Activation("log_softmax", dtype="float32", name="log_probs")(x)
        return keras.Model(ink, log_probs, name="simple")
