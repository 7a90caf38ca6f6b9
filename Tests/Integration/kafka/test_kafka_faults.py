"""Ingest while things break: a broker that restarts, the job killed at any moment, and started again."""

import os
import random
import signal
import subprocess
import time

import pytest

from kafka_brokers import BIN, LIMIT, Noida, until
from kafka_ingest import expect_exactly_once, ingest, job, manifest

# Little comes with each request: reading takes long enough to be disturbed.
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
    """Bytes that tasks have written, but nobody has committed."""
    total = 0
    for path in root.glob(".raw.*.staging/attempts/**/*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            pass
    return total


def test_the_broker_restarts_in_the_middle(broker, tmp_path):
    topic = broker.topic("restart", 3)
    broker.events(topic, "--events", 400_000, "--users", 1000)
    time.sleep(1.5)  # This broker writes what it has about every second.
    process = start(tmp_path, broker, topic, conf=SLOW, maxOffsetsPerSplit=10_000)
    until(lambda: staged(tmp_path) > 0, "tasks write")
    broker.stop()
    assert process.poll() is None, "the fault fired in the middle"
    time.sleep(1)
    assert process.poll() is None
    broker.start()
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, errors
    assert expect_exactly_once(tmp_path, broker, topic) == 400_000


def test_killed_at_any_moment_and_run_again(broker, tmp_path):
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
        # Anywhere from its first instruction to after its end.
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
        # The topic grows between the runs.
        broker.events(topic, "--events", 3000, "--users", 100, "--seed", round)
    assert kills == KILLS, "the faults fired"
    ingest(tmp_path, broker, topic, **fields)
    count = expect_exactly_once(tmp_path, broker, topic)
    assert count == 30_000 + 3000 * (kills + committed)
    assert not list(tmp_path.glob(".raw.*.staging")), "the remains of dead runs are gone"
    print(f"{kills} kills, {committed} runs that ended before, {count} events, {manifest(tmp_path)['rows']} rows")
