"""How weights follow the gradients: the schedule, the optimizer, and the average of the weights along the way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import keras

from htrkit.training.settings import TrainSettings


def optimizer(settings: TrainSettings, steps: int) -> keras.optimizers.Optimizer:
    """AdamW with clipped gradients, for a run whose epochs have so many steps.

    The learning rate rises over ``settings.warm_up`` epochs, then falls along a cosine. With ``settings.average``,
    the optimizer also keeps an average of the weights, in which a step's weight falls to 1/e in so many epochs. In
    float16, small gradients would vanish: the loss is scaled, by as much as its gradients stay finite.

    References
    ----------
    P. Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", UAI 2018.
    """
    warm_up = max(1, round(settings.warm_up * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 100,
        decay_steps=max(1, settings.epochs * steps - warm_up),
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
    return keras.optimizers.LossScaleOptimizer(adamw) if settings.precision == "float16" else adamw


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
