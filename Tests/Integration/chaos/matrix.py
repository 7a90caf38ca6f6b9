"""All combinations of faults and points that make sense."""

from dataclasses import dataclass

import points
from faults import (
    ClientKill, Clock, Cut, CutDriver, CutPeers, DiskFull, DriverKill, DriverPause, DriverPauseLong, DriverRestart,
    Interrupt, Kill, KillAll, Oversized, Pause, PauseDefault, PauseLong, PauseNever, ScratchFreed, ScratchFull, ScratchFullAll, Terminate)


@dataclass(frozen=True)
class Scenario:
    make: callable
    point: points.Point

    @property
    def name(self):
        return f"{self.make().name}@{self.point.name}"


def scenarios():
    found = []

    def add(where, make):
        found.extend(Scenario(make, point) for point in where)

    for make in [Kill, Terminate, Pause, PauseLong, PauseNever]:
        add(points.ALL, make)
    add([points.MAP, points.REDUCE, points.KMEANS], KillAll)
    add([points.MAP, points.KMEANS], PauseDefault)
    for way in ["both", "out", "in"]:
        for duration in ["short", "long", "never"]:
            where = points.ALL if way == "both" else [*points.WORK, points.JOIN]
            add(where, lambda way=way, duration=duration: Cut(way, duration))
    add([points.REDUCE, points.FETCH], lambda: Cut("both", "default"))
    for duration in ["short", "long", "never"]:
        add([points.MAP, points.FETCH, points.SERVE, points.KMEANS], lambda duration=duration: CutDriver(duration))
        add([points.FETCH, points.SERVE], lambda duration=duration: CutPeers(duration))
    for ahead in [True, False]:
        add([points.MAP, points.FETCH, points.REDUCE, points.KMEANS, points.JOIN], lambda ahead=ahead: Clock("worker", ahead))
        add([*points.WORK, *points.COMMIT, points.JOIN], lambda ahead=ahead: Clock("driver", ahead))
    for make in [DriverKill, DriverRestart, DriverPause, DriverPauseLong]:
        add(points.ALL, make)
    for make in [ClientKill, Interrupt]:
        add([*points.WORK, points.TAKE, points.JOIN], make)
    for freed in [True, False]:
        add([points.REDUCE, points.WRITING], lambda freed=freed: DiskFull(freed))
    add([points.TAKE], lambda: DiskFull(False))
    for mode in Oversized.MESSAGES:
        add([points.MAP, points.REDUCE, points.KMEANS], lambda mode=mode: Oversized(mode))
    add(points.ALL, ScratchFull)
    for make in [ScratchFreed, ScratchFullAll]:
        add([points.MAP], make)
    return found


# One scenario of each kind, across all parts of a job.
QUICK = {
    "kill@map", "kill@join", "kill-all@kmeans", "term@serve", "pause-short@written", "pause-long@fetch", "pause-default@kmeans",
    "cut-both-long@reduce", "cut-in-never@take", "cut-driver-short@kmeans", "clock-driver-back@map", "clock-worker-ahead@reduce",
    "kill-driver@install", "restart-driver@reduce", "interrupt@assign", "disk-freed@reduce", "disk-full@writing",
    "scratch-full@reduce", "scratch-freed@map", "large-result@map", "wide-parameters@kmeans",
}
