"""ARPA files."""

from __future__ import annotations

from pathlib import Path

import pytest

from htrkit.errors import InputError, ModelError
from htrkit.language_models import arpa, kneser_ney
from tests.language_models.texts import VERSE, table


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "verse.arpa"
    arpa.write(kneser_ney.estimate([line.split() for line in VERSE], 3), path)
    return path


def test_what_is_written_is_read(written: Path) -> None:
    model = kneser_ney.estimate([line.split() for line in VERSE], 3)
    found = table(arpa.read(written))
    assert found.keys() == table(model).keys()
    for ngram, figure in table(model).items():
        assert found[ngram] == pytest.approx(figure, abs=1e-5)
    assert tuple(map(len, arpa.read(written).rows)) == (11, 22, 26)
    assert arpa.vocabulary(written) == set(model.vocabulary)


def test_the_file_has_the_usual_form(written: Path) -> None:
    text = written.read_text()
    assert text.startswith("\\data\\\nngram 1=11\nngram 2=22\nngram 3=26\n\n\\1-grams:\n")
    assert "\t<unk>\t" in text
    assert text.endswith("\n\\end\\\n")


def test_kenlm_reads_it(written: Path) -> None:
    kenlm = pytest.importorskip("kenlm", reason="KenLM's Python module is not installed")
    ngrams = table(arpa.read(written))
    expected = ngrams["<s>", "the"][0] + ngrams["<s>", "the", "rain"][0] + ngrams["the", "rain", "falls"][0]
    score = kenlm.Model(str(written)).score("the rain falls", eos=False)
    assert score * arpa.LN10 == pytest.approx(expected, abs=1e-4)


def test_infinite_back_offs_of_lmplz_are_read(written: Path) -> None:
    written.write_text(written.read_text().replace("\tthe\t-0.30103", "\tthe\t-inf"))
    model = arpa.read(written)
    assert model.backoffs[0][model.vocabulary.index("the")] == arpa.LOWEST * arpa.LN10


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\\data\\", "data", "does not begin with"),
        ("ngram 2=22", "ngram 3=22", "is not how an ARPA file begins"),
        ("ngram 2=22", f"ngram 2={'9' * 5_000}", "is not how an ARPA file begins"),
        ("ngram 2=22", "ngram 2=23", "has 22 2-grams, its head says 23"),
        ("\t<unk>\t", "\tunk\t", "has no <unk>"),
        ("\\2-grams:", "\\4-grams:", "should be \\\\2-grams:"),
        ("\tsea </s>", "\tlake </s>", "'lake' has no 1-gram"),
        ("\tsea </s>\t0", "\tsea", "is no 2-gram"),
    ],
)
def test_damaged_files_are_refused(written: Path, old: str, new: str, message: str) -> None:
    text = written.read_text()
    assert old in text
    written.write_text(text.replace(old, new, 1))
    with pytest.raises(ModelError, match=f"verse.arpa: .*{message}"):
        arpa.read(written)


@pytest.mark.parametrize("figure", ["nan", "0.5", "x"])
def test_figures_that_are_no_log_probabilities_are_refused(written: Path, figure: str) -> None:
    lines = written.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.endswith("\tthe rain falls"))
    lines[place] = f"{figure}\tthe rain falls"
    written.write_text("\n".join(lines))
    with pytest.raises(ModelError, match=f"line {place + 1}"):
        arpa.read(written)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_files_that_are_cut_off_are_refused(written: Path, part: float) -> None:
    content = written.read_text()
    written.write_text(content[: int(len(content) * part)])
    with pytest.raises(ModelError, match=r"verse\.arpa"):
        arpa.read(written)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.arpa"
    with pytest.raises(InputError, match="cannot read"):
        arpa.read(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        arpa.read(path)
