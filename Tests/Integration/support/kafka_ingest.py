"""Runs ingest jobs, and reads their outputs without Swiftlet."""

import hashlib
import io
import json
import time
from collections import Counter
from datetime import datetime, timezone

import zstandard
from confluent_kafka import Consumer, KafkaError, TopicPartition

from kafka_brokers import BIN, LIMIT


def job(root, broker, topic, conf=None, **fields):
    """Writes a job file with one ingest step."""
    root.mkdir(parents=True, exist_ok=True)
    step = {
        "type": "ingest", "input": f"kafka://{broker.address}/{topic}", "output": str(root / "raw"), "timeoutSeconds": 30,
        **fields}
    path = root / "ingest.json"
    path.write_text(json.dumps({"name": "ingest", "conf": conf or {}, "steps": [step]}))
    return path


def ingest(root, broker, topic, *arguments, code=0, **fields):
    """Runs an ingest job. Returns the report of the step, or stderr if the job fails."""
    done = broker.run(
        BIN / "swift-submit", "--json", "--master", "local[2]", *arguments, job(root, broker, topic, **fields), code=code)
    report = json.loads(done.stdout)
    return report["steps"][0] if code == 0 else report["error"]


def manifest(root):
    return json.loads((root / "raw" / "_SUCCESS").read_text())


def lines(path):
    """Returns the lines of a zstd file with any number of frames."""
    with open(path, "rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        return [line.rstrip(b"\n") for line in io.BufferedReader(reader)]


def output(root):
    """Returns (date, line) of all lines in the output, after checking the files against the manifest."""
    found = []
    listed = manifest(root)
    there = {str(path.relative_to(root / "raw")) for path in (root / "raw").rglob("*") if path.is_file()}
    assert there == {file["name"] for file in listed["files"] + listed["sideFiles"]} | {"_SUCCESS"}
    for file in listed["files"]:
        path = root / "raw" / file["name"]
        date = path.parent.name.removeprefix("dt=")
        rows = lines(path)
        assert path.stat().st_size == file["bytes"] and len(rows) == file["rows"] > 0
        found += [(date, row) for row in rows]
    assert listed["rows"] == len(found)
    return found


def rejected(root):
    return [
        json.loads(line) for file in manifest(root)["sideFiles"]
        for line in (root / "raw" / file["name"]).read_text().splitlines()]


def messages(broker, topic, isolation="read_committed"):
    """Yields every visible message of a topic: (partition, offset, key, value)."""
    consumer = Consumer(
        broker.configuration(**{
            "group.id": "peer", "enable.partition.eof": True, "enable.auto.commit": False, "isolation.level": isolation}))
    partitions = consumer.list_topics(topic, timeout=LIMIT).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    found, ended = [], set()
    limit = time.monotonic() + LIMIT
    while len(ended) < len(partitions):
        assert time.monotonic() < limit, f"{topic} was not read to its end within {LIMIT} s"
        for message in consumer.consume(10_000, 0.1):
            if message.error():
                assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
                ended.add(message.partition())
            else:
                found.append((message.partition(), message.offset(), message.key(), message.value()))
    consumer.close()
    return found


def event(number, time=1_743_465_600_000, user="u1", **more):
    return json.dumps({"event_id": f"e{number}", "event_type": "click", "timestamp": time, "user_id": user, **more}).encode()


def date(line):
    milliseconds = json.loads(line)["timestamp"]
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%d")


def checksum(values):
    """Returns a checksum of a multiset: independent of the order, sensitive to duplicates."""
    total = sum(int.from_bytes(hashlib.blake2b(value, digest_size=16).digest(), "big") for value in values)
    return total % 2**128


def expect_exactly_once(root, broker, topic):
    """Checks that every event of the topic is in the output exactly once, under its date: counts, checksums, then each line."""
    sent = [value for _, _, _, value in messages(broker, topic)]
    rows = output(root)
    assert all(date(line) == day for day, line in rows)
    found = [line for _, line in rows]
    ids = [json.loads(line)["event_id"].encode() for line in found]
    assert len(ids) == len(sent) and len(set(ids)) == len(ids)
    assert checksum(ids) == checksum(json.loads(value)["event_id"].encode() for value in sent)
    assert Counter(found) == Counter(sent)
    return len(sent)
