"""deploy/dashboard as a process, and its views in a browser."""

import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from project import ROOT

APP = ROOT / "deploy/dashboard/streamlit_app.py"
LIMIT = 60
DRAWN = "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
TABLE = "[data-testid=stDataFrame] canvas"
BUSY = "[data-stale=true], [data-testid=stStatusWidget]"


class Dashboard:
    """Streamlit on a port of its own. `root`: a folder or s3://bucket/prefix. It writes to the file `log`."""

    def __init__(self, root, log, env=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", APP, "--server.headless=true", "--server.address=127.0.0.1",
                 f"--server.port={port}", "--browser.gatherUsageStats=false", "--client.toolbarMode=viewer", "--", str(root)],
                stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})

    def wait(self):
        """Until it answers."""
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

    def show(self, driver, name, chart=True):
        """Opens a view, from a fresh page, and waits until all of it is drawn."""
        wait = WebDriverWait(driver, LIMIT)
        driver.get(self.url)
        choice = wait.until(lambda d: [
            label for label in d.find_elements(By.CSS_SELECTOR, "[role=radiogroup] label")
            if label.get_attribute("textContent").strip() == name])
        # By script: on a narrow page the choice is behind a button.
        driver.execute_script("arguments[0].click()", choice[0])
        wait.until(lambda d: any(e.text.startswith(name) for e in d.find_elements(By.TAG_NAME, "h2")))
        if chart:
            wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, DRAWN))
        wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, TABLE))
        wait.until(lambda d: not d.find_elements(By.CSS_SELECTOR, BUSY))
        assert not driver.find_elements(By.CSS_SELECTOR, "[data-testid=stException]")
