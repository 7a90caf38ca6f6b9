"""Points in the life of a job at which a fault can strike. Processes report them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """
    name: name in scenarios.
    probe: the point that the process reports (see Tests/Tools/chaos-node).
    on: the process that is held.
    most: the fault strikes at the n-th hit, with n random from 1 to most.
    """

    name: str
    probe: str
    on: str = "worker"
    most: int = 1
    detail: str = ""


MAP = Point("map", "step:clickstream.features.map", most=8)
FETCH = Point("fetch", "fetch", most=6)
SERVE = Point("serve", "serve", most=6)
# No map task starts while this point is shut.
MAP_GATE = "start:clickstream.features.map"
REDUCE = Point("reduce", "step:clickstream.features.reduce", most=8)
# An attempt has written its file, but the driver does not have the result yet.
WRITTEN = Point("written", "end:clickstream.features.reduce", most=4)
KMEANS = Point("kmeans", "start:kmeans.sums", most=12)
# Just before a writer of the second output starts.
WRITING = Point("writing", "start:kmeans.assign", most=2)
ASSIGN = Point("assign", "end:kmeans.assign", most=4)
# The commit of the features, and of the segments, which starts with the model.
TAKE = Point("take", "take", on="driver", most=5)
INSTALL = Point("install", "install", on="driver", most=2)
INSTALLED = Point("installed", "installed", on="driver", most=2)
# A worker has finished the handshake but not registered, while the job is held in a map task.
JOIN = Point("join", "join")

WORK = [MAP, FETCH, SERVE, REDUCE, WRITTEN, KMEANS, ASSIGN]
COMMIT = [TAKE, INSTALL, INSTALLED]
ALL = [*WORK, *COMMIT, JOIN]
