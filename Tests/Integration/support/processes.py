"""Runs the programs under test: drivers, workers, jobs, and the event generator."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from project import BIN

LIMIT = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what="the condition does not hold", limit=LIMIT, interval=0.02):
    """Waits until a function returns a true value. Returns that value."""
    end = time.monotonic() + limit
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {limit} s: {what() if callable(what) else what}"
        time.sleep(interval)
    return value


def run(program, *arguments, code=0, limit=LIMIT, **options):
    """Runs a program to its end and checks the exit code. `code=None` accepts any. Returns the completed process."""
    done = subprocess.run(
        [BIN / program, *map(str, arguments)], capture_output=True, text=True, timeout=limit, **options)
    assert code is None or done.returncode == code, f"{program} exited with {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def submit(job, *arguments, code=0, **options):
    """Runs swift-submit --json with a job file, a job, or a list of steps. Returns the parsed output."""
    if isinstance(job, list):
        job = {"name": "test", "steps": job}
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(job, dict):
            path = Path(folder) / "job.json"
            path.write_text(json.dumps(job))
            job = path
        return json.loads(run("swift-submit", "--json", *arguments, job, code=code, **options).stdout)


def generate_events(folder, events, users, **options):
    """Runs swift-events: `days=14` becomes `--days 14`."""
    named = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    run("swift-events", "--events", events, "--users", users, *named, "--output", folder, limit=300)


class Process:
    """A running program. Keeps the lines it writes to stderr. Leaving its context stops it."""

    def __init__(self, program, *arguments, until, env=None):
        self.process = subprocess.Popen(
            [BIN / program, *map(str, arguments)], stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        self.lines = []
        self.has_ended = False
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait_for(until)

    def read(self):
        for line in self.process.stderr:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    def wait_for(self, text, count=1):
        """Waits until `count` lines contain a text. Returns the last of them."""
        with self.changed:
            self.changed.wait_for(lambda: self.has_ended or sum(text in line for line in self.lines) >= count, LIMIT)
            found = [line for line in self.lines if text in line]
        assert len(found) >= count, f"no {text!r} in {self.lines}"
        return found[count - 1]

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def address(self):
        """The address of a driver."""
        return re.search(r"listening on (\S+)", self.wait_for("listening on")).group(1)

    def stop(self, kill=False):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.reader.join(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Cluster:
    """A driver and workers with one core each. `env`: more environment variables for all of them."""

    def __init__(self, workers=0, options=(), env=None):
        self.options = list(options)
        self.env = env
        self.endpoint = "127.0.0.1:0"
        self.driver = None
        self.workers = []
        try:
            self.start()
            for _ in range(workers):
                self.worker()
        except BaseException:
            self.close()
            raise

    def start(self):
        """Starts the driver. A restarted driver listens on the same port."""
        self.driver = Process("swift-driver", "--listen", self.endpoint, *self.options, until="listening on", env=self.env)
        self.endpoint = self.address = self.driver.address

    @property
    def master(self):
        return f"swiftlet://{self.address}"

    def worker(self, *options):
        process = Process("swift-worker", "--driver", self.address, "--cores", "1", *options, until="joined", env=self.env)
        self.workers.append(process)
        return process

    def close(self):
        for process in [*self.workers, self.driver]:
            if process:
                process.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
