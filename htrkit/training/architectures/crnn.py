"""A network for words and whole lines of any width: residual convolutions, column-wise pooling, BiLSTM layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from htrkit.encoders.input import LARGEST_MARGIN, InputRule
from htrkit.errors import UsageError
from htrkit.training.architectures.growing import grow

# The stem halves height and width, its pooling again; later pooling halves the height alone.
COLUMNS_PER_FRAME = 4
FEATURES = "features"


class CRNN:
    """Residual convolutions, the maximum of every column, and bidirectional LSTM layers, over a line of any width.

    The defaults are for a CPU; on a GPU take ``channels=64,128,256``, ``blocks=2,4,4``, ``lstm_layers=3``,
    ``lstm_units=256``, ``height=128``, which is the size of the published network.

    Nothing is masked. A line that is narrower than its batch is followed by paper, and the loss ends where the line
    ends; since batches are made up anew every epoch, the network learns that the paper to the right means nothing.
    An encoder pads a line by less than `htrkit.encoders.input.WIDTH_STEP`, whatever stands beside it.

    Parameters
    ----------
    height
        Of the input, in pixels.
    margin
        Paper on the left and on the right of every image, as a share of the height.
    word_margin
        Paper above and below a single word, as a share of its height.
    channels
        Of each stage of residual blocks; between two stages, the height is halved.
    blocks
        Residual blocks in each stage.
    lstm_layers
        Bidirectional LSTM layers, one after the other.
    lstm_units
        Of each LSTM layer and direction.
    dropout
        Share of the features dropped before each LSTM layer and before the output, in training only.
    shortcut
        Weight of the loss of a second output, straight from the columns, in training only; 0 for none.

    References
    ----------
    G. Retsinas, G. Sfikas, B. Gatos, C. Nikou, "Best Practices for a Handwritten Text Recognition System", DAS 2022:
    column-wise max pooling and the CTC shortcut.
    """

    def __init__(
        self,
        *,
        height: int = 64,
        margin: float = 0.0,
        word_margin: float = 0.0,
        channels: Sequence[int] = (64, 128),
        blocks: Sequence[int] = (1, 1),
        lstm_layers: int = 2,
        lstm_units: int = 192,
        dropout: float = 0.2,
        shortcut: float = 0.1,
    ) -> None:
        if not channels or len(channels) != len(blocks) or min(*channels, *blocks, lstm_layers, lstm_units) < 1:
            raise UsageError(
                "architecture 'crnn' needs as many blocks as channels, and at least one of everything, not "
                f"channels={_listed(channels)} blocks={_listed(blocks)} lstm_layers={lstm_layers} "
                f"lstm_units={lstm_units}"
            )
        least = COLUMNS_PER_FRAME << (len(channels) - 1)
        if height < least:
            raise UsageError(f"architecture 'crnn' with {len(channels)} stages needs a height of at least {least}")
        if not all(0.0 <= share <= LARGEST_MARGIN for share in (margin, word_margin)):
            raise UsageError(
                f"architecture 'crnn' takes margins of 0 to {LARGEST_MARGIN:g}, not margin={margin} "
                f"word_margin={word_margin}"
            )
        self.input_rule = InputRule(height, None, 1 / COLUMNS_PER_FRAME, margin=margin, word_margin=word_margin)
        self.channels, self.blocks = tuple(channels), tuple(blocks)
        self.lstm_layers, self.lstm_units = lstm_layers, lstm_units
        self.dropout, self.shortcut = dropout, shortcut

    def build(self, n_labels: int) -> keras.Model:
        """The network: (batch, height, width, 1) ink in 0..1 to (batch, width // 4, n_labels) log probabilities."""
        ink = keras.Input((self.input_rule.height, None, 1), name="ink")
        x = _normalised(layers.Conv2D(self.channels[0] // 2 or 1, 7, 2, padding="same", use_bias=False)(ink))
        x = layers.ReLU()(layers.MaxPooling2D(2)(x))  # in this order, a quarter of the work
        for i, (channels, blocks) in enumerate(zip(self.channels, self.blocks, strict=True)):
            if i:
                x = layers.MaxPooling2D((2, 1))(x)
            for _ in range(blocks):
                x = _residual(x, channels)
        x = layers.MaxPooling2D((x.shape[1], 1))(x)
        x = layers.Reshape((-1, self.channels[-1]), name=FEATURES)(x)
        for _ in range(self.lstm_layers):
            x = layers.Dropout(self.dropout)(x)
            # in float32 whatever the compute type: no backend's fused kernel takes bfloat16
            lstm = layers.LSTM(self.lstm_units, return_sequences=True, dtype="float32")
            x = layers.Bidirectional(lstm, dtype="float32")(x)
        x = layers.Dropout(self.dropout)(x)
        return keras.Model(ink, _log_probs(layers.Dense(n_labels)(x), "log_probs"), name="crnn")

    def auxiliary(self, network: keras.Model) -> tuple[keras.Model, float] | None:
        """The network with the shortcut's log probabilities as second output, and the weight of their loss."""
        if not self.shortcut:
            return None
        features, n_labels = network.get_layer(FEATURES).output, network.output_shape[-1]
        scores = layers.Conv1D(n_labels, 3, padding="same", name="shortcut_scores")(features)
        outputs = [network.output, _log_probs(scores, "shortcut")]
        return keras.Model(network.input, outputs, name="crnn_with_shortcut"), self.shortcut

    def grow(self, network: keras.Model, smaller: keras.Model) -> None:
        """Let the network read as one of fewer ``blocks`` or ``lstm_units`` does. Raises ValueError for any other."""
        grow(network, smaller)


def _residual(x: Any, channels: int) -> Any:
    """Two convolutions whose output is added to their input."""
    straight = x
    if x.shape[-1] != channels:
        straight = _normalised(layers.Conv2D(channels, 1, use_bias=False)(x))
    x = layers.ReLU()(_normalised(layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)))
    x = _normalised(layers.Conv2D(channels, 3, padding="same", use_bias=False)(x))
    return layers.ReLU()(layers.Add()([x, straight]))


def _normalised(x: Any) -> Any:
    # Keras' own momentum, 0.99, lags hundreds of steps behind: too long for a small archive; one that forgets within a
    # few steps would take the last batches, of words or of lines, for all
    return layers.BatchNormalization(momentum=0.98)(x)


def _log_probs(scores: Any, name: str) -> Any:
    # in float32 whatever the compute type: CTC sums many small probabilities
    return layers.Activation("log_softmax", dtype="float32", name=name)(scores)


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))
