"""The real command, with Ray: on this machine alone, on a cluster with two nodes, on object storage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bulk_kills
import fsspec
import psutil
import pytest
from drawn_pages import draw, page


def htrkit(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "htrkit", *map(str, arguments)]
    env = os.environ | environment
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an S3 server on this machine."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    pytest.importorskip("s3fs")
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "FSSPEC_S3_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "something",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.config.set_conf_env(fsspec.config.conf)
    storage = fsspec.filesystem("s3")
    storage.mkdir("archive")
    yield "s3://archive"
    server.stop()


def test_from_object_storage_to_object_storage(bucket: str, tmp_path: Path) -> None:
    storage = fsspec.filesystem("s3")
    for name in ("1.png", "box/2.png"):
        storage.put_file(str(draw(tmp_path / name, "the garden", "is here")), f"archive/scans/{name}")
    storage.pipe_file("archive/scans/torn.png", b"\x89PNG\r\n\x1a\nno more")
    # whose name is not that of an image: its pages go from stage to stage
    page("of several").save(tmp_path / "letters", "TIFF", save_all=True, append_images=[page("another")])
    storage.put_file(str(tmp_path / "letters"), "archive/letters.book")
    (tmp_path / "letters").unlink()
    command = ("bulk", f"{bucket}/scans", f"{bucket}/letters.book", "--out", f"{bucket}/read", "--json", "--workers", 1)
    run = htrkit(*command)
    assert run.returncode == 1, run.stderr
    summary = json.loads(run.stdout)
    assert summary["how"] == {"read": 4, "decoded": 0, "before": 0, "failed": 1}
    assert summary["failed"][0]["page"] == f"{bucket}/scans/torn.png"
    assert (
        "skipped s3://archive/scans/torn.png: begins like a PNG image, but its header is damaged (tried 2 times)"
        in run.stderr
    )
    assert "ray" not in run.stderr.lower()
    names = ("letters#1.xml", "letters#2.xml", "scans/1.xml", "scans/box/2.xml")
    assert storage.find("archive/read/pages") == [f"archive/read/pages/{name}" for name in names]
    plain = htrkit("recognize", tmp_path, "--format", "page-xml", "--output", tmp_path / "plain")
    assert plain.returncode == 0, plain.stderr
    (tmp_path / "found.xml").write_bytes(storage.cat_file("archive/read/pages/scans/box/2.xml"))
    assert bulk_kills.without_times(tmp_path / "found.xml") == bulk_kills.without_times(tmp_path / "plain/box/2.xml")
    storage.rm_file("archive/scans/torn.png")
    again = htrkit(*command)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["how"] == {"read": 0, "decoded": 0, "before": 4, "failed": 0}


def test_two_nodes_under_kills(tmp_path: Path) -> None:
    """A few of what `scripts/bulk_kills.py` does to 300 pages."""
    bulk_kills.draw_pages(tmp_path / "scans", 16, 2, seed=1)
    plain = htrkit("recognize", tmp_path / "scans", "--format", "page-xml", "--output", tmp_path / "plain")
    assert plain.returncode == 0, plain.stderr
    with bulk_kills.cluster() as address:
        killed = bulk_kills.read_under_kills(tmp_path / "scans", tmp_path / "out", address, kills=2, seed=3)
    assert killed.total() >= 1  # the pages may be read before the second
    assert bulk_kills.differences(tmp_path / "plain", tmp_path / "out") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such.png", "--decoder", "nonesuch"], "no decoder named 'nonesuch'"),
        (["no-such.csv"], "is no table of paths"),
        (["no-such.png", "--format", "nonesuch"], "no writer named 'nonesuch'"),
        (["no-such.png", "--model", "ensemble:models=iam,open", "--keep-log-probs"], "an ensemble has several"),
    ],
)
def test_what_cannot_be_is_said_before_ray_is_started(arguments: list[str], said: str, tmp_path: Path) -> None:
    run = htrkit("bulk", *arguments, "--out", tmp_path / "out")
    assert run.returncode in (1, 2)
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()


def test_a_place_for_results_that_there_is_not(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", "a page")
    run = htrkit("bulk", tmp_path / "a.png", "--out", "bogus://x")
    assert run.returncode == 2
    assert run.stderr.startswith("error: bogus://x is no place for results: Protocol not known: bogus")


@pytest.mark.parametrize("moment", ["start", "Ray", "first page"])
def test_interrupted_it_leaves_nothing_running(moment: str, tmp_path: Path) -> None:
    bulk_kills.draw_pages(tmp_path / "scans", 40, 3, seed=1)
    command = [sys.executable, "-m", "htrkit", "bulk", tmp_path / "scans", "--out", tmp_path / "out", "--workers", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    watched, started = psutil.Process(process.pid), time.monotonic()
    while not {
        "start": lambda: watched.children(),
        "Ray": lambda: len(watched.children(recursive=True)) > 2,
        "first page": lambda: any(tmp_path.glob("out/pages/*")),
    }[moment]():
        assert time.monotonic() < started + 200
        time.sleep(0.05)
    others = watched.children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=200)
    assert (process.returncode, err.splitlines()[-1]) == (130, "interrupted")
    assert "Traceback" not in err
    assert err.count("interrupted") == 1
    psutil.wait_procs(others, timeout=60)
    assert [other for other in others if other.is_running()] == []
