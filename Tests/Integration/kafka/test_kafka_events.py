"""swift-events to a topic: every message counted, keyed by user, clean shutdown."""

import json
import re
import signal
import subprocess
import time

import pytest

from kafka_brokers import BIN, LIMIT, Noida
from kafka_ingest import messages
from processes import wait_until


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Noida(tmp_path_factory.mktemp("noida")) as broker:
        yield broker


def counts(text):
    return tuple(map(int, re.search(r"(\d+) of (\d+) messages delivered", text).groups()))


def test_keyed_by_user_and_in_order(broker):
    topic = broker.topic("keyed", 4)
    done = broker.events(topic, "--events", 30_000, "--users", 500)
    assert counts(done.stderr) == (30_000, 30_000) and re.search(r"\d+ events/s", done.stderr)
    found = messages(broker, topic)
    assert len(found) == 30_000 and len({partition for partition, *_ in found}) == 4
    partitions, times = {}, {}
    for partition, _, key, value in found:
        parsed = json.loads(value)
        assert key.decode() == parsed["user_id"]
        assert partitions.setdefault(key, partition) == partition
        assert times.get(key, 0) <= parsed["timestamp"]
        times[key] = parsed["timestamp"]
    # The same partition as Kafka's Java client chooses.
    peer = broker.producer(partitioner="murmur2_random")
    chosen = {}
    for key in list(partitions)[:50]:
        peer.produce(topic, b"x", key=key, on_delivery=lambda _, message: chosen.update({message.key(): message.partition()}))
    assert peer.flush(LIMIT) == 0
    assert len(chosen) == 50 and all(partitions[key] == partition for key, partition in chosen.items())


def test_the_same_events_as_in_files(broker, tmp_path):
    topic = broker.topic("same")
    arguments = ["--events", 5000, "--users", 50, "--seed", 9, "--malformed", 0.02]
    broker.events(topic, *arguments)
    broker.run(BIN / "swift-events", *arguments, "--format", "jsonl", "--output", tmp_path / "raw")
    files = [line for path in (tmp_path / "raw").glob("dt=*/*") for line in path.read_bytes().splitlines()]
    assert sorted(files) == sorted(value for *_, value in messages(broker, topic))


def test_rate_and_duration(broker):
    topic = broker.topic("paced")
    start = time.monotonic()
    done = broker.events(topic, "--rate", 2000, "--duration", 2)
    assert counts(done.stderr) == (4000, 4000) and time.monotonic() - start > 1.8
    start = time.monotonic()
    done = broker.events(topic, "--rate", 0, "--duration", 1)
    delivered, sent = counts(done.stderr)
    assert delivered == sent == len(messages(broker, topic)) - 4000 > 0


def test_clean_interrupt(broker):
    topic = broker.topic("interrupted", 2)
    process = subprocess.Popen(
        [BIN / "swift-events", "--bootstrap-servers", broker.address, "--topic", topic, "--rate", "5000", "--duration", "600"],
        stderr=subprocess.PIPE, text=True)
    wait_until(lambda: messages(broker, topic), "events arrive")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 130, errors
    delivered, sent = counts(errors)
    assert "interrupted" in errors and delivered == sent == len(messages(broker, topic))


def test_errors(broker):
    done = broker.run(BIN / "swift-events", "--topic", "x", "--bootstrap-servers", broker.address, "--output", "y", code=2)
    assert "--output is for files" in done.stderr
    done = broker.events("x", "--conf", "kafka.acks=soon", "--conf", "kafka.sasl.password=hush", code=2)
    assert "kafka.acks" in done.stderr and "hush" not in done.stderr
    start = time.monotonic()
    dead = broker.run(
        BIN / "swift-events", "--bootstrap-servers", "127.0.0.1:9", "--topic", "x", "--conf", "kafka.sasl.password=hush",
        code=1, timeout=100)
    assert "Connection refused" in dead.stderr and "hush" not in dead.stderr and time.monotonic() - start < 40
