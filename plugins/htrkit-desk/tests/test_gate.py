"""Strangers' pages and machines get nothing from the desk, and its own page can do nothing that it should not."""

from __future__ import annotations

import re
from pathlib import Path

import htrkit_desk.gate
import pytest
from desk_requests import Serve
from htrkit_desk.gate import POLICY
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "[::1",
        "192.168.1.5",
    ],
)
def test_names_that_lead_here_from_elsewhere_are_refused(desk: TestClient, host: str) -> None:
    answer = desk.get("/api/project", headers={"Host": host})
    assert answer.status_code == 421
    assert "error" in answer.json()


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "LOCALHOST"])
def test_the_machine_itself_is_known(desk: TestClient, host: str) -> None:
    assert desk.get("/api/project", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_sites_are_refused(desk: TestClient, headers: dict[str, str], method: str) -> None:
    answer = desk.request(method, "/api/jobs", headers=headers)
    assert (answer.status_code, answer.headers["x-frame-options"]) == (403, "DENY")


def test_a_length_of_thousands_of_digits_is_refused(desk: TestClient) -> None:
    assert desk.post("/api/jobs", headers={"Content-Length": "9" * 5000}).status_code == 413


def test_its_own_page_is_let_in(desk: TestClient) -> None:
    headers = {"Origin": "http://127.0.0.1:8765", "Sec-Fetch-Site": "same-origin"}
    assert desk.put("/api/settings", headers=headers, json={}).status_code == 200


def test_a_link_to_the_page_can_be_followed(desk: TestClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert desk.get("/", headers=headers).status_code == 200
    assert desk.get("/api/project", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/settings"),
        ("POST", "/api/pages"),
        ("DELETE", "/api/pages/page%201.png"),
        ("PUT", "/api/pages/page%201.png"),
        ("POST", "/api/jobs"),
        ("DELETE", "/api/jobs/x"),
    ],
)
def test_what_changes_something_needs_a_header_that_forms_cannot_send(desk: TestClient, method: str, path: str) -> None:
    answer = desk.request(method, path, headers={"X-Htrkit": "0"})
    assert (answer.status_code, "X-Htrkit" in answer.json()["error"]) == (403, True)


def test_beyond_loopback_a_token_is_needed(folder: Path, serve: Serve) -> None:
    desk = serve(folder, addresses=True, names={"archive.local"}, token="s3cret")
    for headers in ({"Host": "192.168.1.5:8765"}, {"Host": "archive.local"}):
        assert desk.get("/api/project", headers=headers).status_code == 401
        assert desk.get("/static/app.js", headers=headers).status_code == 401
    assert desk.get("/?token=wrong", follow_redirects=False).status_code == 401
    assert desk.get("/api/project?token=s3cret").status_code == 401
    answer = desk.get("/?token=s3cret", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert desk.get("/api/project").status_code == 200
    assert desk.get("/api/project", headers={"Host": "evil.example"}).status_code == 421


def test_every_answer_says_what_a_browser_may_do_with_it(desk: TestClient) -> None:
    for path in ("/", "/api/project", "/api/nothing", "/static/nothing", "/api/pages/page%201.png/image"):
        headers = desk.get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in POLICY
    assert (
        "access-control-allow-origin"
        not in desk.get("/api/project", headers={"Origin": "http://127.0.0.1:8765"}).headers
    )


@pytest.mark.parametrize("announced", [True, False])
def test_larger_requests_than_needed_are_refused(
    desk: TestClient, monkeypatch: pytest.MonkeyPatch, announced: bool
) -> None:
    monkeypatch.setattr(htrkit_desk.gate, "MAX_JSON", 1 << 10)
    content = b"{" + b" " * (1 << 11) + b"}"
    given = content if announced else iter([content[:700], content[700:]])
    answer = desk.put("/api/settings", content=given)
    assert answer.status_code == 413
    assert "error" in answer.json()


def test_larger_files_than_may_be_are_refused(desk: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(htrkit_desk.gate, "MAX_UPLOAD", 1 << 20)
    before = sorted(folder.rglob("*"))
    answer = desk.post("/api/pages", files=[("file", ("large.png", b"\x89PNG" + bytes(1 << 21)))])
    assert (answer.status_code, answer.json()["error"]) == (413, "more than 1 MB are not taken")
    assert sorted(folder.rglob("*")) == before


def test_the_page_has_no_script_or_style_in_it(desk: TestClient) -> None:
    page = desk.get("/").text
    assert re.findall(r"<script(?![^>]* src=\"/static/)|<style|\son\w+=|\sstyle=|javascript:|https?://", page) == []
    sources = [path.read_text("utf-8") for path in Path(htrkit_desk.gate.__file__).parent.glob("static/js/*.js")]
    assert [
        name for text in sources for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(") if name in text
    ] == []


def test_a_length_that_is_no_number_is_refused(desk: TestClient) -> None:
    answer = desk.put("/api/settings", headers={"Content-Length": "many"}, content=b"{}")
    assert answer.status_code == 413


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"version": NaN, "lines": 3}'])
def test_requests_that_make_no_sense_get_a_sentence(desk: TestClient, content: bytes) -> None:
    answer = desk.put("/api/pages/page%201.png", content=content)
    assert answer.status_code in (400, 409)
    assert "\n" not in answer.json()["error"]
    assert "Traceback" not in answer.text


def test_what_nobody_foresaw_is_said_without_a_traceback(desk: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("htrkit_desk.project_answers.search", lambda *_: 1 / 0)
    answer = desk.get("/api/search?q=a")
    assert (answer.status_code, answer.json()) == (500, {"error": "unexpected: ZeroDivisionError: division by zero"})
