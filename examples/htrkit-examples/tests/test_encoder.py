"""The encoder: htrkit's conformance kit with the model that comes with htrkit."""

import numpy as np
import pytest

from htrkit import Line, plugins
from htrkit.model import Model, open_model
from htrkit.resources import resource
from htrkit.testing import check_encoder


@pytest.fixture(scope="module")
def model() -> Model:
    """The default model; without one there is nothing to run."""
    folder = resource("model", None)
    if not folder.exists():
        pytest.skip("htrkit came without its models")
    return open_model(folder)


def test_keeps_the_contract(model: Model) -> None:
    encoder = plugins.create("encoder", "softened", model, 1)
    check_encoder(lambda: encoder, n_labels=model.alphabet.n_labels)


def test_the_best_label_stays_and_is_less_sure(model: Model) -> None:
    line = Line("x", np.random.default_rng(0).integers(0, 256, (64, 200), np.uint8))
    sure, softened = (
        plugins.create("encoder", "softened", model, 1, temperature=t).encode([line])[0] for t in (1.0, 3.0)
    )
    assert (sure.argmax(axis=1) == softened.argmax(axis=1)).all()
    assert (sure.max(axis=1) >= softened.max(axis=1)).all()
