"""An archive read into a folder: what is done, done again, or lost, whatever Ray does."""

from __future__ import annotations

import errno
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from drawn_pages import draw, page
from htrkit_ray import run
from htrkit_ray.archive import Summary, read_archive
from htrkit_ray.inputs import find_inputs
from htrkit_ray.parts import Parts
from htrkit_ray.plan import Entry, Options, Plan
from htrkit_ray.rows import Row, entries
from htrkit_ray.run import Machines, parts
from htrkit_ray.sandbox import Sandbox
from htrkit_ray.store import Store
from ray.exceptions import RayError, RayTaskError

from htrkit import HtrkitError, Recognizer, Run
from htrkit.jobs import read_files
from htrkit.outputs import load_outputs
from htrkit.pages.sources import Sources
from htrkit.spec import Spec
from htrkit.writing import PageWriting, by_page

pytestmark = pytest.mark.usefixtures("in_this_process")


def read(source: Path, dest: Path, *, gpu_share: float = 0.0, **options: Any) -> Summary:
    plan = Plan.of(Options(**options), str(dest))
    files = find_inputs([str(source)], Sources(options.get("source")), str(dest))
    return read_archive(lambda: plan, str(dest), files, Machines(gpu_share=gpu_share))


def without_time(text: str) -> str:
    return re.sub(r"<(Created|LastChange)>[^<]*", "", text)


def pages_of(dest: Path) -> dict[str, str]:
    folder = dest / "pages"
    return {str(path.relative_to(folder)): without_time(path.read_text()) for path in folder.rglob("*.xml")}


def lines_of(dest: Path) -> list[dict[str, Any]]:
    return [row for path in sorted((dest / "lines").iterdir()) for row in pq.read_table(path).to_pylist()]


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    draw(folder / "a.png", "the garden", "is under water")
    draw(folder / "box" / "b.png", "nobody", "will know")
    page("one page", "of several").save(
        folder / "c.tif", save_all=True, append_images=[page("another page", "of several")]
    )
    return folder


def plainly(source: Path, decoder: str | None = None, model: str | None = None) -> dict[str, str]:
    """What `htrkit recognize --format page-xml --output` writes."""
    recognizer = Recognizer.load(model, decoder=decoder)
    sources = Sources()
    job = read_files(recognizer, sources.files([source]), sources=sources)
    writing = PageWriting(Spec.parse("writer", "page-xml"), Run(recognizer.model.name, recognizer.decoder_name))
    found = by_page(job)
    return {
        page.id.removeprefix(f"{source}/"): without_time("".join(map(str, writing.file(page, results))))
        for page, results in found
    }


@pytest.mark.parametrize("gpu_share", [0.0, 0.5])
def test_it_writes_what_recognize_writes(scans: Path, tmp_path: Path, gpu_share: float) -> None:
    """On the CPU in one stage, for a GPU in three."""
    summary = read(scans, tmp_path / "out", gpu_share=gpu_share)
    assert summary.how == {"read": 4, "decoded": 0, "before": 0, "failed": 0}
    wanted = plainly(scans)
    assert pages_of(tmp_path / "out") == {
        "a.xml": wanted["a.png"],
        "box/b.xml": wanted["box/b.png"],
        "c#1.xml": wanted["c.tif#1"],
        "c#2.xml": wanted["c.tif#2"],
    }
    lines = lines_of(tmp_path / "out")
    assert Counter(line["page"] for line in lines) == {
        f"{scans}/{name}": wanted[name].count("<TextLine ") for name in wanted
    }
    assert summary.lines == len(lines)
    for line in lines:
        assert f"<Unicode>{line['text']}</Unicode>" in wanted[line["page"].removeprefix(f"{scans}/")]
        assert line["model"] == "latin-script"
        assert f'<TextLine id="{line["line_id"]}"' in wanted[line["page"].removeprefix(f"{scans}/")]
        assert line["versions"].startswith("htrkit ")
        assert " ".join(word["text"] for word in line["words"]) == line["text"]
        assert len(line["polygon"]) >= 3


def test_several_models_read_together(scans: Path, tmp_path: Path) -> None:
    model = "ensemble:models=iam,iam,shares=1.0,0.0"
    assert read(scans / "a.png", tmp_path / "out", model=model).how["read"] == 1
    assert pages_of(tmp_path / "out")["a.xml"] == plainly(scans / "a.png", model=model)[f"{scans}/a.png"]


def test_pages_of_a_document_are_shared_out(scans: Path, tmp_path: Path) -> None:
    """Nothing but its name says that it is one."""
    wanted = plainly(scans / "c.tif")
    letters = (scans / "c.tif").rename(scans / "letters.book")
    for _ in range(2):
        summary = read(letters, tmp_path / "out")
        assert summary.pages == 2
        assert not summary.failed
    assert summary.how["before"] == 2
    found = {name: text.replace("letters.book", "c.tif") for name, text in pages_of(tmp_path / "out").items()}
    assert found == {f"letters#{number}.xml": wanted[f"{scans}/c.tif#{number}"] for number in (1, 2)}


def test_what_is_done_is_not_done_again(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(scans, out)
    before = lines_of(out)
    assert read(scans, out).how == {"read": 0, "decoded": 0, "before": 4, "failed": 0}
    (out / "pages" / "c#2.xml").write_text("half")
    (out / "pages" / "a.xml").unlink()
    draw(scans / "box" / "b.png", "other words", "stand here")
    draw(scans / "d.png", "a new page", "has come")
    assert read(scans, out).how == {"read": 4, "decoded": 0, "before": 1, "failed": 0}
    assert pages_of(out).keys() == {"a.xml", "box/b.xml", "c#1.xml", "c#2.xml", "d.xml"}
    lines = lines_of(out)
    assert len({line["page"] for line in lines}) == 5
    assert len({(line["page"], line["order"]) for line in lines}) == len(lines)
    kept = [line for line in before if line["page"].endswith("c.tif#1")]
    assert [line for line in lines if line["page"].endswith("c.tif#1")] == kept


def test_a_file_that_is_only_touched_is_opened_and_not_read(scans: Path, tmp_path: Path) -> None:
    read(scans, tmp_path / "out")
    for file in scans.rglob("*.*"):
        file.touch()
    assert read(scans, tmp_path / "out").how["before"] == 4


def test_another_decoder_needs_no_network_if_outputs_were_kept(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(scans, out, keep_log_probs=True)
    again = read(scans, out, keep_log_probs=True, decoder="beam:beam_width=5")
    assert again.how == {"read": 0, "decoded": 4, "before": 0, "failed": 0}
    wanted = plainly(scans, "beam:beam_width=5")
    assert pages_of(out)["box/b.xml"] == wanted["box/b.png"]
    assert pages_of(out)["c#2.xml"] == wanted["c.tif#2"]
    assert {line["decoder"] for line in lines_of(out)} == {"beam"}
    assert load_outputs(out / "log-probs" / "a.npz").ids[0] == f"{scans}/a.png:1"
    for name, spoilt in (
        ("a", b""),
        ("box/b", (out / "log-probs" / "box/b.npz").read_bytes()[:99]),
        ("c#2", b"PK junk"),
    ):
        assert (out / "log-probs" / f"{name}.npz").exists()
        (out / "log-probs" / f"{name}.npz").write_bytes(spoilt)
    last = read(scans, out, keep_log_probs=True)
    assert last.how == {"read": 3, "decoded": 1, "before": 0, "failed": 0}
    assert read(scans, out, keep_log_probs=True, preprocess="none").how["read"] == 4


def test_outputs_are_those_of_the_results_and_there_if_they_are_wanted(scans: Path, tmp_path: Path) -> None:
    out, kept = tmp_path / "out", tmp_path / "out" / "log-probs" / "a.npz"
    assert read(scans / "a.png", out).how["read"] == 1
    assert read(scans / "a.png", out, keep_log_probs=True).how["read"] == 1
    assert read(scans / "a.png", out, decoder="beam:beam_width=5").how["decoded"] == 1
    assert kept.exists()
    assert read(scans / "a.png", out, preprocess="none").how["read"] == 1
    assert not kept.exists()


def test_files_of_one_name_take_nothing_from_each_other(scans: Path, tmp_path: Path) -> None:
    draw(scans / "second" / "b.png", "other words", "stand here")
    draw(scans / "b.png", "a third page", "of that name")
    out = tmp_path / "out"
    for file in ("box/b.png", "second/b.png", "b.png"):
        assert read(scans / file, out).how["read"] == 1
    assert pages_of(out).keys() == {"b.xml", "second/b.xml", "b_.xml"}
    wanted = plainly(scans)
    assert pages_of(out)["b.xml"] == wanted["box/b.png"]
    assert read(scans / "box", out).how["before"] == 1


def test_names_need_not_be_text(scans: Path, tmp_path: Path) -> None:
    (scans / "a.png").rename(scans / "a\udcff.png")
    for how in ("read", "before"):
        assert read(scans / "a\udcff.png", tmp_path / "out").how[how] == 1


def test_a_page_costs_itself_alone(tmp_path: Path, moody: str) -> None:
    folder = tmp_path / "scans"
    for name in ("good", "hang", "crash", "fat", "fail", "once", "last"):
        draw(folder / f"{name}.png", "a line", "and another")
    (folder / "torn.png").write_bytes((folder / "good.png").read_bytes()[:200])
    summary = read(folder, tmp_path / "out", segmenter=moody, seconds=3.0)
    assert summary.how == {"read": 3, "decoded": 0, "before": 0, "failed": 5}
    reasons = {Path(str(one["page"])).stem: one["reason"] for one in summary.failed}
    assert "took longer than 3 s" in str(reasons["hang"])
    assert "SIGKILL" in str(reasons["crash"])
    assert "MemoryError" in str(reasons["fat"])
    assert "no such page" in str(reasons["fail"])
    assert "damaged or cut off" in str(reasons["torn"])
    assert {one["tries"] for one in summary.failed} == {2}
    assert pages_of(tmp_path / "out").keys() == {"good.xml", "once.xml", "last.xml"}
    # what failed is tried again, what is done is not
    (folder / "hang.png").rename(folder / "calm.png")
    again = read(folder, tmp_path / "out", segmenter=moody, seconds=3.0)
    assert again.how == {"read": 1, "decoded": 0, "before": 3, "failed": 4}


def test_a_part_that_was_not_finished_does_not_count(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(scans, out)
    (out / "lines" / "part-000009-01234567.parquet").write_bytes(b"half a part")
    assert read(scans, out).how["before"] == 4
    assert len(lines_of(out)) == len({(line["page"], line["order"]) for line in lines_of(out)})


def test_what_a_killed_run_leaves_behind_is_in_nobodys_way(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(scans, out)
    for leftover in (
        "manifest/part-a1b2c3d4e5f6-part-000001-01234567.parquet",
        "manifest/notes.txt",
        ".unfinished/part-x",
    ):
        (out / leftover).write_bytes(b"half")
    assert read(scans, out).how["before"] == 4
    assert not (out / ".unfinished" / "part-x").exists()


@pytest.mark.parametrize("damaged", ["manifest", "lines"])
def test_a_part_that_is_damaged_is_read_again(scans: Path, tmp_path: Path, damaged: str) -> None:
    out = tmp_path / "out"
    read(scans, out)
    (file,) = (out / damaged).iterdir()
    file.write_bytes(file.read_bytes()[:300])
    draw(scans / "d.png", "a new page", "has come")
    with pytest.warns(UserWarning, match=r"part-\S+ or its lines are damaged"):
        found = [read(scans, out), read(scans, out)]
    assert sum(summary.how["read"] for summary in found) == 5
    assert len({line["page"] for line in lines_of(out)}) == 5


def test_many_small_parts_become_one(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name in ("a.png", "box/b.png", "c.tif"):
        read(scans / name, out)
    assert len(list((out / "manifest").iterdir())) == 1
    assert len(Parts(Store(str(out))).entries()) == 4
    assert len({line["page"] for line in lines_of(out)}) == 4


def test_pages_that_a_file_has_no_longer_leave_the_tables(scans: Path, tmp_path: Path) -> None:
    out, letters = tmp_path / "out", scans / "c.tif"

    def save(*texts: str) -> None:
        first, *others = (page(text) for text in texts)
        first.save(letters, save_all=True, append_images=others)
        read(scans, out)

    save("one page", "another page", "a third")
    save("one page", "another page")
    kept = {f"{letters}#1", f"{letters}#2", f"{scans}/a.png", f"{scans}/box/b.png"}
    assert {line["page"] for line in lines_of(out)} == kept
    letters.write_bytes(letters.read_bytes()[:100])
    assert read(scans, out).how["failed"] == 1
    assert {line["page"] for line in lines_of(out)} >= kept - {f"{letters}#1"}


def test_a_folder_has_one_run_at_a_time_and_can_be_written_to(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Store(str(out)).locked(), pytest.raises(HtrkitError, match=f"another htrkit bulk writes to {out}"):
        read(scans, out)
    (tmp_path / "file").touch()
    with pytest.raises(HtrkitError, match="file/out cannot be written to: Not a directory"):
        read(scans, tmp_path / "file" / "out")


def test_a_full_disk_ends_the_run_which_goes_on_later(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, write = tmp_path / "out", Path.write_bytes

    def write_two(path: Path, content: bytes) -> int:
        if path.is_relative_to(out) and len(list(out.rglob("*.xml"))) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_two)
    told = rf"^cannot write {out}/pages/\S+\.xml: No space left on device; the same command goes on from here$"
    with pytest.raises(HtrkitError, match=told):
        read(scans, out)
    monkeypatch.setattr(Path, "write_bytes", write)
    assert sum(read(scans, tmp_path / "out").how.values()) == 4
    assert len(pages_of(tmp_path / "out")) == 4


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (HtrkitError("cannot write x: No space left\nFailed after 1 attempt"), "cannot write x: No space left"),
        (OSError(errno.EIO, "bad disk"), "Ray stopped: [Errno 5] bad disk; the same command goes on from here"),
        (RayError("\x1b[36mray::f()\x1b[39m died"), "Ray stopped: ray::f() died; the same command goes on from here"),
    ],
)
def test_what_goes_wrong_in_a_worker_is_told_without_its_traceback(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cause: Exception, told: str
) -> None:
    """As Ray wraps it, which says first where it was raised, and as Ray Data raises that."""

    def read_nothing(*arguments: object) -> Iterator[Row]:
        where = {"proctitle": "ray::f", "pid": 1, "ip": "127.0.0.1"}
        error = RayTaskError("f", "Traceback (most recent call last):\n  …", cause, **where)
        raise error.as_instanceof_cause() from RuntimeError()

    monkeypatch.setattr(run, "read", read_nothing)
    with pytest.raises(HtrkitError) as raised:
        read(scans, tmp_path / "out")
    assert str(raised.value) == told


@pytest.mark.parametrize("gpu_share", [0.0, 0.5])
@pytest.mark.parametrize("keep_log_probs", [False, True])
def test_a_name_that_is_too_long_for_results_costs_its_page_alone(
    scans: Path, tmp_path: Path, gpu_share: float, keep_log_probs: bool
) -> None:
    """Those of a document's pages are longer than its own."""
    (scans / "c.tif").rename(scans / f"{'x' * 251}.tif")
    for how in ("read", "before"):
        summary = read(scans, tmp_path / "out", gpu_share=gpu_share, keep_log_probs=keep_log_probs)
        assert summary.how == {"read": 0, "decoded": 0, "before": 0, "failed": 2} | {how: 2}
        told = "npz: File name too long" if keep_log_probs else "xml: File name too long"
        assert all(str(one["reason"]).endswith(told) for one in summary.failed)
        assert pages_of(tmp_path / "out").keys() == {"a.xml", "box/b.xml"}


def test_a_folder_where_results_would_be_costs_a_page_alone(scans: Path, tmp_path: Path) -> None:
    for name in ("pages/a.xml", "log-probs/box/b.npz"):
        (tmp_path / "out" / name).mkdir(parents=True)
    summary = read(scans, tmp_path / "out")
    assert summary.how == {"read": 3, "decoded": 0, "before": 0, "failed": 1}
    assert "it is a folder" in str(summary.failed[0]["reason"])


def test_parts_become_smaller_at_the_end_and_leave_no_file_out(tmp_path: Path) -> None:
    first = Entry("1.png", 1, False, "1.png", "1")
    files = [(replace(first, file=f"{number}.png"), b"[{}]" if number % 3 else b"[]") for number in range(300)]
    made = [list(entries(part)) for part in parts(files, workers=2)]
    assert {entry.file: data for part in made for entry, data in part} == {entry.file: data for entry, data in files}
    assert sum(map(len, made)) == 300
    assert all(len({data for _, data in part}) == 1 for part in made)
    sizes = [len(part) for part in made if part[0][1] == b"[]"]
    assert sizes[0] == 5
    assert sizes[-1] == 1
    assert sizes == sorted(sizes, reverse=True)


def test_what_is_done_needs_no_process(scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(scans, tmp_path / "out")
    monkeypatch.setattr(Sandbox, "ask", lambda *arguments: pytest.fail("asked"))
    assert read(scans, tmp_path / "out").how["before"] == 4
