"""The same job on every kind of master, also with a worker killed during the job, writes the same bytes."""

import hashlib
import json
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from processes import LIMIT, Cluster, generate_events, run, submit, wait_until
from project import BIN, JOBS

JOB = JOBS / "segmentation.json"
EVENTS = 600_000


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster") / "raw"
    generate_events(folder, EVENTS, 6000, seed=5, start_date="2025-04-01", days=21, format="jsonl")
    return folder


def run_job(raw, root, master, *options):
    """Runs the job on `raw` with its outputs in `root`. Returns the parsed --json output."""
    root.mkdir(exist_ok=True)
    link = root / "raw"
    if not link.exists():
        link.symlink_to(raw)
    return submit(JOB, "--master", master, "--set", f"root={root}", *options)


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
    report = run_job(raw, root, "local[1]")
    assert report["steps"][0]["recordsRead"] == EVENTS
    assert sum(report["steps"][1]["sizes"]) == report["steps"][0]["rowsWritten"]
    return digest(root)


@pytest.mark.parametrize("master", ["local[4]", "local[2]", "local-cluster[3]"])
def test_same_bytes(raw, expected, tmp_path, master):
    run_job(raw, tmp_path, master)
    assert digest(tmp_path) == expected
    assert {p.name for p in tmp_path.iterdir()} == {"raw", "features", "user_segments"}, "temporary files were left behind"


def test_driver_with_three_workers(raw, expected, tmp_path):
    with Cluster(3) as cluster:
        run_job(raw, tmp_path, cluster.master)
        assert digest(tmp_path) == expected
        again = run_job(raw, tmp_path, cluster.master)
        assert all(step["skipped"] for step in again["steps"])
        assert cluster.workers[0].stop() == 0, "an idle worker drains at once"
        run_job(raw, tmp_path, cluster.master, "--force")
        assert digest(tmp_path) == expected


def wait_until_working(process):
    """Waits until a worker has used some CPU time, so that it is in the middle of a stage."""
    stat = Path(f"/proc/{process.pid}/stat")

    def ticks():
        """CPU time in units of 10 ms."""
        return sum(map(int, stat.read_text().rsplit(")")[1].split()[11:13]))

    start = ticks()
    wait_until(lambda: ticks() - start >= 4, "the worker runs a task", interval=0.001)


def test_worker_killed_during_a_stage(raw, expected, tmp_path):
    with Cluster(3) as cluster:
        victim = cluster.workers[1].process

        def kill():
            wait_until_working(victim)
            victim.send_signal(signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        root = tmp_path
        (root / "raw").symlink_to(raw)
        done = run("swift-submit", "--master", cluster.master, "--set", f"root={root}", JOB)
        killer.join(LIMIT)
        assert victim.wait(5) == -signal.SIGKILL, "the worker was not killed"
        assert re.search(r"worker \S+ is lost", done.stdout), done.stdout
        assert digest(root) == expected


def test_interrupt_stops_the_workers_and_cleans_up(raw, tmp_path):
    with Cluster(2) as cluster:
        (tmp_path / "raw").symlink_to(raw)
        process = subprocess.Popen(
            [BIN / "swift-submit", "--master", cluster.master, "--set", f"root={tmp_path}", JOB],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until_working(cluster.workers[0].process)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        wait_until(lambda: {p.name for p in tmp_path.iterdir()} == {"raw"}, lambda: list(tmp_path.iterdir()), limit=20)
        report = run_job(raw, tmp_path, cluster.master)
        assert report["status"] == "done", "the cluster refused the next job"


def test_two_concurrent_jobs(raw, expected, tmp_path):
    with Cluster(2) as cluster:
        roots = [tmp_path / "a", tmp_path / "b"]
        threads = [
            threading.Thread(target=run_job, args=(raw, root, cluster.master)) for root in roots]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT)
        assert [digest(root) for root in roots] == [expected, expected]
