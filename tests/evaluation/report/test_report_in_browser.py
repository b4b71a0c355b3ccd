"""The HTML report in headless Chromium: it opens from disk without a complaint, and its controls work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from htrkit.evaluation.report.html import to_html
from tests.evaluation.report import report_case
from tests.evaluation.report.report_case import HOSTILE

pytest.importorskip("selenium", reason="drives the browser")
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if not driver or not chromium:
        pytest.skip("no Chromium with chromedriver here: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-background-networking",
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options=options, service=Service(driver))
    yield found
    found.quit()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    path = folder / "report.html"
    html = to_html(report_case.comparison(folder), samples=report_case.samples(), cache=folder / "cache")
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Any, report: Path) -> Any:
    browser.get_log("browser")
    look(browser, width=1200)
    browser.get(report.as_uri())
    return browser


def look(browser: Any, *, width: int, dark: bool = False, media: str = "screen") -> None:
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def visible(page: Any) -> list[str]:
    """The truths of the lines that are shown, in order."""
    return [
        item.find_element(By.CSS_SELECTOR, ".text").get_property("textContent")
        for item in page.find_elements(By.CSS_SELECTOR, "#list > li")
        if item.is_displayed()
    ]


def test_it_opens_without_errors_and_hostile_texts_do_nothing(page: Any) -> None:
    assert page.get_log("browser") == []
    assert page.title.startswith(f"Decoders compared: data {HOSTILE} read with bars, ")
    assert HOSTILE in visible(page)
    images = page.find_elements(By.CSS_SELECTOR, "#list img")
    assert images
    assert all(page.execute_script("return arguments[0].naturalWidth > 0", image) for image in images)


def test_the_filter_finds_lines(page: Any) -> None:
    every = visible(page)
    find = page.find_element(By.ID, "find")
    find.send_keys("NEEDLE")
    assert visible(page) == ["needle in hay"]
    assert page.find_element(By.ID, "count").text == f"1 of {len(every)} lines"
    find.send_keys(" that nobody wrote")
    assert visible(page) == []
    assert page.find_element(By.ID, "none").is_displayed()
    find.send_keys(Keys.ESCAPE)
    assert visible(page) == every


def test_lines_by_who_reads_them_right(page: Any) -> None:
    every = visible(page)
    show = Select(page.find_element(By.ID, "show"))
    show.select_by_value("right:1")
    right = visible(page)
    show.select_by_value("wrong:1")
    wrong = visible(page)
    assert sorted(right + wrong) == sorted(every)
    assert wrong == ["aab"]
    show.select_by_value("worst:1")
    assert visible(page) == ["aab"]


def test_lines_are_sorted(page: Any) -> None:
    sort = Select(page.find_element(By.ID, "sort"))
    sort.select_by_value("length")
    lengths = [len(text) for text in visible(page)]
    assert lengths == sorted(lengths, reverse=True)
    sort.select_by_value("number")
    assert visible(page)[:2] == report_case.TRUTHS[:2]


def test_the_keyboard_suffices(page: Any) -> None:
    body = page.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert page.switch_to.active_element.text == "Skip to the lines"
    body.send_keys(Keys.TAB)
    reached = set()
    for _ in range(60):
        active = page.switch_to.active_element
        reached.add(active.tag_name)
        active.send_keys(Keys.TAB)
    assert {"button", "input", "select", "summary"} <= reached
    page.find_element(By.TAG_NAME, "body").click()
    page.find_element(By.TAG_NAME, "body").send_keys("/")
    assert page.switch_to.active_element.get_attribute("id") == "find"
    summary = page.find_element(By.TAG_NAME, "summary")
    summary.send_keys(Keys.ENTER)
    assert page.find_element(By.CSS_SELECTOR, "details[open] .map img").is_displayed()


def test_tables_sort_by_a_click_and_by_a_key(page: Any) -> None:
    table = page.find_element(By.CSS_SELECTOR, "table.sortable")
    button = table.find_elements(By.CSS_SELECTOR, "thead button")[1]

    def rates() -> list[float]:
        return [
            float(row.find_elements(By.CSS_SELECTOR, "td")[0].text)
            for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")
        ]

    button.click()
    assert rates() == sorted(rates())
    button.send_keys(Keys.ENTER)
    assert rates() == sorted(rates(), reverse=True)
    assert table.find_elements(By.CSS_SELECTOR, "thead th")[1].get_attribute("aria-sort") == "descending"


def test_what_the_network_saw_stands_under_the_line(page: Any) -> None:
    page.find_element(By.TAG_NAME, "summary").click()
    shown = page.find_element(By.CSS_SELECTOR, "details[open] .map")
    seen, rows = (shown.find_element(By.CSS_SELECTOR, f"img.{name}").rect for name in ("seen", "rows"))
    assert (seen["x"], seen["width"]) == (rows["x"], rows["width"])
    assert seen["y"] + seen["height"] <= rows["y"] + 1


def brightness(page: Any, path: Path) -> float:
    page.save_screenshot(str(path))
    return float(cv2.imread(str(path)).mean())


def test_it_is_readable_in_the_dark_on_a_phone_and_in_print(page: Any, tmp_path: Path) -> None:
    light = brightness(page, tmp_path / "light.png")
    look(page, width=1200, dark=True)
    dark = brightness(page, tmp_path / "dark.png")
    assert light > 200
    assert dark < 80
    image = page.find_element(By.CSS_SELECTOR, ".writing")
    image.screenshot(str(tmp_path / "image.png"))
    assert cv2.imread(str(tmp_path / "image.png")).mean() < 128
    look(page, width=390)
    assert page.execute_script("return document.documentElement.scrollWidth") <= 390
    table = page.find_element(By.CSS_SELECTOR, ".scroll")
    assert table.get_property("scrollWidth") > table.get_property("clientWidth")
    assert "linear-gradient" in table.value_of_css_property("background-image")  # its edge shows that there is more
    look(page, width=1200, dark=True, media="print")
    assert page.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.find_element(By.ID, "controls").is_displayed()
    printed = page.execute_cdp_cmd("Page.printToPDF", {})
    assert len(printed["data"]) > 10_000
    assert page.get_log("browser") == []
