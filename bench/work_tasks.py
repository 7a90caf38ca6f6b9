"""noop-tasks, start: the overhead of the engine itself."""

import re
import subprocess
import time

from data import BIN, DATA, events, features, job, submit
from environments import peer, python
from measure import Contestant, in_turn
from table import Row


def noop(options):
    row = Row("noop-tasks", "empty tasks per second, driver and two worker processes", "tasks/s", lower_is_better=False)
    command = [BIN / "NoOpTasks", "submit", "--master", "local-cluster[2]", "--tasks", "200000"]
    contestants = [Contestant(
        "Swiftlet local-cluster[2]", lambda: command, lambda output: float(re.search(r"(\d+) tasks a second", output)[1]))]
    engines = [("Ray", "ray", 5000), ("Dask", "dask", 2000)] + ([("Spark", None, 2000)] if options.spark else [])
    for name, environment, tasks in engines:
        if python(environment):
            contestants.append(Contestant(
                name, lambda name=name, environment=environment, tasks=tasks: peer(
                    "noop_tasks.py", name.lower(), str(tasks), environment=environment),
                lambda output: float(output.split()[-1])))
    row.add(in_turn("noop-tasks", contestants, options.runs))
    rate = row.entries[0]["median"]
    row.goal("≥ 50,000 tasks a second", rate >= 50_000, f"{rate:,.0f}")
    return row


def start(options):
    """A one-task job, in its own process and on a running cluster."""
    raw = events(100)
    path = job("start", features(min(raw.glob("dt=*")), DATA / "start"))
    driver = subprocess.Popen(
        [BIN / "swift-driver", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    workers = []
    try:
        address = next(match[1] for line in driver.stdout if (match := re.search(r"(127\.0\.0\.1:\d+)", line)))
        for _ in range(2):
            workers.append(subprocess.Popen(
                [BIN / "swift-worker", "--driver", address, "--cores", "1"], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True))
        for worker in workers:
            next(line for line in worker.stdout if "joined" in line or "connected" in line or "registered" in line)
        time.sleep(0.5)
        row = Row("start", "swift-submit of a job of one task, process start to exit")
        row.add(in_turn("start", [
            Contestant("Swiftlet local[2]", lambda: submit(path)),
            Contestant("Swiftlet, running cluster", lambda: submit(path, f"swiftlet://{address}"))], 4 * options.runs))
    finally:
        for process in [*workers, driver]:
            process.terminate()
        for process in [*workers, driver]:
            process.wait(30)
    local, remote = (entry["median"] for entry in row.entries)
    row.goal("≤ 50 ms in local[2]", local <= 0.05, f"{local * 1e3:.1f} ms")
    row.goal("≤ 20 ms more against a running cluster", remote - local <= 0.02, f"{(remote - local) * 1e3:+.1f} ms")
    return row
