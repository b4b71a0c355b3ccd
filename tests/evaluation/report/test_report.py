"""Reports in Markdown, JSON and HTML: whole, escaped, and without a trace of anything outside the file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from htrkit.errors import HtrkitError, UsageError
from htrkit.evaluation.contest.comparison import Comparison
from htrkit.evaluation.report import formats, tables
from htrkit.evaluation.report.formats import check_name, write_report
from htrkit.evaluation.report.html import shown_lines, to_html
from htrkit.evaluation.report.markdown import to_markdown
from htrkit.evaluation.report.pictures import heat_map, line_image
from tests.evaluation.report import report_case
from tests.evaluation.report.report_case import ATTRIBUTE, HOSTILE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def comparison(folder: Path) -> Comparison:
    return report_case.comparison(folder)


@pytest.fixture(scope="module")
def html(comparison: Comparison, folder: Path) -> str:
    return to_html(comparison, samples=report_case.samples(), cache=folder / "cache")


class Tags(HTMLParser):
    """Every tag with its attributes, and which are open at the end."""

    VOID = frozenset({"meta", "img", "input", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def test_tags_are_balanced_and_ids_unique(html: str) -> None:
    tags = Tags(html)
    assert tags.open == []
    ids = [name for _, attributes in tags.tags if (name := attributes.get("id")) and not name.startswith(("m", "p"))]
    assert len(ids) == len(set(ids))


def test_hostile_texts_stay_texts(html: str) -> None:
    tags = Tags(html).tags
    assert HOSTILE not in html
    assert len([tag for tag, _ in tags if tag == "script"]) == 1
    assert not [attribute for _, attributes in tags for attribute in attributes if attribute.startswith("on")]
    assert "&lt;script&gt;" in html
    assert "{{ 7 * 7 }}" in html
    assert any(attributes.get("data-text") == ATTRIBUTE for _, attributes in tags)


def test_nothing_is_fetched_from_anywhere(html: str) -> None:
    for tag, attributes in Tags(html).tags:
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            value = attributes.get(name) or ""
            assert value.startswith(("data:image/", "#")) or not value, (tag, value)
        assert tag not in ("link", "iframe", "object", "embed", "base")
    assert not re.search(r"url\((?!#)", html)
    assert "default-src 'none'" in html


def test_the_report_shows_every_part(html: str, comparison: Comparison) -> None:
    assert html.count("<svg") == 3
    for part in ("beam:beam_width=2", "Lines that are read differently", "Left out", "How it was measured"):
        assert part in html
    assert html.count('class="writing"') == html.count("What the network saw") > 0
    assert "<del>" in html
    assert "<ins>" in html
    assert "needle in hay" in html


def test_the_same_comparison_gives_the_same_file(comparison: Comparison, folder: Path, html: str) -> None:
    assert to_html(comparison, samples=report_case.samples(), cache=folder / "cache") == html


def test_without_samples_and_cache_there_are_no_pictures(comparison: Comparison, tmp_path: Path) -> None:
    html = to_html(comparison, cache=tmp_path)
    assert "<img" not in html
    assert "needle in hay" in html


def test_lines_come_with_the_widest_spread_first(comparison: Comparison, folder: Path) -> None:
    shown = shown_lines(comparison, report_case.samples(), folder / "cache", 3)
    assert len(shown) == 3
    spreads = [line.spread for line in shown]
    assert spreads == sorted(spreads, reverse=True)
    assert all(line.image and line.heat for line in shown)
    assert shown_lines(comparison, report_case.samples(), folder / "cache", 0) == []


def test_markdown_escapes_and_tells_everything(comparison: Comparison) -> None:
    text = to_markdown(comparison)
    assert "<script" not in text.replace("\\<", "")
    assert text.count("| beam:beam\\_width=2 ") == 3
    assert "## Pairs" in text
    assert "## beam by beam\\_width" in text
    assert "- bad " in text
    for line in text.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) in (7, 10)


def test_files_by_their_names(comparison: Comparison, folder: Path, tmp_path: Path) -> None:
    for name in ("r.html", "r.md", "r.json"):
        write_report(comparison, tmp_path / name, samples=report_case.samples(), cache=folder / "cache")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json", "r.md"]
    values = json.loads((tmp_path / "r.json").read_text())
    assert values["n"] == 7
    assert [entry["name"] for entry in values["decoders"]][::2] == ["best-path", "beam"]
    assert values["lines"][1]["truth"] == HOSTILE


def test_names_that_cannot_be_reports(tmp_path: Path, comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"a report is a file ending in \.html, \.md, \.json"):
        check_name(tmp_path / "report.pdf")
    with pytest.raises(UsageError, match="there is no folder"):
        check_name(tmp_path / "nowhere" / "report.html")
    (tmp_path / "taken.md").mkdir()
    with pytest.raises(HtrkitError, match=r"cannot write .*taken\.md"):
        write_report(comparison, tmp_path / "taken.md")
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'htrkit\[report\]'"):
        check_name(tmp_path / "report.html")


def test_a_lone_surrogate_does_not_stop_the_report(comparison: Comparison, tmp_path: Path) -> None:
    write_report(replace(comparison, notes=("half \ud800 a character",)), tmp_path / "r.md")
    assert "half \\ud800 a character" in (tmp_path / "r.md").read_text().replace("\\\\", "\\")


def test_heat_maps_show_what_is_probable() -> None:
    probs = np.full((5, 4), 0.01)
    probs[:, 0] = 0.9
    probs[1, 3] = probs[3, 1] = 0.8
    shown = heat_map(np.log(probs / probs.sum(axis=1, keepdims=True)).astype(np.float32), "a b")
    assert shown.labels == ("b", "a", "blank")
    assert shown.frames == 5
    assert shown.uri.startswith("data:image/png;base64,iVBOR")
    assert heat_map(np.log(np.full((2, 3), 1 / 3, np.float32)), " b").labels == ("␣", "b", "blank")


def test_images_are_shrunk_to_a_readable_size() -> None:
    small, large = (len(line_image(np.full((h, 4 * h), 200, np.uint8))) for h in (64, 2000))
    assert large <= small * 1.1


def with_failures(comparison: Comparison) -> Comparison:
    """The same, of which the second decoder failed on two lines."""
    entry = comparison.entries[1]
    failed = tuple((reading.id, "raised X") for reading in entry.evaluation.readings[2:4])
    return replace(comparison, entries=(comparison.entries[0], replace(entry, failed=failed), comparison.entries[2]))


def test_lines_on_which_a_decoder_failed_are_marked(comparison: Comparison) -> None:
    failing = with_failures(comparison)
    assert "failed lines" not in tables.summary(comparison).header
    table = tables.summary(failing)
    assert table.header[-1] == "failed lines"
    assert sorted(row[-1] for row in table.rows) == ["0", "0", "2"]
    assert any(f"{HOSTILE} $\\frac failed on 2 of 7 lines, which count as read empty." in s for s in failing.sentences)
    html = to_html(failing, samples=())
    assert "(2 failed)" in html
    assert html.count("failed: raised X") == 2


def test_the_best_decoder_comes_first_and_those_that_may_be_as_good_are_marked(comparison: Comparison) -> None:
    rows = tables.summary(comparison).rows
    rates = [float(row[1]) for row in rows]
    assert rates == sorted(rates)
    assert rows[0][0].endswith(" ★")
    for row, entry in zip(rows[1:], comparison.ranked[1:], strict=True):
        names = {entry.label, comparison.ranked[0].label}
        (pair,) = [pair for pair in comparison.pairs if {pair.first, pair.second} == names]
        assert row[0].endswith(" ☆") == (not pair.cer.real)
    alone = replace(comparison, entries=comparison.entries[:1], pairs=())
    assert tables.summary(alone).rows[0][0] == "best-path"


def test_the_title_says_what_was_read_with_what_and_when(comparison: Comparison, html: str) -> None:
    dated = replace(comparison, date=date(2026, 3, 1), data=("/home/me/somewhere/far/away/from/here/iam/valid.tsv",))
    assert tables.title(dated) == "…/iam/valid.tsv read with bars, 1 March 2026"
    assert to_markdown(dated).startswith("# Decoders compared: …/iam/valid.tsv read with bars, 1 March 2026\n")
    (title,) = re.findall("<title>(.*)</title>", html)
    assert unescape(title) == f"Decoders compared: {tables.title(comparison)}"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("word-beam:lexicon=english", "word-beam:lexicon=english"),
        ("/tmp/a/b/words.txt", "/tmp/a/b/words.txt"),
        ("word-beam:beam_width=5,lexicon=/home/me/lists/of/words.txt", "word-beam:beam_width=5,lexicon=…/of/words.txt"),
        (f"{'x' * 40} reads /a/b/c/d worse", f"{'x' * 40} reads …/c/d worse"),
    ],
)
def test_long_paths_are_shortened(text: str, short: str) -> None:
    assert tables.shortened(text) == short


def test_numbers_as_people_read_them() -> None:
    assert tables.percent(0.04812) == "4.81"
    assert tables.p_text(0.0004) == "<0.001"
    assert tables.p_text(0.03) == "0.030"
    assert tables.milliseconds(0.0004) == "0.40"
    assert tables.milliseconds(0.055) == "55"
    assert tables.milliseconds(None) == "–"
