"""What computes: in which precision, and on how many devices of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from htrkit.errors import UsageError


def load_backend() -> None:
    """Load what Keras would load at its first use: TensorFlow too, whatever the backend, which then talks."""
    keras.utils.set_random_seed(0)


def n_devices(wanted: int | None, batch_size: int) -> int:
    """Among how many devices a batch is shared; None wants as many as there are and can have equal parts.

    Raises UsageError if there are fewer than wanted, the backend cannot share, or the parts would not be equal.
    """
    backend = keras.config.backend()
    there = keras.distribution.get_device_count() if backend == "jax" else 1
    if wanted is None:
        return max(n for n in range(1, there + 1) if batch_size % n == 0)
    if wanted > 1 and backend != "jax":
        raise UsageError(f"Keras shares a batch among devices with KERAS_BACKEND=jax, not with {backend}")
    if wanted > there:
        raise UsageError(f"there are not {wanted} devices to share a batch among, but {there}")
    if batch_size % wanted:
        raise UsageError(f"{wanted} devices cannot have equal parts of {batch_size} images: change --batch-size")
    return wanted


@contextmanager
def computing(precision: str, devices: int = 1) -> Iterator[None]:
    """Within the block, networks that are made compute in a precision; devices have a part of every batch each."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision if precision == "float32" else f"mixed_{precision}")
    try:
        if devices == 1:
            yield
        else:
            with keras.distribution.DataParallel(devices=keras.distribution.list_devices()[:devices]).scope():
                yield
    finally:
        keras.config.set_dtype_policy(before)
