"""What a model's card says of the model that it began from."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("keras", reason="needs the train extra")

from htrkit.model import CARD, TRAINABLE, Model
from htrkit.training.card import base_facts, card
from htrkit.training.checkpoints import RunState
from htrkit.training.given import as_json
from htrkit.training.settings import TrainSettings
from tests import tiny_model

ROW = {"epoch": 1, "loss": 1.0, "valid_cer": 0.125, "valid_wer": 0.5, "valid_exact": 0.25, "seconds": 60.0}
TERMS = "Trained on the letters of **nobody**.\n\nFor non-commercial research only."


@pytest.fixture
def base(tmp_path: Path) -> Model:
    return tiny_model.write(tmp_path / "base", name="letters", checksums={TRAINABLE: "abc123"})


def written(tmp_path: Path, facts: dict[str, str] | None, row: dict[str, float] = ROW, **changes: object) -> str:
    settings = TrainSettings(data=("lines.tsv",), out=tmp_path, **changes)  # type: ignore[arg-type]
    state = RunState(as_json(settings), alphabet="ab", base=facts, history=[row], best_epoch=1)
    return card(tiny_model.write(tmp_path / "made"), settings, state, 10)


def terms(text: str) -> str:
    return text.partition("\n## Terms\n")[2]


def test_figures_are_said_to_be_of_the_network_before_its_refit(tmp_path: Path) -> None:
    settings = TrainSettings(data=("lines.tsv",), out=tmp_path, start_from="open", refit=2)
    state = RunState(as_json(settings), alphabet="ab", history=[ROW], best_epoch=1)
    before, after = (
        card(tiny_model.write(tmp_path / "m"), settings, state, 10, refits=refits) for refits in ([], [state] * 2)
    )
    assert "anew" not in before
    assert "| epochs | 1, the best of them 1; then 2 x 1 anew, with the validation data too, averaged |" in after
    assert after.index("12.50%") < after.index("before it was trained anew") < after.index("## Characters")


@pytest.mark.parametrize("title", ["Terms", "License", "Terms of use"])
def test_a_model_that_began_from_another_names_it_and_is_under_its_terms(
    base: Model, tmp_path: Path, title: str
) -> None:
    (base.folder / CARD).write_text(f"# letters\n\n## {title}\n\n{TERMS}\n\n## Thanks\n\nTo all.\n", encoding="utf-8")
    text = written(tmp_path, base_facts(base), start_from="letters")
    assert "| began from | letters, whose `encoder.keras` has the SHA-256 abc123 |" in text
    assert "> For non-commercial research only." in terms(text)
    assert "To all" not in text


def test_terms_go_on_from_model_to_model(base: Model, tmp_path: Path) -> None:
    (base.folder / CARD).write_text(f"## Terms\n\n{TERMS}\n", encoding="utf-8")
    (base.folder / CARD).write_text(written(tmp_path, base_facts(base), start_from="x"), encoding="utf-8")
    assert "> > For non-commercial research only." in terms(written(tmp_path, base_facts(base), start_from="letters"))


@pytest.mark.parametrize("content", [None, b"# letters\n", b"\xff\xfe"])
def test_a_base_without_terms_does_not_look_free(base: Model, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (base.folder / CARD).write_bytes(content)
    for facts in (base_facts(base), None):  # a run of an earlier version kept nothing of its base
        assert "Also those of `letters`, from which it began" in terms(written(tmp_path, facts, start_from="letters"))


def test_a_model_that_began_from_nothing_names_none(tmp_path: Path) -> None:
    text = written(tmp_path, None)
    assert "began from" not in text


def test_groups_that_chose_the_epoch_are_told(tmp_path: Path) -> None:
    row = {**ROW, "mean_cer": 0.15, "cer old": 0.2, "cer new": 0.1}
    assert "CER by `hand`: old 20.00%, new 10.00%; their mean, 15.00%, chose" in written(
        tmp_path, None, row, valid_group="hand"
    )


@pytest.mark.parametrize(
    ("decoder", "kept"), [("beam:language_model=european-characters", True), ("beam:language_model=own.npz", False)]
)
def test_the_decoder_of_the_base_stays_unless_its_files_do_not_go_along(
    tmp_path: Path, decoder: str, kept: bool
) -> None:
    base = tiny_model.write(tmp_path / "base", decoder=decoder)
    (base.folder / "own.npz").touch()
    assert base_facts(base).get("decoder") == (decoder if kept else None)
