"""A driver with a web page, and workers, as processes on loopback."""

import json
import os
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request

from project import BIN

LIMIT = 120
TOKEN = "the token of this test"


class Process:
    """A program. Keeps the lines it writes to stderr."""

    def __init__(self, name, *arguments, until, env=None):
        self.process = subprocess.Popen(
            [BIN / name, *map(str, arguments)], stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        self.lines = []
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.wait_for(until)

    def read(self):
        for line in self.process.stderr:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.lines.append("(end)")
            self.changed.notify_all()

    def wait_for(self, text, count=1):
        with self.changed:
            done = self.changed.wait_for(
                lambda: sum(text in line for line in self.lines) >= count or "(end)" in self.lines, LIMIT)
            found = [line for line in self.lines if text in line]
        assert done and len(found) >= count, f"no {text!r} in {self.lines}"
        return found[count - 1]

    def end(self, kill=False):
        if self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()


class WebCluster:
    """`env`: more environment variables for driver and workers."""

    def __init__(self, folder, workers=1, state=True, token=TOKEN, options=(), env=None):
        self.folder = folder
        self.options = list(options)
        self.env = env
        if state:
            self.options += ["--state", folder / "state"]
        if token:
            secret = folder / "token"
            secret.write_text(token + "\n")
            secret.chmod(0o600)
            self.options += ["--token-file", secret]
        self.workers = []
        self.driver = None
        self.address = self.http = "127.0.0.1:0"
        self.start()
        try:
            for _ in range(workers):
                self.worker()
        except BaseException:
            self.close()
            raise

    def start(self):
        """Starts the driver. A restarted driver listens on the same ports."""
        self.driver = Process(
            "swift-driver", "--listen", self.address, "--http", self.http, *self.options, until="listening on", env=self.env)
        self.address = re.search(r"listening on (\S+)", self.driver.wait_for("listening on")).group(1)
        self.url = re.search(r"page at (\S+)/", self.driver.wait_for("page at")).group(1)
        self.http = self.url.removeprefix("http://")

    def worker(self, *options):
        process = Process("swift-worker", "--driver", self.address, "--cores", "1", *options, until="joined", env=self.env)
        self.workers.append(process)
        return process

    def close(self):
        for process in [*self.workers, self.driver]:
            process.end(kill=process is not self.driver)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def call(self, path, body=None, token=None, method=None, headers=None):
        """Sends a request. Returns status, headers and body."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method or ("POST" if data is not None else "GET"))
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def json(self, path, body=None, token=TOKEN, method=None):
        status, _, text = self.call(path, body, token if body is not None or method == "POST" else None, method)
        return status, json.loads(text)

    def submit(self, job, **more):
        return self.json("/api/v1/jobs", {"job": job, **more})

    def wait(self, job, *states, limit=LIMIT):
        """Waits until a job is in one of the states. Returns the job."""
        end = time.monotonic() + limit
        while True:
            status, record = self.json(f"/api/v1/jobs/{job}")
            assert status == 200, record
            if record["state"] in states:
                return record
            assert record["state"] in ("queued", "running"), record
            assert time.monotonic() < end, record
            time.sleep(0.05)


def events(folder, number=300_000, users=3000):
    """Generates events in `folder/raw`."""
    subprocess.run(
        [BIN / "swift-events", "--events", str(number), "--users", str(users), "--output", folder / "raw"], check=True, timeout=LIMIT)


def features(root, **more):
    return {
        "name": "features only",
        "steps": [{"type": "features", "input": f"{root}/raw/", "output": f"{root}/features/",
                   "startDate": "2025-04-01", "endDate": "2025-04-21", **more}]}


def pipeline(root):
    job = features(root)
    job["name"] = "user-segmentation"
    job["steps"].append({"type": "segment", "input": f"{root}/features/", "output": f"{root}/segments/", "clusters": 5, "seed": 42})
    return job
