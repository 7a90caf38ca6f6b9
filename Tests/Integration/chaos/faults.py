"""Faults: what happens to the cluster while a process is held at a point, what happens afterwards, and the expected effects.

Each fault strikes once per round. `Fault` has the defaults."""

import errno
import re
import shutil
import signal
import time

from cluster import Failure
from network import isolate
from timeouts import extended

HOURS = 3 * 3600


class Fault:
    name = ""
    target = "worker"
    # Expected exit code of swift-submit, and number of workers that the driver loses because of the fault.
    exit_code = 0
    losses = 0
    # Expected reason in the driver's log line of the lost worker.
    reason = ""
    # Seconds within which the driver must detect the loss.
    notice_limit = None
    # Whether the victim must rejoin the driver by itself, or exit.
    rejoins = False
    leaves = False
    # Seconds from the end of the fault to the end of the job.
    end_limit = 30
    # Whether the workers have very little memory, so that blocks and tables spill to disk.
    is_tight = False
    # Heartbeat timeout of driver and workers in seconds; None for the defaults.
    silence = 3

    def expected_losses(self, round):
        """Returns the allowed numbers of lost workers. A worker held while joining may be lost before it registers."""
        return {0, self.losses} if round.point.name == "join" else {self.losses}

    def prepare(self, round):
        """Runs before the cluster starts."""

    def strike(self, round):
        """Injects the fault while the process is held."""
        raise NotImplementedError

    def after(self, round):
        """Runs after the process was released. Returns when the fault is over."""

    def end(self, round):
        """Runs after the checks, before the cluster stops."""

    def has_struck(self, round):
        """Returns a message if the fault had no effect, else None."""

    def wait_for_loss(self, round):
        """Waits until the driver has lost the victim."""
        if round.point.name == "join":
            # The driver cannot lose a worker that has not registered.
            return time.sleep(round.silence + 1)
        limit = round.struck + round.silence + extended(5)
        while time.monotonic() < limit:
            if round.losses():
                return
            time.sleep(0.02)
        raise Failure(f"the driver did not detect the loss within {limit - round.struck:.0f} s")


class Kill(Fault):
    name, losses, reason, notice_limit = "kill", 1, "", 1.0

    def strike(self, round):
        round.victim.send(signal.SIGKILL)

    def has_struck(self, round):
        if round.victim.wait(extended(5)) != -signal.SIGKILL:
            return "the process was not killed"


    def expected_losses(self, round):
        return {0} if round.point.name == "join" else {1}


class KillAll(Kill):
    """All workers are killed. A new one joins later."""

    name, losses = "kill-all", 3

    def expected_losses(self, round):
        return {3}

    def strike(self, round):
        for worker in round.cluster.workers:
            worker.send(signal.SIGKILL)

    def after(self, round):
        time.sleep(0.5)
        round.cluster.start_worker()


class Terminate(Fault):
    """SIGTERM: the worker finishes or hands over its tasks, and leaves."""

    name, losses, reason = "term", 1, "drained"

    def strike(self, round):
        round.victim.send(signal.SIGTERM)

    def has_struck(self, round):
        if round.victim.wait(extended(20)) != 0:
            return "the worker did not exit"


class Pause(Fault):
    """Stopped for less than the heartbeat timeout, without any effect."""

    name = "pause-short"
    seconds = 1.0

    def strike(self, round):
        round.victim.stop()

    def after(self, round):
        time.sleep(self.seconds)
        round.victim.send(signal.SIGCONT)


class PauseLong(Pause):
    """Stopped until the driver has lost it. After waking up, its messages must not count."""

    name, losses, reason, rejoins = "pause-long", 1, "silent", True

    def after(self, round):
        self.wait_for_loss(round)
        time.sleep(0.3)
        round.victim.send(signal.SIGCONT)


class PauseNever(Pause):
    """Hangs forever: the connection stays open, but no messages come."""

    name, losses, reason = "pause-never", 1, "silent"
    # A fetch from it times out after 20 s, and a task may need two of them.
    end_limit = 60

    def after(self, round):
        self.wait_for_loss(round)

    def end(self, round):
        round.victim.send(signal.SIGKILL)


class PauseDefault(PauseLong):
    """With the default heartbeat timeout."""

    name, silence, notice_limit = "pause-default", None, 10.0


class Cut(Fault):
    """Cuts the victim's network in one or both directions, for a short time, past the heartbeat timeout, or forever."""

    def __init__(self, way, duration):
        self.name = f"cut-{way}-{duration}"
        self.way, self.duration = way, duration
        if duration == "short":
            return
        # Detected by the driver, by its operating system, or by the worker, which closes the connection.
        self.losses = 1
        self.rejoins, self.leaves = duration != "never", duration == "never"
        if duration == "default":
            self.silence, self.notice_limit = None, 10.0

    def pairs(self, round):
        others = [host for host in round.cluster.network.hosts if host != round.victim.host]
        return isolate(round.victim.host, others, out=self.way != "in", back=self.way != "out")

    def strike(self, round):
        round.cluster.network.cut(self.pairs(round))

    def after(self, round):
        if self.duration == "short":
            time.sleep(1)
        else:
            self.wait_for_loss(round)
        if self.duration == "never":
            return
        if self.duration != "short":
            time.sleep(0.3)
        round.cluster.network.heal()


class CutDriver(Cut):
    """Cuts only the network between victim and driver. Other workers still reach it."""

    def __init__(self, duration):
        super().__init__("driver", duration)

    def pairs(self, round):
        return isolate(round.victim.host, ["driver"])


class CutPeers(Cut):
    """Cuts only the network between the victim and the other workers. The driver keeps the victim, and learns from failed fetches which
    workers cannot reach it."""

    end_limit = 90

    def __init__(self, duration):
        super().__init__("peers", duration)
        self.losses, self.rejoins, self.leaves = 0, False, False

    def pairs(self, round):
        return isolate(round.victim.host, [w.host for w in round.cluster.workers if w is not round.victim])

    def after(self, round):
        time.sleep(1 if self.duration == "short" else round.silence + 2)
        if self.duration != "never":
            round.cluster.network.heal()


class Clock(Fault):
    """The wall clock of a host jumps permanently."""

    def __init__(self, target, ahead):
        self.target = target
        self.name = f"clock-{target}-{'ahead' if ahead else 'back'}"
        self.seconds = HOURS if ahead else -HOURS

    def strike(self, round):
        round.cluster.set_clock(round.victim.host, self.seconds)

    def has_struck(self, round):
        now = round.wall_clock_of(round.victim)
        if abs(now - time.time() - self.seconds) > 120:
            return f"the clock was {now - time.time():+.0f} s off instead of {self.seconds:+d}"


class DriverKill(Fault):
    """The driver is killed: the client exits with an error, the workers exit in time, no partial output stays, and a new driver runs the job."""

    name, target, exit_code = "kill-driver", "driver", 1

    def strike(self, round):
        round.victim.send(signal.SIGKILL)

    def has_struck(self, round):
        if round.victim.wait(extended(5)) != -signal.SIGKILL:
            return "the driver was not killed"
        if "the driver was lost" not in round.client.text:
            return "the client does not say that the driver was lost:\n" + round.client.text


class DriverRestart(DriverKill):
    """A new driver starts at once, and the workers join it."""

    name = "restart-driver"

    def after(self, round):
        round.victim.wait(extended(5))
        round.cluster.start_driver()


class DriverPause(Pause):
    name, target = "pause-driver-short", "driver"


class DriverPauseLong(Pause):
    """Stopped until the workers have lost it. They rejoin, and the job continues."""

    name, target, losses = "pause-driver-long", "driver", 3

    def expected_losses(self, round):
        return {3, 4} if round.point.name == "join" else {3}

    def after(self, round):
        for worker in round.cluster.workers:
            # A worker held while joining has no connection to lose.
            joins = round.point.name == "join" and worker is round.cluster.workers[-1]
            if not joins and not worker.wait_for("looking for the driver", round.silence + extended(10), after=round.struck):
                raise Failure(f"{worker.name} did not detect the loss of the driver:\n{worker.text}")
        round.victim.send(signal.SIGCONT)


class ClientKill(Fault):
    """The client is killed, so its job is cancelled."""

    name, target, exit_code = "kill-client", "client", -signal.SIGKILL

    def strike(self, round):
        round.client.send(signal.SIGKILL)


class Interrupt(Fault):
    """Ctrl-C."""

    name, target, exit_code = "interrupt", "client", 130

    def strike(self, round):
        round.client.send(signal.SIGINT)


def fill(disk):
    """Fills a disk until no byte is free, even if files are removed meanwhile. Returns the free bytes."""
    with open(disk / ".filler", "wb", buffering=0) as file:
        for _ in range(100):
            for size in [1 << 20, 512]:
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            free = shutil.disk_usage(disk).free
            if free == 0:
                break
    return free


class DiskFull(Fault):
    """The output disk is full, for one attempt or permanently."""

    def __init__(self, freed):
        self.name = "disk-freed" if freed else "disk-full"
        self.freed = freed
        if not freed:
            self.exit_code = 1

    def prepare(self, round):
        round.use_small_disk(round.folder / "root")

    def strike(self, round):
        self.free = fill(round.cluster.root)
        if self.freed:
            # New attempts wait until there is space.
            self.gate = "start:" + round.point.probe.split(":")[1]
            round.cluster.rendezvous.shut(self.gate)

    def after(self, round):
        if not self.freed:
            round.client.wait(extended(30))
            (round.cluster.root / ".filler").unlink()
            return
        if not round.cluster.driver.wait_for("No space left on device", extended(20), after=round.struck):
            raise Failure("the full disk did not make an attempt fail")
        (round.cluster.root / ".filler").unlink()
        round.cluster.rendezvous.open(self.gate)

    def has_struck(self, round):
        if self.free > 0:
            return f"the disk had {self.free} bytes left"
        told = round.cluster.driver.text + round.client.text
        if "No space left on device" not in told:
            return "nobody was told that the disk is full:\n" + told


class ScratchFull(Fault):
    """The scratch disk of one worker is full permanently. Other workers run its tasks."""

    name, is_tight = "scratch-full", True
    # Its failed tasks are retried elsewhere, and the worker may be excluded for a while.
    end_limit = 60

    def prepare(self, round):
        for number in range(1, round.WORKERS + 2):
            round.use_small_disk(round.folder / f"scratch-worker{number}")

    def victims(self, round):
        return [round.victim]

    def strike(self, round):
        self.free = max(fill(round.cluster.scratch(worker.name)) for worker in self.victims(round))

    def has_struck(self, round):
        if self.free > 0:
            return f"the disk had {self.free} bytes left"
        # Map tasks always write blocks; later tasks may not.
        told = round.cluster.driver.text + round.client.text
        if round.point.name == "map" and "No space left on device" not in told:
            return "nobody was told that the disk is full:\n" + told


class ScratchFullAll(ScratchFull):
    """The scratch disks of all workers are full permanently. The job fails with that reason."""

    name, exit_code = "scratch-full-all", 1

    def victims(self, round):
        return round.cluster.workers

    def after(self, round):
        round.client.wait(extended(30))
        self.free_all(round)

    def free_all(self, round):
        for worker in self.victims(round):
            (round.cluster.scratch(worker.name) / ".filler").unlink()


class ScratchFreed(ScratchFullAll):
    """The scratch disk is full until an attempt has failed."""

    name, exit_code = "scratch-freed", 0

    def strike(self, round):
        super().strike(round)
        # New attempts wait until there is space.
        self.gate = "start:" + round.point.probe.split(":")[1]
        round.cluster.rendezvous.shut(self.gate)

    def after(self, round):
        if not round.cluster.driver.wait_for("No space left on device", extended(20), after=round.struck):
            raise Failure("the full disk did not make an attempt fail")
        self.free_all(round)
        round.cluster.rendezvous.open(self.gate)


class Oversized(Fault):
    """Another job has messages over the limit, or over what a connection may queue. It fails by itself, or is done; the cluster loses
    no worker and finishes the first job."""

    # What the error of a job says that cannot run.
    MESSAGES = {
        "large-parameters": r"stage 'make': its parameters have 2\d{8} bytes",
        "large-input": r"stage 'make': the input of task 0 has 2\d{8} bytes",
        "large-result": r"stage 'sum'.*: its result has 2\d{8} bytes",
        "wide-parameters": None,
    }

    def __init__(self, mode):
        self.name, self.mode = mode, mode

    def strike(self, round):
        client = round.cluster.submit_toy(self.mode)
        code = client.wait(extended(60))
        message = Oversized.MESSAGES[self.mode]
        if code != (0 if message is None else 1):
            raise Failure(f"the job with {self.mode} exited with {code}:\n{client.text}")
        if message and not re.search(message, client.text):
            raise Failure(f"the job with {self.mode} does not say why it failed:\n{client.text}")
