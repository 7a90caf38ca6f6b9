"""The pipeline on S3 servers writes the bytes of a local run despite faults, kills, pauses and races."""

import concurrent.futures
import json
import os
import re
import signal
import subprocess
import threading
import time
import uuid

import pytest

from project import BIN, JOBS
from s3_faults import FaultProxy

JOB = JOBS / "segmentation.json"
LIMIT = 120
TAG = re.compile(r"-[0-9a-f]{16}(?=\.)")
# Seconds that a killed run keeps its lock, in tests that wait for it.
LOCK = 4


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3") / "raw"
    subprocess.run(
        [BIN / "swift-events", "--events", "150000", "--users", "3000", "--seed", "5", "--start-date", "2025-04-01",
         "--days", "21", "--format", "jsonl", "--output", folder], check=True, timeout=LIMIT, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def local(raw):
    """Returns the outputs of the job on local disk, names to bytes."""
    done = subprocess.run(
        [BIN / "swift-submit", "--json", "--master", "local[1]", "--set", f"root={raw.parent}", JOB], timeout=LIMIT,
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = [*raw.parent.glob("features/[!_]*"), *raw.parent.glob("user_segments/*")]
    return {str(f.relative_to(raw.parent)): f.read_bytes() for f in files if f.name != "_SUCCESS"}


class Workspace:
    """A bucket with events, and the job that reads and writes there."""

    def __init__(self, server, raw, events=True):
        self.server = server
        # Seconds. Long if no run is killed, so that a busy machine does not matter.
        self.lock = 60
        self.client = server.client()
        self.bucket = f"p-{uuid.uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=self.bucket)
        if events:
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda f: self.client.put_object(
                    Bucket=self.bucket, Key=str(f.relative_to(raw.parent)), Body=f.read_bytes()), raw.rglob("*.jsonl")))

    def command(self, master, *options, endpoint=None):
        conf = self.server.settings(endpoint, **{"s3.lockSeconds": self.lock})
        pairs = [part for k, v in conf.items() for part in ("--conf", f"{k}={v}")]
        return [BIN / "swift-submit", "--json", "--master", master, "--set", f"root=s3://{self.bucket}", *pairs, *options, JOB]

    def run(self, master, *options, endpoint=None):
        done = subprocess.run(
            self.command(master, *options, endpoint=endpoint), capture_output=True, text=True, timeout=LIMIT)
        assert self.server.secret not in done.stdout + done.stderr
        return done

    def succeed(self, master, *options, endpoint=None):
        done = self.run(master, *options, endpoint=endpoint)
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)

    def keys(self, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [o["Key"] for page in pages for o in page.get("Contents", [])]

    def get(self, key):
        return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def outputs(self):
        """Returns names without tags, to bytes. Checks that the manifests list exactly the files that exist."""
        found = {}
        for step in ["features", "user_segments"]:
            manifest = json.loads(self.get(f"{step}/_SUCCESS"))
            names = [f["name"] for f in manifest["files"] + manifest["sideFiles"]]
            # A run killed after its commit leaves its lock until the next write.
            there = [key for key in self.keys(f"{step}/") if "/_lock." not in key]
            assert sorted([f"{step}/{name}" for name in names] + [f"{step}/_SUCCESS"]) == there
            for entry in manifest["files"] + manifest["sideFiles"]:
                data = self.get(f"{step}/{entry['name']}")
                assert len(data) == entry["bytes"]
                found[TAG.sub("", f"{step}/{entry['name']}")] = data
        assert not self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads")
        return found


@pytest.fixture
def workspace(server, raw):
    return Workspace(server, raw)


@pytest.fixture
def sea(seaweed, raw):
    return Workspace(seaweed, raw)


def test_same_bytes_as_a_local_run(workspace, local):
    first = workspace.succeed("local[2]")
    assert [step["recordsRead"] for step in first["steps"] if step["type"] == "features"] == [150_000]
    assert workspace.outputs() == local
    before = workspace.keys()
    again = workspace.succeed("local[2]")
    assert [step["skipped"] for step in again["steps"]] == [True, True]
    workspace.succeed("local-cluster[2]", "--force")
    assert workspace.outputs() == local
    # Never the names of live files: a reader of the old output must not meet new bytes in the middle.
    data = {key for key in before if TAG.search(key)}
    assert data and data.isdisjoint(workspace.keys())
    workspace.succeed("local-cluster[2]", "--force")
    assert workspace.outputs() == local
    assert workspace.keys() == before


def test_faults(workspace, local):
    faults = {"503": 4, "429": 2, "500": 2, "reset": 4, "lost-answer": 4, "duplicate": 4, "truncated": 3, "short": 3, "slow": 2}
    with FaultProxy(workspace.server.endpoint, faults) as proxy:
        workspace.succeed("local-cluster[2]", endpoint=proxy.endpoint)
        for _ in range(3):
            if any(proxy.left.values()):
                workspace.succeed("local-cluster[2]", "--force", endpoint=proxy.endpoint)
        assert dict(proxy.fired) == faults
    assert workspace.outputs() == local


def test_changed_input_gives_a_new_output(sea, local):
    sea.succeed("local[2]")
    before = set(sea.keys("features/")) - {"features/_SUCCESS"}
    some = next(key for key in sea.keys("raw/"))
    sea.client.put_object(Bucket=sea.bucket, Key=some, Body=sea.get(some) + b"\n")
    sea.succeed("local[2]")
    # The old files are gone; the new files have other names.
    assert before.isdisjoint(sea.keys("features/"))
    assert {k: v for k, v in sea.outputs().items() if k.startswith("features/")} == {
        k: v for k, v in local.items() if k.startswith("features/")}


class Watcher:
    """Reads an output continuously by its manifest. No file may ever be missing or have another length."""

    def __init__(self, workspace, step):
        self.problems, self.looks, self.versions = [], 0, set()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch, args=(workspace, step, workspace.server.client()), daemon=True)
        self.thread.start()

    def watch(self, workspace, step, client):
        def manifest():
            try:
                return client.get_object(Bucket=workspace.bucket, Key=f"{step}/_SUCCESS")["Body"].read()
            except client.exceptions.NoSuchKey:
                return None

        while not self.stop.is_set():
            before = manifest()
            listed = {o["Key"]: o["Size"] for o in client.list_objects_v2(Bucket=workspace.bucket, Prefix=f"{step}/").get("Contents", [])}
            if before is None or manifest() != before:
                continue
            self.looks += 1
            self.versions.add(before)
            for file in json.loads(before)["files"]:
                if listed.get(f"{step}/{file['name']}") != file["bytes"]:
                    self.problems.append((file, listed))

    def end(self):
        self.stop.set()
        self.thread.join(30)
        assert not self.problems
        assert self.looks > 0


def test_readers_see_all_or_nothing(sea):
    sea.succeed("local[2]")
    watcher = Watcher(sea, "features")
    some = sea.keys("raw/")[0]
    for _ in range(3):
        sea.client.put_object(Bucket=sea.bucket, Key=some, Body=sea.get(some) + b"\n")
        sea.succeed("local[2]")
    watcher.end()
    assert len(watcher.versions) > 1


@pytest.mark.parametrize("moment", [
    "PUT partNumber=", "POST features/part", "PUT features/_commit", "PUT features/_SUCCESS", "POST ?delete", "PUT user_segments/_model"])
def test_killed_and_restarted(sea, local, moment):
    """SIGKILL before a request reaches the server. The next run cleans up and succeeds."""
    sea.lock = LOCK
    method, _, part = moment.rpartition(" ")
    killed = threading.Event()

    def hook(verb, path):
        if part in path and method in ("", verb) and not ("uploads" in path and verb == "POST") and not killed.is_set():
            killed.set()
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    with FaultProxy(sea.server.endpoint, hook=hook) as proxy:
        process = subprocess.Popen(
            sea.command("local-cluster[2]", endpoint=proxy.endpoint), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        assert killed.wait(LIMIT)
    start = time.monotonic()
    sea.succeed("local-cluster[2]")
    # It had to wait for the lock of the killed run.
    assert time.monotonic() - start < LOCK * 2 + 10
    assert sea.outputs() == local


def test_concurrent_runs(workspace, local):
    """Each run that finds another one running reports it; the others run later. In the end there is one output."""
    workspace.lock = LOCK * 3
    runs = [subprocess.Popen(
        workspace.command("local[1]", "--force"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ends = [(run.communicate(timeout=LIMIT), run.returncode) for run in runs]
    lost = [stderr for (_, stderr), code in ends if code != 0]
    assert len(lost) < 3
    for stderr in lost:
        assert "another run is writing it" in stderr or "has changed since" in stderr or "does not exist" in stderr, stderr
    workspace.succeed("local[2]")
    assert workspace.outputs() == local


def test_second_run_is_refused(sea):
    sea.lock = LOCK * 3
    stopped, go = threading.Event(), threading.Event()

    def hook(verb, path):
        # The run is held while reading. It keeps renewing its lock.
        if verb == "GET" and "/raw/dt" in path and not stopped.is_set():
            stopped.set()
            go.wait(LIMIT)

    with FaultProxy(sea.server.endpoint, hook=hook) as proxy:
        first = subprocess.Popen(
            sea.command("local[1]", endpoint=proxy.endpoint), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert stopped.wait(LIMIT)
        second = sea.run("local[1]")
        go.set()
        _, stderr = first.communicate(timeout=LIMIT)
    assert second.returncode == 1
    assert "another run is writing it (run " in second.stderr and "wait until it ends" in second.stderr
    assert first.returncode == 0, stderr


def test_run_that_lost_its_lock_gives_up(sea, local):
    """A run with the lock is stopped, another one takes over. The first one continues and changes nothing."""
    sea.lock = LOCK
    stopped = threading.Event()

    def hook(verb, path):
        if verb == "PUT" and "partNumber=" in path and not stopped.is_set():
            stopped.set()
            first.send_signal(signal.SIGSTOP)

    with FaultProxy(sea.server.endpoint, hook=hook) as proxy:
        first = subprocess.Popen(
            sea.command("local[1]", endpoint=proxy.endpoint), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert stopped.wait(LIMIT)
        sea.succeed("local[1]")
        assert sea.outputs() == local
        first.send_signal(signal.SIGCONT)
        _, stderr = first.communicate(timeout=LIMIT)
    assert first.returncode == 1
    assert "the lock on the output was lost" in stderr or "another run has published" in stderr or "upload" in stderr, stderr
    assert sea.outputs() == local


def test_foreign_files_are_not_replaced(sea):
    sea.client.put_object(Bucket=sea.bucket, Key="features/mine.parquet", Body=b"x")
    done = sea.run("local[1]")
    assert done.returncode == 1 and "contains 'mine.parquet'" in done.stderr
    assert sea.keys("features/") == ["features/mine.parquet"]


def append(workspace, data):
    pairs = [f"{k}={v}" for k, v in workspace.server.settings(**{"s3.lockSeconds": workspace.lock}).items()]
    return subprocess.run(
        [BIN / "s3-check", "append", f"s3://{workspace.bucket}/grows/", *pairs], input=data, capture_output=True, timeout=LIMIT)


def test_append(server, raw):
    workspace = Workspace(server, raw, events=False)
    for length in range(4):
        done = append(workspace, b"x" * length)
        assert done.returncode == 0, done.stderr.decode()
    manifest = json.loads(workspace.get("grows/_SUCCESS"))
    assert sorted(TAG.sub("", f["name"]) for f in manifest["files"]) == [f"dt=2025-04-01/part-{n}.jsonl" for n in range(4)]
    assert manifest["rows"] == 4 and manifest["bytes"] == 6 and manifest["extra"] == {"runs": "4"}
    names = [f"grows/{f['name']}" for f in manifest["files"]]
    assert workspace.keys("grows/") == sorted([*names, "grows/_SUCCESS"])
    assert [len(workspace.get(name)) for name in names] == [f["bytes"] for f in manifest["files"]]


def test_concurrent_appends(seaweed, raw):
    """Each run that gets the lock adds its file. No file is lost."""
    workspace = Workspace(seaweed, raw, events=False)
    workspace.lock = LOCK * 3
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        done = list(pool.map(lambda length: append(workspace, b"x" * length), range(1, 6)))
    wrote = [length for length, run in enumerate(done, 1) if run.returncode == 0]
    assert wrote
    for run in done:
        assert run.returncode == 0 or b"another run is writing it" in run.stderr, run.stderr.decode()
    manifest = json.loads(workspace.get("grows/_SUCCESS"))
    assert sorted(f["bytes"] for f in manifest["files"]) == wrote
    assert not workspace.client.list_multipart_uploads(Bucket=workspace.bucket).get("Uploads")
