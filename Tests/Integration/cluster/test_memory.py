"""Jobs over many times the memory of their workers: they finish with the same bytes as with ample memory, and no worker exceeds its
memory limit."""

import contextlib
import json
import os
import re
import subprocess
import threading
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from processes import Cluster, free_port, generate_events, run, submit, wait_until
from project import BIN

LIMIT = 300
MIB = 1 << 20
BUDGET = 64 * MIB
WORKERS = 2
EVENTS = 4_000_000
USERS = 1_000_000


class SmallCluster(Cluster):
    """A driver and workers with little memory. Records the peak resident size of each worker."""

    def __init__(self, folder, budget=BUDGET):
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.peaks = {}
        self.names = set()
        self.most_files = 0
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()
        super().__init__()
        for _ in range(WORKERS):
            self.peaks[self.worker("--memory", budget, "--scratch", self.scratch).process.pid] = 0

    def watch(self):
        while not self.ended.wait(0.02):
            self.look()
            self.names.update(os.listdir(self.scratch))
            for worker in list(getattr(self, "workers", [])):
                self.most_files = max(self.most_files, self.temporary_files(worker))

    def temporary_files(self, worker):
        """Returns the number of unnamed temporary files that a worker has open."""
        count = 0
        with contextlib.suppress(OSError):
            for entry in Path(f"/proc/{worker.process.pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    count += os.readlink(entry).startswith(str(self.scratch))
        return count

    def look(self):
        for pid in list(self.peaks):
            with contextlib.suppress(OSError, TypeError):
                found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
                self.peaks[pid] = max(self.peaks[pid], int(found[1]) * 1024)

    def close(self):
        self.look()
        self.ended.set()
        self.watcher.join()
        super().close()


@pytest.fixture
def cluster(tmp_path):
    cluster = SmallCluster(tmp_path)
    yield cluster
    cluster.close()


def content(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())
            if file.suffix == ".parquet" or file.name == "_model.json"}


def check(cluster, budget=BUDGET):
    cluster.look()
    peaks = [peak / MIB for peak in cluster.peaks.values()]
    print(f"peak resident sizes: {[f'{peak:.1f} MiB' for peak in peaks]} of {budget / MIB:.0f} MiB")
    assert all(0 < peak * MIB <= 1.2 * budget for peak in peaks)
    assert not cluster.names, "temporary files have names"


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("memory") / "raw"
    generate_events(folder, EVENTS, USERS, seed=2, start_date="2025-04-01", days=21, format="jsonl")
    yield folder
    subprocess.run(["rm", "-rf", folder], check=True)


def test_features_with_a_tenth_of_the_memory(raw, tmp_path, cluster):
    size = sum(file.stat().st_size for file in raw.rglob("*.jsonl"))
    assert size >= 10 * WORKERS * BUDGET
    step = {"type": "features", "input": str(raw), "startDate": "2025-04-01", "endDate": "2025-04-21"}
    start = time.monotonic()
    tight = submit([{**step, "output": str(tmp_path / "tight")}], "--master", cluster.master, limit=LIMIT)
    seconds = time.monotonic() - start
    ample = submit([{**step, "output": str(tmp_path / "ample")}], "--master", "local[2]", limit=LIMIT)
    spilled = tight["steps"][0]["spilledBytes"]
    print(f"{size / 1e9:.2f} GB in {seconds:.1f} s, {spilled / 1e6:.0f} MB spilled; with ample memory {ample['seconds']} s")
    check(cluster)
    # Map outputs, one file per stage, and tables in 16 ranges.
    assert spilled > BUDGET and cluster.most_files > 16
    assert ample["steps"][0]["spilledBytes"] == 0
    assert tight["failedAttempts"] == 0
    found = content(tmp_path / "tight")
    assert len(found) > 10 and found == content(tmp_path / "ample")
    lines = f"read_json('{raw}/**/*.jsonl', columns={{user_id: 'VARCHAR', event_type: 'VARCHAR', page_url: 'VARCHAR'}})"
    expected = duckdb.sql(
        f"select count(distinct user_id), count(*), count(*) filter (event_type = 'purchase'),"
        f" count(distinct (user_id, page_url)) filter (page_url is not null) from {lines}").fetchall()[0]
    table = f"'{tmp_path}/tight/*.parquet'"
    assert expected == tuple(map(int, duckdb.sql(
        f"select count(*), sum(events), sum(purchases), sum(distinct_pages) from {table}").fetchall()[0]))


def test_segments_of_a_matrix_that_does_not_fit(tmp_path, cluster):
    rows, columns, groups = 2_400_000, 16, 24
    random = np.random.default_rng(7)
    centers = random.normal(0, 4, (5, columns))
    (tmp_path / "in").mkdir()
    written = 0
    with pq.ParquetWriter(tmp_path / "in" / "a.parquet", pa.schema(
            [("user_id", pa.string()), *[(f"x{i}", pa.float64()) for i in range(columns)]])) as writer:
        for group in range(groups):
            count = rows // groups
            points = centers[random.integers(0, 5, count)] + random.normal(0, 1, (count, columns))
            ids = pa.array([f"u{group * count + i}" for i in range(count)])
            writer.write_table(
                pa.table([ids, *[pa.array(points[:, i]) for i in range(columns)]], schema=writer.schema),
                row_group_size=count // 4)
            written += count
    # The points that the workers would cache, as float32, exceed their memory.
    assert written * columns * 4 > WORKERS * BUDGET
    step = {"type": "segment", "input": str(tmp_path / "in"), "clusters": 5, "seed": 3, "maxIterations": 8}
    tight = submit([{**step, "output": str(tmp_path / "tight")}], "--master", cluster.master, limit=LIMIT)
    check(cluster)
    submit([{**step, "output": str(tmp_path / "ample")}], "--master", "local[2]", limit=LIMIT)
    found = content(tmp_path / "tight")
    assert len(found) > 2 and found == content(tmp_path / "ample")
    assert sorted(tight["steps"][0]["sizes"], reverse=True) == tight["steps"][0]["sizes"]


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True)
    assert mounted.returncode == 0, f"cannot mount a small file system: {mounted.stderr.decode()}"
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk_fails_the_job_but_not_the_worker(raw, tmp_path, small_disk):
    with SmallCluster(small_disk) as cluster:
        step = {"type": "features", "input": str(raw), "output": str(tmp_path / "out"), "startDate": "2025-04-01", "endDate": "2025-04-21"}
        result = submit([step], "--master", cluster.master, code=1, limit=LIMIT)
        assert f"{cluster.scratch}: cannot write" in result["error"]
        assert all(worker.process.poll() is None for worker in cluster.workers)
        assert not (tmp_path / "out").exists()


def test_too_little_memory_is_reported_at_startup(tmp_path):
    for arguments, message in [
            (["--cores", "4", "--memory", "64m"], "64 MiB of memory are too little for 4 executor slots"),
            (["--cores", "1", "--memory", "1g", "--scratch", str(tmp_path / "none")],
             f"{tmp_path}/none: cannot make a temporary file: No such file or directory")]:
        done = run("swift-worker", "--driver", f"127.0.0.1:{free_port()}", *arguments, code=None)
        assert done.returncode != 0 and message in done.stderr, done.stderr


def test_killed_worker_leaves_no_files(raw, tmp_path, cluster):
    """A worker killed with open temporary files frees their space without a cleanup."""
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"name": "killed", "steps": [
        {"type": "features", "input": str(raw), "output": str(tmp_path / "out"), "startDate": "2025-04-01",
         "endDate": "2025-04-21"}]}))
    submitted = subprocess.Popen(
        [BIN / "swift-submit", "--json", "--quiet", "--master", cluster.master, job],
        stdout=subprocess.PIPE, text=True)
    victim = cluster.workers[0]

    wait_until(lambda: cluster.temporary_files(victim), "the worker spills", interval=0.01)
    victim.stop(kill=True)
    assert os.listdir(cluster.scratch) == []
    result = json.loads(submitted.communicate(timeout=LIMIT)[0])
    assert result["status"] == "done" and result["steps"][0]["rowsWritten"] == USERS
