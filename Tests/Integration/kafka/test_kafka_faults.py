"""Ingest under faults: the broker restarts, and the job is killed at random moments and restarted."""

import os
import random
import signal
import subprocess
import time

import pytest

from kafka_brokers import BIN, LIMIT, Noida
from kafka_ingest import expect_exactly_once, ingest, job, manifest
from processes import wait_until

# Small fetches, so that reading takes long enough to be disturbed.
SLOW = {"kafka.fetch.message.max.bytes": "30000", "kafka.queued.min.messages": "1", "kafka.fetch.max.bytes": "1000000"}
KILLS = int(os.environ.get("SWIFTLET_KILLS", "10"))


@pytest.fixture
def broker(tmp_path):
    with Noida(tmp_path / "noida") as broker:
        yield broker


def start(root, broker, topic, **fields):
    return subprocess.Popen(
        [BIN / "swift-submit", "--quiet", "--master", "local[2]", job(root, broker, topic, **fields)],
        stderr=subprocess.PIPE, text=True)


def staged(root):
    """Returns the number of bytes written by tasks but not committed."""
    total = 0
    for path in root.glob(".raw.*.staging/attempts/**/*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            pass
    return total


def test_broker_restart(broker, tmp_path):
    topic = broker.topic("restart", 3)
    broker.events(topic, "--events", 400_000, "--users", 1000)
    time.sleep(1.5)  # This broker saves its data about every second.
    process = start(tmp_path, broker, topic, conf=SLOW, maxOffsetsPerSplit=10_000)
    wait_until(lambda: staged(tmp_path) > 0, "tasks write")
    broker.stop()
    assert process.poll() is None, "the fault must strike during the job"
    time.sleep(1)
    assert process.poll() is None
    broker.start()
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, errors
    assert expect_exactly_once(tmp_path, broker, topic) == 400_000


def test_killed_at_random_moments(broker, tmp_path):
    seed = int(os.environ.get("SWIFTLET_SEED", str(random.randrange(1 << 32))))
    print(f"SWIFTLET_SEED={seed}")
    dice = random.Random(seed)
    topic = broker.topic("kills", 4)
    fields = {"conf": SLOW, "maxOffsetsPerSplit": 3000}
    broker.events(topic, "--events", 30_000, "--users", 500, "--seed", 0)
    began = time.monotonic()
    ingest(tmp_path / "undisturbed", broker, topic, **fields)
    whole = time.monotonic() - began

    kills, committed, seconds = 0, 0, []
    for round in range(1, 20 * KILLS):
        if kills == KILLS:
            break
        process = start(tmp_path, broker, topic, **fields)
        # Any moment from the first instruction to after the end.
        wait = dice.uniform(0, 1.2 * whole)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait(LIMIT)
        process.stderr.close()
        if process.returncode == -signal.SIGKILL:
            kills += 1
            seconds.append(wait)
        else:
            assert process.returncode == 0
            committed += 1
        # The topic grows between runs.
        broker.events(topic, "--events", 3000, "--users", 100, "--seed", round)
    assert kills == KILLS, "no run was killed"
    ingest(tmp_path, broker, topic, **fields)
    count = expect_exactly_once(tmp_path, broker, topic)
    assert count == 30_000 + 3000 * (kills + committed)
    assert not list(tmp_path.glob(".raw.*.staging")), "killed runs left files behind"
    print(f"{kills} kills, {committed} runs finished first, {count} events, {manifest(tmp_path)['rows']} rows")
