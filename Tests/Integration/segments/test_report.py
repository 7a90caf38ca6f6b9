"""The report page of the segment step in a browser."""

import json
import os
import pathlib

import duckdb
import numpy as np
import pandas
import pytest

from browser import Browser, brightness, colors
from processes import generate_events, submit

SHOTS = os.environ.get("SWIFTLET_SCREENSHOTS")
EVIL = ['<script>document.title="hit"</script>', '"><img src=x onerror=alert(1)>', "a&amp;b", "Größe ‮x", "a" * 120]


def screenshot_path(name):
    return pathlib.Path(SHOTS) / f"{name}.png" if SHOTS else None


def segment(folder, **parameters):
    [step] = submit([{"type": "segment", "output": str(folder / "segments"), **parameters}])["steps"]
    assert step["report"] == str(folder / "segments/_report.html")
    return pathlib.Path(step["report"])


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("report")
    generate_events(root / "raw", 100_000, 2000, days=14)
    submit([
        {"type": "features", "input": str(root / "raw"), "output": str(root / "features"), "startDate": "2025-04-01",
         "endDate": "2025-04-14"}])
    return segment(root, input=str(root / "features"), clusters="auto", seed=1)


def test_page_in_a_browser(page):
    model = json.loads((page.parent / "_model.json").read_text())
    with Browser() as browser:
        browser.open(page.as_uri())
        bars = browser.all(".sizes rect")
        widths = [float(bar.get_attribute("width").rstrip("%")) for bar in bars]
        assert widths == pytest.approx([100 * size / model["sizes"][0] for size in model["sizes"]], abs=0.01)
        articles = browser.all("article")
        assert len(articles) == len(model["segments"])
        for article, one in zip(articles, model["segments"]):
            assert one["label"] in article.text and one["distinctive"][0]["column"] in article.text
        cells = browser.all("svg[aria-label='Heat map of centroids'] rect")
        assert len(cells) == len(model["columns"]) * len(model["segments"])
        assert len(browser.all("circle.chosen")) == 1
        for dark in (False, True):
            for width in (1200, 360):
                browser.show(width, 2600, dark)
                image = browser.screenshot(screenshot_path(f"report-{width}-{'dark' if dark else 'light'}"))
                assert colors(image) > 50 and (brightness(image) < 60) == dark
                assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.console_errors() == []


def test_page_is_one_file_and_part_of_the_output(page):
    text = page.read_text()
    for outside in ("http:", "https:", "src=", "@import", "url(", "<script", "<link"):
        assert outside not in text
    listed = json.loads((page.parent / "_SUCCESS").read_text())["sideFiles"]
    assert {"name": "_report.html", "rows": 0, "bytes": page.stat().st_size} in listed
    # Readers of the table ignore it.
    assert duckdb.sql(f"SELECT count(*) FROM '{page.parent}/*.parquet'").fetchall() == [(2000,)]


def test_report_shows_at_most_forty_segments(tmp_path):
    frame = pandas.DataFrame({"user_id": [f"u{i}" for i in range(60)], "place": [float(i) for i in range(60)]})
    frame.to_parquet(tmp_path / "table.parquet")
    text = segment(tmp_path, input=str(tmp_path / "table.parquet"), clusters=50).read_text()
    assert text.count("<article>") == 40 and "10 smaller segments are not shown." in text


def test_column_names_are_escaped(tmp_path):
    rows = np.random.default_rng(1).normal(size=(400, len(EVIL))) * 3 + np.repeat([[0], [8]], 200, axis=0)
    named = ", ".join('column{} AS "{}"'.format(i, name.replace('"', '""')) for i, name in enumerate(EVIL))
    names = [f"column{i}" for i in range(len(EVIL))]
    frame = pandas.DataFrame(rows, columns=names)
    frame["user_id"] = [f"u{i}" for i in range(len(frame))]
    duckdb.sql(f"COPY (SELECT user_id, {named} FROM frame) TO '{tmp_path}/table.parquet'")
    page = segment(tmp_path, input=str(tmp_path / "table.parquet"), clusters=2)
    with Browser(360) as browser:
        browser.open(page.as_uri())
        assert browser.driver.title == "User segments"
        assert not browser.all("script, img")
        text = browser.run("return document.querySelector('main').textContent")
        for name in EVIL:
            assert name.replace("‮", "�") in text
        assert browser.run("return document.documentElement.scrollWidth") <= 360
        assert browser.console_errors() == []
