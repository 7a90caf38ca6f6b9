"""The driver's page in a real browser: light and dark, wide and narrow, keyboard, contrast, and no console errors."""

import json
import signal

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from browser import Browser
from processes import Process, wait_until
from web_cluster import TOKEN, WebCluster, events, features, pipeline

HOSTILE = "<img src=x onerror=\"document.title='owned'\"> & <b>bold</b>"


@pytest.fixture(scope="module")
def browser():
    with Browser(1280) as browser:
        yield browser


def open_page(browser, url):
    browser.open(url)
    browser.wait(lambda: browser.all("main section"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A driver with a finished job, two failed jobs, and a worker that was killed during a task."""
    folder = tmp_path_factory.mktemp("page")
    events(folder, number=600_000)
    with WebCluster(folder, workers=2, options=["--event-log", folder / "log"]) as cluster:
        # Stopped workers keep their tasks running until the test has seen them.
        for worker in cluster.workers:
            worker.process.send_signal(signal.SIGSTOP)
        assert cluster.submit(pipeline(folder), id="nightly", name=HOSTILE)[0] == 201

        def has_running_tasks():
            page = json.loads(cluster.call("/api/v1/jobs/nightly/detail")[2])
            return page["stages"] and page["stages"][0]["active"] == 2

        wait_until(has_running_tasks, "both tasks run", interval=0.01)
        cluster.workers[0].stop(kill=True)
        cluster.workers[1].process.send_signal(signal.SIGCONT)
        cluster.wait("nightly", "done")
        cluster.submit(features(folder / "<nowhere>"), id="no-input")
        broken = folder / "broken" / "raw"
        broken.mkdir(parents=True)
        (broken / "events.jsonl").write_text("not an event\n" * 100)
        cluster.submit(features(broken.parent), id="broken")
        wait_until(lambda: {job["state"] for job in cluster.json("/api/v1/jobs")[1]["jobs"]} == {"done", "failed"}, "all jobs have ended")
        yield cluster


LOOKS = [(dark, width) for dark in (False, True) for width in (1280, 390)]

# The contrast of every visible text with its background, as defined by WCAG 2.
CONTRAST = """
const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const parse = (text) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
};
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const over = (front, back) => front.slice(0, 3).map((value, index) => value * front[3] + back[index] * (1 - front[3]));
const behind = (element) => {
  const layers = [];
  for (let one = element; one; one = one.parentElement) {
    const box = one.namespaceURI.endsWith("svg") ? null : parse(getComputedStyle(one).backgroundColor);
    if (box && box[3] > 0) { layers.push(box); if (box[3] === 1) break; }
  }
  let color = [255, 255, 255];
  for (const layer of layers.reverse()) color = over(layer, color);
  return color;
};
const found = [];
let seen = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("noscript, title, dialog:not([open])")) continue;
  seen += 1;
  const style = getComputedStyle(element);
  const isSvg = element.namespaceURI.endsWith("svg");
  let back = behind(element);
  if (isSvg) {
    const box = element.parentElement.querySelector(":scope > rect.box");
    if (box) back = parse(getComputedStyle(box).fill);
  }
  const front = over(parse(isSvg ? style.fill : style.color), back);
  const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${walker.currentNode.data.trim().slice(0, 40)}`);
}
return [seen, found];
"""


def check_layout(browser, min_texts):
    seen, weak = browser.run(CONTRAST)
    assert seen > min_texts and weak == [], weak
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    # Every control and image has an accessible name.
    assert browser.run("""
      return [...document.querySelectorAll("a, button, input, [role=region], svg[role=img]")]
        .filter((one) => !(one.innerText || one.getAttribute("aria-label") || one.labels?.length || one.querySelector("img"))).length""") == 0
    assert browser.console_errors() == []


@pytest.mark.parametrize("dark,width", LOOKS)
def test_cluster_page(cluster, browser, dark, width):
    browser.show(width, dark=dark)
    open_page(browser, cluster.url + "/")
    assert browser.run("return document.title") == "Cluster – Swiftlet"
    problems, text = browser.text("#problems"), browser.text("main")
    assert "was lost" in problems, "problems come first"
    assert HOSTILE in text and "nightly" in text and "there is no" in text.lower() or "<nowhere>" in text
    assert text.count("failed") >= 2 and "are not events" in text, "the list shows errors of failed jobs"
    assert "ready" in text and "Former workers" in text and "2 GiB" in text
    assert browser.run("return [...document.querySelectorAll('img')].every((one) => one.src.endsWith('/assets/icon.svg'))")
    check_layout(browser, 60)
    browser.driver.save_screenshot(str(cluster.folder / f"cluster-{dark}-{width}.png"))


@pytest.mark.parametrize("dark,width", LOOKS)
def test_job_page(cluster, browser, dark, width):
    browser.show(width, dark=dark)
    open_page(browser, cluster.url + "/#/jobs/nightly")
    browser.wait(lambda: "iterate" in browser.text("main"))
    text = browser.text("main")
    for part in [HOSTILE, "scan and aggregate", "merge and write", "lost", "the worker is gone", "Skew", "Median", "step 2 of 2", "5 segments"]:
        assert part in text, part
    assert browser.run("return document.querySelectorAll('.graph .edge').length") >= 1
    assert browser.run("return document.querySelectorAll('.time .lane').length") == 2, "one lane per worker"
    assert browser.run("return document.querySelectorAll('.time .fail').length") >= 1, "failures are marked"
    assert browser.run("return document.title") == f"done – {HOSTILE} – Swiftlet"
    check_layout(browser, 150)
    browser.driver.save_screenshot(str(cluster.folder / f"job-{dark}-{width}.png"))


def test_failed_job_shows_the_error_first(cluster, browser):
    browser.show(1280)
    open_page(browser, cluster.url + "/#/jobs/broken")
    note = browser.wait(lambda: browser.all("main .note.error"))[0]
    assert "100 of 100 lines" in note.text and note.location["y"] < 250
    open_page(browser, cluster.url + "/#/jobs/no-input")
    assert "<nowhere>" in browser.wait(lambda: browser.text("main .note.error"))
    check_layout(browser, 20)


def test_unknown_job(cluster, browser):
    browser.open(cluster.url + "/#/jobs/nobody")
    browser.wait(lambda: "Job nobody not found" in browser.text("main"))
    browser.driver.get(cluster.url + "/#/jobs/%zz")
    browser.wait(lambda: browser.all("main section"))
    assert browser.console_errors() == []


def test_keyboard(cluster, browser):
    browser.show(1280)
    open_page(browser, cluster.url + "/")
    browser.press(Keys.TAB)
    assert browser.run("return document.activeElement.className") == "skip"
    reached = []
    for _ in range(40):
        browser.press(Keys.TAB)
        reached.append(browser.run("return document.activeElement.innerText"))
        assert browser.run("""
          const style = getComputedStyle(document.activeElement);
          return document.activeElement === document.body || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)"""), reached
        if reached[-1] == "nightly":
            break
    assert reached[-1] == "nightly", reached
    assert any(text.startswith("failed") for text in reached), "the filters are reachable"
    browser.press(Keys.ENTER)
    browser.wait(lambda: "iterate" in browser.text("main"))
    assert browser.run("return document.activeElement.id") == "main", "the new page has the focus"
    browser.run("history.back()")
    browser.wait(lambda: browser.run("return document.title") == "Cluster – Swiftlet")


def test_filters_survive_updates(cluster, browser):
    browser.show(1280)
    open_page(browser, cluster.url + "/")
    button = next(one for one in browser.all(".filters button") if one.text.startswith("failed"))
    button.click()
    browser.wait(lambda: "nightly" not in browser.text("main section"))
    uptime = browser.text("#facts")
    browser.wait(lambda: browser.text("#facts") != uptime)
    assert "nightly" not in browser.text("main section") and "broken" in browser.text("main section")
    assert browser.run("return document.activeElement.innerText").startswith("failed"), "the focus stays"


def test_live_and_cancel(browser, tmp_path):
    """The page follows a job from the start and cancels it with the token, without a reload."""
    events(tmp_path, number=10_000)
    # Without workers, so that the job never ends by itself.
    with WebCluster(tmp_path, workers=0, state=False) as cluster:
        follow_and_cancel(cluster, browser, tmp_path)


def follow_and_cancel(cluster, browser, folder):
    browser.show(1280)
    browser.open(cluster.url + "/")
    browser.wait(lambda: "No jobs yet" in browser.text("main") and "No workers yet" in browser.text("main"))
    browser.run("window.notReloaded = true")
    assert cluster.submit(pipeline(folder), id="followed")[0] == 201
    browser.wait(lambda: next(one for one in browser.all("main a") if one.text == "followed")).click()
    browser.wait(lambda: "running" in browser.text(".title") and browser.all(".graph"))
    browser.wait(lambda: next(one for one in browser.all("main button") if one.text == "Cancel…")).click()
    browser.wait(lambda: browser.run("return document.activeElement.id") == "token")
    browser.press("wrong", Keys.ENTER)
    browser.wait(lambda: "Wrong driver token" in browser.text("#cancel-error"))
    browser.press(Keys.ESCAPE)
    browser.wait(lambda: not browser.run("return document.getElementById('cancel').open"))
    assert cluster.json("/api/v1/jobs/followed")[1]["state"] == "running"
    browser.wait(lambda: next(one for one in browser.all("main button") if one.text == "Cancel…")).click()
    browser.wait(lambda: browser.run("return document.activeElement.id") == "token")
    webdriver.ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
    browser.press(TOKEN, Keys.ENTER)
    browser.wait(lambda: "cancelled" in browser.text(".title"))
    assert not [one for one in browser.all("main button") if one.text == "Cancel…"]
    assert browser.run("return window.notReloaded") is True
    # The console shows only the expected 401.
    assert all("401" in message for message in browser.console_errors())


def test_driver_restart(cluster, browser):
    browser.show(1280)
    open_page(browser, cluster.url + "/")
    cluster.driver.stop(kill=True)
    browser.wait(lambda: browser.text("#live") == "disconnected")
    assert "The driver is not responding" in browser.text("#problems") and "nightly" in browser.text("main"), "the last known state stays"
    seen, weak = browser.run(CONTRAST)
    assert seen > 20 and weak == [], weak
    cluster.start()
    browser.wait(lambda: browser.text("#live") == "live")
    browser.wait(lambda: "ready" in browser.text("main") and "not responding" not in browser.text("#problems"))
    browser.console_errors()


def test_history(cluster, browser):
    with Process("swift-driver", "--history", cluster.folder / "log", "--http", "127.0.0.1:0", until="page at") as history:
        url = history.wait_for("page at").split("page at ")[1].rstrip("/")
        browser.show(1280)
        open_page(browser, url + "/")
        assert "nightly" in browser.text("main") and browser.run("return document.title") == "History – Swiftlet"
        open_page(browser, url + "/#/jobs/nightly")
        browser.wait(lambda: "iterate" in browser.text("main"))
        assert "the worker is gone" in browser.text("main") and browser.all(".time .fail")
        check_layout(browser, 150)
