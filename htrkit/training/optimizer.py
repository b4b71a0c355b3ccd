"""How weights follow the gradients: which of them do, how fast, and what is kept of them on average."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import keras

from htrkit.errors import UsageError
from htrkit.training.settings import Schedule, TrainSettings
from htrkit.training.torch_kernels import take_torch_kernels


def compile_for(model: keras.Model, settings: TrainSettings, epoch: int, steps: int) -> None:
    """Freeze what is frozen in an epoch, counted from 1, and compile a `htrkit.training.network.CTCModel` with a new
    optimizer.

    The epochs of so many ``steps`` that freeze something and those that do not have a schedule of the learning rate
    each.
    """
    last = thaw_epoch(settings)
    set_frozen(model.network, settings.freeze, epoch <= last)
    take_torch_kernels(model.network)
    epochs = last if epoch <= last else max(1, settings.epochs - last)
    # XLA: without it JAX computes one operation at a time; TensorFlow would compile every width of line anew
    jit_compile = keras.config.backend() == "jax"
    model.compile(
        optimizer=optimizer(settings, epochs, steps, scaled=settings.precision == "float16"), jit_compile=jit_compile
    )
    model.optimizer.build(model.trainable_variables)


def thaw_epoch(settings: TrainSettings) -> int:
    """The last epoch, counted from 1, in which something is frozen; 0 if nothing ever is."""
    if settings.freeze is None:
        return 0
    return min(settings.epochs, settings.freeze_epochs or settings.epochs)


def set_frozen(network: keras.Model, part: str | None, frozen: bool) -> None:
    """Freeze or thaw a part of a network: ``convolutions``, ``body`` or None.

    A frozen layer keeps its weights and the averages of its normalisation, and costs no gradients.

    Raises UsageError if the network has no recurrent layer, and so no convolutions before one.
    """
    layers = [layer for layer in network.layers if layer.weights]
    recurrent = (keras.layers.RNN, keras.layers.Bidirectional)
    first = next((i for i, layer in enumerate(layers) if isinstance(layer, recurrent)), None)
    if part == "convolutions" and first is None:
        raise UsageError("there are no recurrent layers in this network: --freeze body freezes all but the output")
    for layer in layers[: {"convolutions": first, "body": -1}.get(part or "", 0)]:
        layer.trainable = not frozen


def optimizer(settings: Schedule, epochs: int, steps: int, *, scaled: bool = False) -> keras.optimizers.Optimizer:
    """AdamW with clipped gradients, for so many epochs of so many steps.

    The learning rate rises over ``settings.warm_up`` epochs, then falls along a cosine. With ``settings.average``,
    the optimizer also keeps an average of the weights, in which a step's weight falls to 1/e in so many epochs. In
    float16, small gradients would vanish: the loss is ``scaled``, by as much as its gradients stay finite.

    References
    ----------
    P. Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", UAI 2018.
    """
    warm_up = max(1, round(settings.warm_up * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 100,
        decay_steps=max(1, epochs * steps - warm_up),
        warmup_target=settings.learning_rate,
        warmup_steps=warm_up,
    )
    averages = settings.average > 0.0
    adamw = keras.optimizers.AdamW(
        schedule,
        weight_decay=settings.weight_decay,
        global_clipnorm=5.0,
        use_ema=averages,
        ema_momentum=math.exp(-1.0 / (settings.average * steps)) if averages else 0.0,
    )
    return keras.optimizers.LossScaleOptimizer(adamw) if scaled else adamw


def take_averages(model: keras.Model) -> None:
    """Replace a compiled model's weights by their average, if its optimizer keeps one."""
    if getattr(model.optimizer, "inner_optimizer", model.optimizer).use_ema and int(
        keras.ops.convert_to_numpy(model.optimizer.iterations)
    ):
        model.optimizer.finalize_variable_values(model.trainable_variables)
        for variable in model.trainable_variables:
            # JAX lets weight and average share an array, and frees it when the network reads: a copy for the weight
            variable.assign(keras.ops.convert_to_numpy(variable))


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Within the block, the model's weights are their average; after it, those that training goes on with."""
    weights = [keras.ops.convert_to_numpy(variable) for variable in model.trainable_variables]
    take_averages(model)
    try:
        yield
    finally:
        for variable, value in zip(model.trainable_variables, weights, strict=True):
            variable.assign(value)
