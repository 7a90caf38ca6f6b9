"""Processes of the cluster, with timestamps of all log lines."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path


class Process:
    def __init__(self, name, host, command, log, environment=None):
        self.name, self.host = name, host
        self.lines = []
        self.changed = threading.Condition()
        self.log = open(log, "w")
        self.process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})}, start_new_session=True)
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            now = time.monotonic()
            self.log.write(f"{now:.3f} {line}")
            self.log.flush()
            with self.changed:
                self.lines.append((now, line))
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def find(self, text, after=0.0):
        """Returns (time, line) of all lines that contain a text, after a time."""
        with self.changed:
            return [(moment, line) for moment, line in self.lines if moment >= after and text in line]

    def wait_for(self, text, limit, after=0.0):
        """Waits for a line that contains a text. Returns (time, line), or None after the time limit."""
        end = time.monotonic() + limit
        with self.changed:
            while True:
                for moment, line in self.lines:
                    if moment >= after and text in line:
                        return moment, line
                rest = end - time.monotonic()
                if rest <= 0:
                    return None
                self.changed.wait(rest)

    def send(self, number):
        if self.is_running:
            os.kill(self.pid, number)

    def stop(self):
        """Sends SIGSTOP and waits until all threads have stopped."""
        self.send(signal.SIGSTOP)
        end = time.monotonic() + 5
        tasks = Path(f"/proc/{self.pid}/task")
        while time.monotonic() < end:
            states = [(task / "stat").read_text().rsplit(") ")[1][0] for task in tasks.iterdir()]
            if all(state == "T" for state in states):
                return
            time.sleep(0.001)

    @property
    def is_running(self):
        return self.process.poll() is None

    def wait(self, limit):
        """Waits for the exit. Returns the exit code (negative for a signal), or None after the time limit."""
        try:
            code = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        self.reader.join(5)
        return code

    def kill(self):
        self.send(signal.SIGKILL)
        self.process.wait()
        self.reader.join(5)
        self.log.close()

    @property
    def text(self):
        with self.changed:
            return "".join(line for _, line in self.lines)
