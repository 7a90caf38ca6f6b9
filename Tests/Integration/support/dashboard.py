"""Runs deploy/dashboard and opens its views in a browser."""

import os
import pathlib
import subprocess
import sys
import time
import urllib.request

from processes import free_port
from project import ROOT

APP = ROOT / "deploy/dashboard/streamlit_app.py"
LIMIT = 60
CHART = "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
TABLE = "[data-testid=stDataFrame] canvas"
BUSY = "[data-stale=true], [data-testid=stStatusWidget]"


class Dashboard:
    """Streamlit on a free port. `root`: a folder or s3://bucket/prefix. Writes its output to the file `log`."""

    def __init__(self, root, log, env=None):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", APP, "--server.headless=true", "--server.address=127.0.0.1",
                 f"--server.port={port}", "--browser.gatherUsageStats=false", "--client.toolbarMode=viewer", "--", str(root)],
                stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})

    def wait(self):
        """Waits until Streamlit responds."""
        end = time.monotonic() + LIMIT
        while True:
            try:
                urllib.request.urlopen(self.url + "_stcore/health", timeout=5)
                return self
            except OSError:
                assert self.process.poll() is None and time.monotonic() < end, pathlib.Path(self.log).read_text()
                time.sleep(0.1)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(LIMIT)
        finally:
            self.process.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def show(self, browser, name, chart=True):
        """Opens a view in a new page and waits until it is rendered completely."""
        browser.driver.get(self.url)
        choice = browser.wait(lambda: next(
            label for label in browser.all("[role=radiogroup] label") if label.get_attribute("textContent").strip() == name))
        # By script, because a narrow page hides the choice behind a button.
        browser.run("arguments[0].click()", choice)
        browser.wait(lambda: any(heading.text.startswith(name) for heading in browser.all("h2")))
        if chart:
            browser.wait(lambda: browser.all(CHART))
        browser.wait(lambda: browser.all(TABLE))
        browser.wait(lambda: not browser.all(BUSY))
        assert not browser.all("[data-testid=stException]")
