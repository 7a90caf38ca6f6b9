"""The same job on every kind of master, also with a worker killed during the job, writes the same bytes."""

import hashlib
import json
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from project import BIN, JOBS

JOB = JOBS / "segmentation.json"
EVENTS = 600_000
LIMIT = 120


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster") / "raw"
    subprocess.run(
        [BIN / "swift-events", "--events", str(EVENTS), "--users", "6000", "--seed", "5", "--start-date", "2025-04-01",
         "--days", "21", "--format", "jsonl", "--output", folder],
        check=True, timeout=LIMIT, capture_output=True)
    return folder


def submit(raw, root, master, *options):
    """Runs the job on `raw` with its outputs in `root`. Returns the parsed --json output."""
    root.mkdir(exist_ok=True)
    link = root / "raw"
    if not link.exists():
        link.symlink_to(raw)
    done = subprocess.run(
        [BIN / "swift-submit", "--json", "--master", master, "--set", f"root={root}", *options, JOB],
        timeout=LIMIT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def digest(root):
    """Returns a hash of the outputs of a job. Of the manifests, which contain input paths, only the lists of files count."""
    result = hashlib.sha256()
    files = [*sorted(root.glob("features/[!_]*")), *sorted(root.glob("user_segments/[!_]*"))]
    assert len(files) > 2
    for file in [*files, root / "user_segments" / "_model.json"]:
        result.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    for step in ["features", "user_segments"]:
        manifest = json.loads((root / step / "_SUCCESS").read_text())
        result.update(json.dumps([manifest["files"], manifest["rows"]]).encode())
    return result.hexdigest()


@pytest.fixture(scope="module")
def expected(raw, tmp_path_factory):
    root = tmp_path_factory.mktemp("one")
    report = submit(raw, root, "local[1]")
    assert report["steps"][0]["recordsRead"] == EVENTS
    assert sum(report["steps"][1]["sizes"]) == report["steps"][0]["rowsWritten"]
    return digest(root)


@pytest.mark.parametrize("master", ["local[4]", "local[2]", "local-cluster[3]"])
def test_same_bytes(raw, expected, tmp_path, master):
    submit(raw, tmp_path, master)
    assert digest(tmp_path) == expected
    assert {p.name for p in tmp_path.iterdir()} == {"raw", "features", "user_segments"}, "temporary files were left behind"


class Cluster:
    """A driver and workers as processes on loopback."""

    def __init__(self, workers):
        self.driver, line = self.start("swift-driver", "--listen", "127.0.0.1:0")
        self.address = re.search(r"listening on (\S+)", line).group(1)
        self.workers = [self.worker() for _ in range(workers)]

    def worker(self):
        return self.start("swift-worker", "--driver", self.address, "--cores", "1", until="joined")[0]

    @staticmethod
    def start(name, *arguments, until="listening"):
        process = subprocess.Popen([BIN / name, *arguments], stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if until in line:
                # Drain the pipe, so that it never blocks the process.
                threading.Thread(target=process.stderr.read, daemon=True).start()
                return process, line
        raise AssertionError(f"{name} exited with {process.wait()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.workers, self.driver]:
            if process.poll() is None:
                process.terminate()
        for process in [*self.workers, self.driver]:
            try:
                process.wait(20)
            finally:
                process.kill()


def test_driver_with_three_workers(raw, expected, tmp_path):
    with Cluster(3) as cluster:
        submit(raw, tmp_path, f"swiftlet://{cluster.address}")
        assert digest(tmp_path) == expected
        again = submit(raw, tmp_path, f"swiftlet://{cluster.address}")
        assert all(step["skipped"] for step in again["steps"])
        cluster.workers[0].terminate()
        assert cluster.workers[0].wait(20) == 0, "an idle worker drains at once"
        submit(raw, tmp_path, f"swiftlet://{cluster.address}", "--force")
        assert digest(tmp_path) == expected


def wait_until_working(process):
    """Waits until a worker has used some CPU time, so that it is in the middle of a stage."""
    stat = Path(f"/proc/{process.pid}/stat")
    start = sum(map(int, stat.read_text().rsplit(")")[1].split()[11:13]))
    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit:
        if sum(map(int, stat.read_text().rsplit(")")[1].split()[11:13])) - start >= 4:  # ticks of 10 ms
            return
        time.sleep(0.001)
    raise AssertionError("the worker never got a task")


def test_worker_killed_during_a_stage(raw, expected, tmp_path):
    with Cluster(3) as cluster:
        victim = cluster.workers[1]

        def kill():
            wait_until_working(victim)
            victim.send_signal(signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        root = tmp_path
        (root / "raw").symlink_to(raw)
        done = subprocess.run(
            [BIN / "swift-submit", "--master", f"swiftlet://{cluster.address}", "--set", f"root={root}", JOB],
            timeout=LIMIT, capture_output=True, text=True)
        killer.join(LIMIT)
        assert done.returncode == 0, done.stderr
        assert victim.wait(5) == -signal.SIGKILL, "the worker was not killed"
        assert re.search(r"worker \S+ is lost", done.stdout), done.stdout
        assert digest(root) == expected


def test_interrupt_stops_the_workers_and_cleans_up(raw, tmp_path):
    with Cluster(2) as cluster:
        (tmp_path / "raw").symlink_to(raw)
        process = subprocess.Popen(
            [BIN / "swift-submit", "--master", f"swiftlet://{cluster.address}", "--set", f"root={tmp_path}", JOB],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until_working(cluster.workers[0])
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        limit = time.monotonic() + 20
        while {p.name for p in tmp_path.iterdir()} != {"raw"}:
            assert time.monotonic() < limit, list(tmp_path.iterdir())
            time.sleep(0.01)
        report = submit(raw, tmp_path, f"swiftlet://{cluster.address}")
        assert report["status"] == "done", "the cluster refused the next job"


def test_two_concurrent_jobs(raw, expected, tmp_path):
    with Cluster(2) as cluster:
        roots = [tmp_path / "a", tmp_path / "b"]
        threads = [
            threading.Thread(target=submit, args=(raw, root, f"swiftlet://{cluster.address}")) for root in roots]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT)
        assert [digest(root) for root in roots] == [expected, expected]
