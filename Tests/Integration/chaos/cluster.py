"""A driver, workers and clients, each on its own host."""

import json
import re
import shutil
import signal
import time
from pathlib import Path

from host_process import Process
from network import Network
from rendezvous import Rendezvous
from timeouts import extended

JOB = Path(__file__).resolve().parent / "job.json"
PORT = 7077


class Failure(Exception):
    """A failed check of a round."""


class Cluster:
    """
    root: folder of input and outputs, shared by all hosts.
    silence: heartbeat timeout in seconds of driver and workers; None for the defaults.
    rejoin: seconds that workers look for a lost driver.
    """

    def __init__(self, number, folder, binaries, points, silence, rejoin=3):
        self.folder, self.binaries, self.points = folder, binaries, points
        self.silence, self.rejoin = silence, rejoin
        self.root = folder / "root"
        self.root.mkdir(exist_ok=True)
        # Workers have very little memory, and spill to their own disk.
        self.is_tight = False
        self.secret = folder / "secret"
        self.secret.write_text("chaos\n")
        self.secret.chmod(0o600)
        self.processes = []
        self.workers = []
        self.drivers = 0
        self.rendezvous = Rendezvous(folder / "socket")
        self.network = Network(number)
        self.addresses = {host: self.network.add(host) for host in ["driver", "client"]}

    # Starting

    def scratch(self, name):
        return self.folder / f"scratch-{name}"

    def start(self, name, host, *command):
        environment = {"SWIFTLET_LOG_FORMAT": "text", "CHAOS_SOCKET": self.rendezvous.path, "CHAOS_POINTS": ",".join(self.points)}
        if not self.clock(host).exists():
            self.set_clock(host, 0)
        environment["CHAOS_CLOCK"] = str(self.clock(host))
        if self.is_tight:
            environment["CHAOS_MEMORY"] = "tight"
        process = Process(
            name, host, [*self.network.inside(host), *command], self.folder / f"{name}.log", environment)
        self.processes.append(process)
        return process

    def start_driver(self):
        self.drivers += 1
        options = [] if self.silence is None else ["--silence", self.silence]
        self.driver = self.start(
            f"driver{self.drivers}", "driver", self.binaries / "chaos-node", "driver",
            "--listen", f"{self.addresses['driver']}:{PORT}", "--secret-file", self.secret, *options)
        self.expect(self.driver, "listening on")

    def start_worker(self, joins=True):
        name = f"worker{len(self.workers) + 1}"
        self.addresses[name] = self.network.add(name)
        options = [] if self.silence is None else ["--silence", self.silence]
        if self.is_tight:
            options += ["--scratch", self.scratch(name)]
        worker = self.start(
            name, name, self.binaries / "chaos-node", "worker", "--driver", f"{self.addresses['driver']}:{PORT}",
            "--shuffle", f"{self.addresses[name]}:0", "--secret-file", self.secret, "--cores", 1,
            "--rejoin", self.rejoin, *options)
        self.workers.append(worker)
        if joins:
            self.expect(worker, "joined")
        return worker

    def submit(self, *options):
        return self.start_client([self.binaries / "swift-submit"], "--set", f"root={self.root}", *options, JOB)

    def submit_toy(self, mode):
        """Submits a small job with messages of an unusual size (Tests/TestSupport/ToyStep.swift)."""
        job = self.folder / f"{mode}.json"
        job.write_text(json.dumps({"name": mode, "steps": [{"type": "toy", "maps": 6, "partitions": 2, "mode": mode}]}))
        return self.start_client([self.binaries / "chaos-node", "submit"], job)

    def start_client(self, program, *arguments):
        return self.start(
            f"submit{sum(p.host == 'client' for p in self.processes) + 1}", "client", *program,
            "--master", f"swiftlet://{self.addresses['driver']}:{PORT}", "--secret-file", self.secret, *arguments)

    @staticmethod
    def expect(process, text, limit=20):
        if not process.wait_for(text, extended(limit)):
            raise Failure(f"{process.name} did not log '{text}' within {limit} s:\n{process.text}")

    # Clocks of hosts

    def clock(self, host):
        return self.folder / f"{host}.clock"

    def set_clock(self, host, seconds):
        """Writes in place, because processes on the host have mapped the file."""
        with open(self.clock(host), "r+b" if self.clock(host).exists() else "wb") as file:
            file.write(seconds.to_bytes(8, "little", signed=True))

    # What the driver observed

    def losses(self, after=0.0):
        """Returns (time, pid, reason) of each worker that the driver lost."""
        names = dict(
            re.search(r"(worker-\d+) connected: \S*:(\d+) at", line).groups()
            for _, line in self.driver.find("connected: "))
        found = []
        for moment, line in self.driver.find(" left: ", after):
            worker, reason = re.search(r"(worker-\d+) left: (.*)", line).groups()
            found.append((moment, int(names[worker]), reason))
        return found

    # Ending

    def stop(self, limit=25):
        """Stops all processes, workers first. Fails if one keeps running or exits with an unexpected code."""
        faults = []
        for group, codes in [(self.workers, {0, 1, -signal.SIGKILL}), ([self.driver], {0, -signal.SIGKILL})]:
            running = [process for process in group if process.is_running]
            for process in running:
                process.send(signal.SIGTERM)
            end = time.monotonic() + extended(limit)
            for process in group:
                code = process.wait(max(0.1, end - time.monotonic()))
                if code is None:
                    faults.append(f"{process.name} still runs {extended(limit):.0f} s after SIGTERM")
                elif code not in codes:
                    faults.append(f"{process.name} exited with {code}")
        for process in self.processes:
            if process.host == "client" and process.is_running:
                faults.append(f"{process.name} still runs")
        if faults:
            raise Failure("; ".join(faults))

    def close(self):
        for process in self.processes:
            if process.is_running:
                process.send(signal.SIGCONT)
            process.kill()
        self.rendezvous.close()
        self.network.close()

    def forget(self):
        """Removes the files of a successful round."""
        shutil.rmtree(self.folder, ignore_errors=True)
