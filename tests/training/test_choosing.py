"""What a run does where nothing is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest

from htrkit.spec import Spec
from htrkit.training.choosing import choose
from tests import tiny_model

CRNN = Spec("architecture", "crnn", {"dropout": 0.1})


def table(folder: Path, texts: list[str]) -> str:
    cv2.imwrite(str(folder / "x.png"), tiny_model.draw("ab"))
    path = folder / "table.tsv"
    path.write_text("image\ttext\n" + "".join(f"x.png\t{text}\n" for text in texts), encoding="utf-8")
    return str(path)


def test_data_without_a_line_chooses_nothing(tmp_path: Path) -> None:
    assert choose({"data": [table(tmp_path, [])], "start_from": "open"}, CRNN) == {}


def test_lines_choose_a_network_for_lines_and_words_the_tutorials(tmp_path: Path) -> None:
    assert choose({"data": [table(tmp_path, ["to be", "or not"] * 200)]})["architecture"] == "crnn"
    assert "architecture" not in choose({"data": [table(tmp_path, ["be", "not"] * 200)]})


def test_what_is_said_is_not_chosen(tmp_path: Path) -> None:
    said: dict[str, Any] = {"architecture": "simple", "batch_size": 3, "valid_fraction": 0.5}
    assert choose({"data": [table(tmp_path, ["to be"] * 30)], **said}) == {}


@pytest.mark.parametrize("samples", [1, 20, 50, 199])
def test_few_lines_still_have_some_to_validate_on_and_most_to_learn_from(tmp_path: Path, samples: int) -> None:
    share = choose({"data": [table(tmp_path, ["to be"] * samples)]})["valid_fraction"]
    assert 0.1 <= share <= 0.3
    assert samples * share >= min(20, 0.3 * samples) - 1


def test_from_a_model_fewer_lines_are_seen_more_often(tmp_path: Path) -> None:
    few, more = (
        choose({"data": [table(tmp_path, ["to be"] * samples)], "start_from": "open"}, CRNN) for samples in (50, 500)
    )
    assert few["epochs"] > more["epochs"]
    assert few["batch_size"] == more["batch_size"] == 8


def test_few_lines_that_teach_a_model_are_all_learnt_from_unless_others_validate(tmp_path: Path) -> None:
    def chosen(samples: int, **said: Any) -> dict[str, Any]:
        wanted = {"data": [table(tmp_path, ["to be"] * samples)], "start_from": "open", **said}
        return choose(wanted, CRNN)

    assert (chosen(299)["refit"], chosen(300)["refit"]) == (3, 1)
    assert "refit" not in chosen(300, valid=["others.tsv"])
    assert "refit" not in chosen(2000)


@pytest.mark.parametrize(
    ("network", "chosen"),
    [
        (CRNN, "crnn:dropout=0.35"),
        (Spec("architecture", "crnn"), "crnn:dropout=0.35"),
        (Spec("architecture", "crnn", {"dropout": 0.5}), None),
    ],
)
def test_few_lines_are_dropped_out_of_more(tmp_path: Path, network: Spec, chosen: str | None) -> None:
    data = [table(tmp_path, ["to be"] * 50)]
    assert choose({"data": data, "start_from": "open"}, network).get("architecture") == chosen


def test_words_alone_are_not_put_together_anew(tmp_path: Path) -> None:
    assert choose({"data": [table(tmp_path, ["to be"] * 50)], "start_from": "open"}, CRNN)["recombine"] == 0.5
    assert "recombine" not in choose({"data": [table(tmp_path, ["be"] * 50)], "start_from": "open"}, CRNN)


def test_what_goes_by_the_number_of_epochs_goes_by_that_which_is_wanted(tmp_path: Path) -> None:
    chosen = choose({"data": [table(tmp_path, ["to be"] * 50)], "start_from": "open", "epochs": 4}, CRNN)
    assert (chosen["average"], chosen["calm_epochs"], chosen["patience"]) == (0.3, 0, 4)
    assert "architecture" not in choose(
        {"data": [table(tmp_path, ["to be"] * 50)], "start_from": "open", "arch_option": ["dropout=0.2"]}, CRNN
    )
