"""The cost per event in reproducible counts: instructions, allocations, bytes shuffled.

Needs `swift build -c release --product features-check --product swift-events`. Runs the step under valgrind on two input sizes; the
difference is the cost of the additional events. Measures no time.
"""

import pathlib
import re
import subprocess

import pytest

from project import BIN

DAYS = ("2025-04-01", "2025-04-02")
EVENTS = (20_000, 60_000)
ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign"}


def instructions_and_allocations(profile):
    """Returns the number of instructions and of allocator calls in a callgrind profile."""
    names, total, allocations, called = {}, 0, 0, None
    for line in profile.read_text().splitlines():
        if found := re.match(r"c?fn=\((\d+)\)(?: (.*))?$", line):
            name = names.setdefault(found[1], found[2] or "")
            called = name if line.startswith("cfn") else None
        elif line.startswith("calls=") and called in ALLOCATORS:
            allocations += int(line[6:].split()[0])
        elif line.startswith("summary:") or line.startswith("totals:"):
            total = int(line.split()[1])
    assert total > 0 and allocations > 0
    return total, allocations


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    """Returns (instructions, allocations, bytes shuffled) for each size, and the number of events."""
    tmp = tmp_path_factory.mktemp("counts")
    # valgrind 3.19 cannot read Swift 6's debug information.
    program = tmp / "features-check"
    subprocess.run(["strip", "-g", "-o", program, BIN / "features-check"], check=True)
    found = []
    for events in EVENTS:
        raw = tmp / f"raw-{events}"
        subprocess.run(
            [BIN / "swift-events", "--events", str(events), "--users", str(events // 20), "--seed", "7", "--start-date",
             DAYS[0], "--days", "2", "--format", "jsonl", "--output", raw], check=True, capture_output=True, timeout=60)
        profile = tmp / f"profile-{events}"
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", program, "run", raw, tmp / f"out-{events}",
             *DAYS], capture_output=True, text=True, timeout=240)
        assert run.returncode == 0, run.stderr
        shuffled = int(re.search(r"(\d+) bytes shuffled", run.stderr)[1])
        assert f'"recordsRead":{events}' in run.stdout
        found.append((*instructions_and_allocations(profile), shuffled))
    return found


def per_event(counts, index):
    small, large = counts
    return (large[index] - small[index]) / (EVENTS[1] - EVENTS[0])


def test_instructions(counts):
    # 2,452 when written, with AVX2, which valgrind supports. Machines without AVX2 need more.
    has_avx2 = "avx2" in pathlib.Path("/proc/cpuinfo").read_text()
    assert 500 < per_event(counts, 0) < (2900 if has_avx2 else 7000)


def test_no_allocation_per_event(counts):
    # Blocks, columns and pages grow with the number of users, not events. 0.002 when written.
    assert per_event(counts, 1) < 0.01


def test_bytes_shuffled(counts):
    # 8.2 when written.
    assert per_event(counts, 2) < 9.5
