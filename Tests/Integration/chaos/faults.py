"""Faults: what is done to the cluster while a process is held at a point, what is done afterwards, and what must follow.

Each fault strikes once a round. `Fault` says what most have in common; a fault changes what differs."""

import errno
import shutil
import signal
import time

from cluster import Failure
from network import isolate
from patience import patient

HOURS = 3 * 3600


class Fault:
    name = ""
    target = "worker"
    # What the round must see: the exit code of swift-submit, and how many workers the driver gives up because of the fault.
    exit_code = 0
    losses = 0
    # Why the driver gives the worker up: a part of its log line.
    reason = ""
    # Seconds within which that must be noticed.
    notice_limit = None
    # Whether the victim must come back to the driver by itself afterwards, or be gone.
    rejoins = False
    leaves = False
    # Seconds from the fault's end to the job's.
    end_limit = 30
    # Whether the workers have next to no memory, so that blocks and tables go to their scratch disks.
    is_tight = False
    # Silence limits of driver and workers; None for the default ones.
    silence = 3

    def expected_losses(self, round):
        """Numbers of workers that the driver may give up. What is held while it joins may be lost before it has registered."""
        return {0, self.losses} if round.point.name == "join" else {self.losses}

    def prepare(self, round):
        """Before the cluster starts."""

    def strike(self, round):
        """While the process is held."""
        raise NotImplementedError

    def after(self, round):
        """When it has been let go; returns when the trouble is over."""

    def end(self, round):
        """When all but the end of the cluster has been checked."""

    def has_struck(self, round):
        """Whether the fault did what it should: a complaint, or None."""

    def wait_for_loss(self, round):
        """Until the driver has given the victim up."""
        if round.point.name == "join":
            # Who has not registered is nobody whom the driver could miss.
            return time.sleep(round.silence + 1)
        limit = round.struck + round.silence + patient(5)
        while time.monotonic() < limit:
            if round.losses():
                return
            time.sleep(0.02)
        raise Failure(f"the driver did not notice within {limit - round.struck:.0f} s")


class Kill(Fault):
    name, losses, reason, notice_limit = "kill", 1, "", 1.0

    def strike(self, round):
        round.victim.send(signal.SIGKILL)

    def has_struck(self, round):
        if round.victim.wait(patient(5)) != -signal.SIGKILL:
            return "the process was not killed"


    def expected_losses(self, round):
        return {0} if round.point.name == "join" else {1}


class KillAll(Kill):
    """No worker is left; another comes after a while."""

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
    """An orderly end: the worker finishes or hands over, and leaves."""

    name, losses, reason = "term", 1, "drained"

    def strike(self, round):
        round.victim.send(signal.SIGTERM)

    def has_struck(self, round):
        if round.victim.wait(patient(20)) != 0:
            return "the worker did not leave"


class Pause(Fault):
    """Stopped for less than the limit of silence: nothing may come of it."""

    name = "pause-short"
    seconds = 1.0

    def strike(self, round):
        round.victim.stop()

    def after(self, round):
        time.sleep(self.seconds)
        round.victim.send(signal.SIGCONT)


class PauseLong(Pause):
    """Stopped until the driver has given it up; then it wakes, and what it says must not count."""

    name, losses, reason, rejoins = "pause-long", 1, "silent", True

    def after(self, round):
        self.wait_for_loss(round)
        time.sleep(0.3)
        round.victim.send(signal.SIGCONT)


class PauseNever(Pause):
    """It hangs for good: connected, and its system answers, but it says nothing any more."""

    name, losses, reason = "pause-never", 1, "silent"
    # A fetch from it waits 20 s for an answer; a task may have two of them to make.
    end_limit = 60

    def after(self, round):
        self.wait_for_loss(round)

    def end(self, round):
        round.victim.send(signal.SIGKILL)


class PauseDefault(PauseLong):
    """With the limits that users get."""

    name, silence, notice_limit = "pause-default", None, 10.0


class Cut(Fault):
    """The victim's cable: both ways or one, healed before anybody minds, or afterwards, or never."""

    def __init__(self, way, duration):
        self.name = f"cut-{way}-{duration}"
        self.way, self.duration = way, duration
        if duration == "short":
            return
        # The driver minds the silence, or its system does, or the worker was first to end the connection.
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
    """Only between the victim and the driver: other workers still reach it."""

    def __init__(self, duration):
        super().__init__("driver", duration)

    def pairs(self, round):
        return isolate(round.victim.host, ["driver"])


class CutPeers(Cut):
    """Only between the victim and the other workers: the driver has no reason to give it up, and learns from failed fetches, one
    after the other, with whom not to share work."""

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
    """A host's wall clock jumps, and stays so."""

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
    """The driver dies: the client is told, the workers leave in time, no half output stays, and another driver takes the job."""

    name, target, exit_code = "kill-driver", "driver", 1

    def strike(self, round):
        round.victim.send(signal.SIGKILL)

    def has_struck(self, round):
        if round.victim.wait(patient(5)) != -signal.SIGKILL:
            return "the driver was not killed"
        if "the driver is gone" not in round.client.text:
            return "the client does not say that the driver is gone:\n" + round.client.text


class DriverRestart(DriverKill):
    """Another driver comes at once: the workers join it."""

    name = "restart-driver"

    def after(self, round):
        round.victim.wait(patient(5))
        round.cluster.start_driver()


class DriverPause(Pause):
    name, target = "pause-driver-short", "driver"


class DriverPauseLong(Pause):
    """Stopped until the workers have given it up. They join it again; the job goes on."""

    name, target, losses = "pause-driver-long", "driver", 3

    def expected_losses(self, round):
        return {3, 4} if round.point.name == "join" else {3}

    def after(self, round):
        for worker in round.cluster.workers:
            # One that is held while it joins has no connection that it could miss.
            joins = round.point.name == "join" and worker is round.cluster.workers[-1]
            if not joins and not worker.wait_for("looking for the driver", round.silence + patient(10), after=round.struck):
                raise Failure(f"{worker.name} did not give the driver up:\n{worker.text}")
        round.victim.send(signal.SIGCONT)


class ClientKill(Fault):
    """Who asked for the job is gone: it is cancelled."""

    name, target, exit_code = "kill-client", "client", -signal.SIGKILL

    def strike(self, round):
        round.client.send(signal.SIGKILL)


class Interrupt(Fault):
    """Ctrl-C."""

    name, target, exit_code = "interrupt", "client", 130

    def strike(self, round):
        round.client.send(signal.SIGINT)


def fill(disk):
    """Leaves no byte free, also where somebody removes a file meanwhile; what is free all the same."""
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
    """The disk of the outputs has no room left: for one attempt, or for good."""

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
            # What begins from now on waits until there is room.
            self.gate = "start:" + round.point.probe.split(":")[1]
            round.cluster.rendezvous.shut(self.gate)

    def after(self, round):
        if not self.freed:
            round.client.wait(patient(30))
            (round.cluster.root / ".filler").unlink()
            return
        if not round.cluster.driver.wait_for("No space left on device", patient(20), after=round.struck):
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
    """The disk for shuffle blocks and spilled tables of one worker is full for good: others do its work."""

    name, is_tight = "scratch-full", True
    # The tasks that fail there are tried again elsewhere, and the worker may be left out for a while.
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
        # A map task always writes blocks; what comes later may have no more to write.
        told = round.cluster.driver.text + round.client.text
        if round.point.name == "map" and "No space left on device" not in told:
            return "nobody was told that the disk is full:\n" + told


class ScratchFullAll(ScratchFull):
    """So are those of all workers, for good: the job fails, and says why."""

    name, exit_code = "scratch-full-all", 1

    def victims(self, round):
        return round.cluster.workers

    def after(self, round):
        round.client.wait(patient(30))
        self.free_all(round)

    def free_all(self, round):
        for worker in self.victims(round):
            (round.cluster.scratch(worker.name) / ".filler").unlink()


class ScratchFreed(ScratchFullAll):
    """Until an attempt has failed."""

    name, exit_code = "scratch-freed", 0

    def strike(self, round):
        super().strike(round)
        # What begins from now on waits until there is room.
        self.gate = "start:" + round.point.probe.split(":")[1]
        round.cluster.rendezvous.shut(self.gate)

    def after(self, round):
        if not round.cluster.driver.wait_for("No space left on device", patient(20), after=round.struck):
            raise Failure("the full disk did not make an attempt fail")
        self.free_all(round)
        round.cluster.rendezvous.open(self.gate)
