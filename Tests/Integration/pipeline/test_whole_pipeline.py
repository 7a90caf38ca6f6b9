"""Small runs of scripts/pipeline: all servers are real, and the driver is killed during the run."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from project import BIN, ROOT

EVENTS = 300_000
LIMIT = 240


def command(output, *options):
    return [sys.executable, ROOT / "Tests/Integration/pipeline", "--events", str(EVENTS), "--output", output, "--limit", str(LIMIT - 30), *options]


def environment(tmp_path):
    """Puts temporary files where the test can check that none are left. Chromium needs a short path for its socket."""
    (tmp_path / "tmp").mkdir()
    return {**os.environ, "SWIFTLET_BIN": str(BIN), "TMPDIR": str(tmp_path / "tmp")}


def test_driver_killed(tmp_path):
    done = subprocess.run(
        command(tmp_path / "output"), cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "output/summary.json").read_text())
    rows = summary["rows"]
    assert summary["killed"] and "SIGKILL in features" in rows["driver"] and "2 workers came back" in rows["driver"]
    assert f"exactly once: {EVENTS:,} events" in rows["raw/"]
    assert rows["Athena"].startswith("10 queries")
    assert len(summary["screenshots"]) >= 20 and all((tmp_path / "output" / name).stat().st_size > 5000 for name in summary["screenshots"])
    assert f"Screenshots: {tmp_path}/output" in done.stdout
    assert not list((tmp_path / "tmp").glob("swiftlet-pipeline-*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(tmp_path, number):
    """An interrupted run leaves no processes or files behind."""
    process = subprocess.Popen(
        command(tmp_path / "output"), cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "wave 1 produced" in line:
            break
    children = descendants(process.pid)
    assert {"swift-driver", "swift-worker"} <= {pathlib.Path(words[0]).name for words in children.values()}, children
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 130
    end = time.monotonic() + 20
    while left := [words for pid, words in children.items() if alive(pid)]:
        assert time.monotonic() < end, left
        time.sleep(0.1)
    assert not list((tmp_path / "tmp").glob("swiftlet-pipeline-*"))


def descendants(parent):
    """Returns the command lines of all descendants by pid."""
    parents, words = {}, {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            pid = int(folder.name)
            parents[pid] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words[pid] = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
    found = {parent}
    while more := {pid for pid, above in parents.items() if above in found} - found:
        found |= more
    return {pid: words[pid] for pid in found - {parent}}


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
