"""One round: a cluster, a job, one fault at one point, and the checks afterwards."""

import random
import re
import subprocess
import time
from datetime import datetime

import outputs
from cluster import Cluster, Failure
from points import JOIN, MAP, MAP_GATE
from timeouts import extended

FEATURES_POINTS = {"map", "fetch", "serve", "reduce", "written"}
SEGMENTS_POINTS = {"kmeans", "writing", "assign"}


class Round:
    """
    number: number of the round. Determines, with the seed, its folder, network and random choices.
    reference: outputs of runs without faults (see reference.py).
    """

    WORKERS = 3
    # Seconds to reach the points, and to finish a job without a fault.
    REACH_LIMIT, JOB_LIMIT = 30, 30
    # The default heartbeat timeout in seconds.
    DEFAULT_SILENCE = 8

    def __init__(self, scenario, number, seed, folder, binaries, reference):
        self.scenario, self.number, self.reference = scenario, number, reference
        self.fault, self.point = scenario.make(), scenario.point
        self.random = random.Random(f"{seed} {scenario.name}")
        self.silence = self.fault.silence or Round.DEFAULT_SILENCE
        self.folder, self.binaries = folder, binaries
        self.fired = 0
        self.struck = self.detection = self.recovery = None
        self.disks = []

    def run(self):
        """Runs the round. Raises Failure if a check fails, and keeps the logs."""
        self.folder.mkdir(parents=True)
        (self.folder / "root").mkdir()
        self.fault.prepare(self)
        self.reference.place(self.folder / "root")
        self.before = outputs.read_all(self.folder / "root")
        probes = {MAP.probe, MAP_GATE, JOIN.probe, self.point.probe, "start:" + self.point.probe.split(":")[-1]}
        self.cluster = Cluster(self.number, self.folder, self.binaries, probes, self.fault.silence)
        self.cluster.is_tight = self.fault.is_tight
        try:
            self.play()
        finally:
            self.cluster.close()
            for disk in self.disks:
                subprocess.run(["umount", "-l", disk], capture_output=True)
        self.cluster.forget()

    def play(self):
        self.cluster.start_driver()
        for _ in range(Round.WORKERS):
            self.cluster.start_worker()
        self.client, held = self.reach_point()
        self.choose_victim(held[-1])
        self.struck = time.monotonic()
        self.fault.strike(self)
        self.fired += 1
        for hit in held:
            hit.release()
        if self.point is JOIN:
            self.cluster.rendezvous.open(MAP_GATE)
        self.fault.after(self)
        self.check_end()
        self.check_losses()
        self.check_outputs()
        self.check_victim()
        if self.fault.exit_code != 0:
            self.run_again()
        self.fault.end(self)
        self.cluster.stop()
        complaint = self.fault.has_struck(self)
        if complaint:
            raise Failure(f"the fault did not strike: {complaint}")
        if self.fired != 1:
            raise Failure(f"{self.fired} faults struck, expected one")

    # Before the fault

    def reach_point(self):
        """Submits the job. Returns the client and the held processes; the last one is at the point."""
        meeting = self.cluster.rendezvous
        if self.point is not JOIN:
            nth = self.random.randint(1, self.point.most)
            meeting.set(self.point.probe, nth, self.point.detail)
            return self.cluster.submit(), [self.hit(f"{self.point.name} number {nth}")]
        meeting.set(MAP.probe)
        client = self.cluster.submit()
        first = self.hit("map")
        # A speculative attempt could replace the held task, and the job could end before the new worker joins.
        meeting.shut(MAP_GATE)
        meeting.set(JOIN.probe)
        self.cluster.start_worker(joins=False)
        return client, [first, self.hit("join")]

    def hit(self, what):
        hit = self.cluster.rendezvous.wait(extended(Round.REACH_LIMIT))
        if hit is None:
            raise Failure(f"no process reached the point: {what}")
        return hit

    def choose_victim(self, hit):
        """Returns the held process if the fault targets its kind, else a random process of that kind."""
        match self.fault.target:
            case "driver":
                self.victim = self.cluster.driver
            case "client":
                self.victim = self.client
            case _:
                held = [worker for worker in self.cluster.workers if worker.pid == hit.pid]
                self.victim = held[0] if held else self.random.choice(self.cluster.workers)

    def use_small_disk(self, folder):
        folder.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", folder], check=True, capture_output=True)
        self.disks.append(folder)

    # After the fault

    def losses(self):
        return self.cluster.losses(self.struck)

    def wall_clock_of(self, process):
        """Returns the timestamp of the last log line of a process, in seconds since 1970."""
        times = re.findall(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ", process.text, re.MULTILINE)
        return datetime.fromisoformat(times[-1].replace("Z", "+00:00")).timestamp()

    def check_end(self):
        limit = extended(self.fault.end_limit)
        code = self.client.wait(limit)
        self.recovery = time.monotonic() - self.struck
        if code is None:
            raise Failure(f"the job did not finish within {limit} s:\n{self.cluster.driver.text}")
        if code != self.fault.exit_code:
            raise Failure(f"swift-submit exited with {code}, expected {self.fault.exit_code}:\n{self.client.text}")

    def check_losses(self):
        """Checks that the driver lost exactly the workers hit by the fault."""
        if not self.cluster.driver.is_running or self.cluster.drivers > 1:
            return
        expected = self.fault.expected_losses(self)
        end = time.monotonic() + self.silence + extended(2)
        while len(self.losses()) < min(expected) and time.monotonic() < end:
            time.sleep(0.02)
        found = self.losses()
        if len(found) not in expected:
            raise Failure(f"the driver lost {len(found)} workers, expected {min(expected)}: {found}")
        if not found:
            return
        self.detection = found[0][0] - self.struck
        for _, pid, reason in found:
            if self.fault.losses == 1 and pid != self.victim.pid:
                raise Failure(f"the driver lost process {pid}, the victim is {self.victim.pid}")
            if self.fault.reason not in reason:
                raise Failure(f"the driver lost the worker with reason '{reason}', expected '{self.fault.reason}'")
        limit = self.fault.notice_limit
        if limit and self.detection > extended(limit):
            raise Failure(f"the driver detected the loss after {self.detection:.2f} s, the limit is {extended(limit)} s")

    def check_outputs(self):
        root = self.cluster.root
        if self.fault.exit_code == 0:
            self.check_complete(root)
            return
        driver_died = self.fault.target == "driver"
        end = time.monotonic() + extended(10)
        while not driver_died and outputs.leftovers(root) and time.monotonic() < end:
            time.sleep(0.02)
        if not driver_died and outputs.leftovers(root):
            raise Failure(f"left behind: {outputs.leftovers(root)}")
        now = outputs.read_all(root)
        for step in outputs.STEPS:
            allowed = [self.before[step], self.reference.digest[step]]
            if self.point.name in FEATURES_POINTS or (step == "segments" and self.point.name in SEGMENTS_POINTS):
                allowed.pop()
            if now[step] not in allowed:
                raise Failure(f"the output of {step} is neither the old nor the new one: {now[step]}")

    def check_complete(self, root):
        now = outputs.read_all(root)
        if now != self.reference.digest:
            raise Failure(f"the output differs from the reference run: {now}, expected {self.reference.digest}")
        if outputs.leftovers(root):
            raise Failure(f"left behind: {outputs.leftovers(root)}")

    def check_victim(self):
        # A worker held while joining may not have been lost. It then keeps its connection.
        if self.fault.rejoins and (self.losses() or self.point is not JOIN):
            if not self.victim.wait_for("joined", self.silence + extended(10), after=self.struck):
                raise Failure("the worker did not rejoin:\n" + self.victim.text)
        gone = [self.victim] if self.fault.leaves else []
        if self.fault.name == "kill-driver":
            gone = self.cluster.workers
        # Heartbeat timeout, the last connection attempt with its handshake, and the rejoin time.
        end = time.monotonic() + self.silence + self.cluster.rejoin + extended(12)
        for worker in gone:
            code = worker.wait(max(0.1, end - time.monotonic()))
            if code != 1:
                raise Failure(f"{worker.name} without a driver: exit code {code}, expected 1:\n{worker.text}")

    def run_again(self):
        """Checks that the next run succeeds after a failure."""
        if not self.cluster.driver.is_running:
            self.cluster.start_driver()
            for _ in range(2):
                self.cluster.start_worker()
        # --force, because the outputs may be committed already: only a run that writes removes leftovers.
        client = self.cluster.submit("--force")
        code = client.wait(extended(Round.JOB_LIMIT))
        if code != 0:
            raise Failure(f"the next job exited with {code}:\n{client.text}")
        self.check_complete(self.cluster.root)
