"""Points at which a fault strikes: exact places in the life of a job, told by the processes themselves."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """
    name: what people call it.
    probe: what the process reports (see Tests/Tools/chaos-node).
    on: which process is held there.
    most: the fault strikes at the n-th time, n drawn from 1 to this.
    """

    name: str
    probe: str
    on: str = "worker"
    most: int = 1
    detail: str = ""


MAP = Point("map", "step:clickstream.features.map", most=8)
FETCH = Point("fetch", "fetch", most=6)
SERVE = Point("serve", "serve", most=6)
# No map task begins while this is shut.
MAP_GATE = "start:clickstream.features.map"
REDUCE = Point("reduce", "step:clickstream.features.reduce", most=8)
# The result of an attempt is there, its file is written, and the driver does not know yet.
WRITTEN = Point("written", "end:clickstream.features.reduce", most=4)
KMEANS = Point("kmeans", "start:kmeans.sums", most=12)
# A writer of the second output is about to begin.
WRITING = Point("writing", "start:kmeans.assign", most=2)
ASSIGN = Point("assign", "end:kmeans.assign", most=4)
# The commit of the features, and that of the segments, of which it begins with the model.
TAKE = Point("take", "take", on="driver", most=5)
INSTALL = Point("install", "install", on="driver", most=2)
INSTALLED = Point("installed", "installed", on="driver", most=2)
# A worker has shaken hands and is about to register, while the job is held in a map task.
JOIN = Point("join", "join")

WORK = [MAP, FETCH, SERVE, REDUCE, WRITTEN, KMEANS, ASSIGN]
COMMIT = [TAKE, INSTALL, INSTALLED]
ALL = [*WORK, *COMMIT, JOIN]
