"""Ingest from a topic to S3: killed during the job, restarted, and read by the next step."""

import io
import json
import random
import signal
import subprocess
import time
from collections import Counter

import pytest
import zstandard

from kafka_brokers import BIN, LIMIT, Noida
from kafka_ingest import date, messages

USERS = 200


@pytest.fixture
def broker(tmp_path):
    with Noida(tmp_path / "noida") as broker:
        yield broker


def stored(client, bucket, prefix):
    """Returns (date, line) of all listed files, and the manifest."""
    def body(key):
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()

    manifest = json.loads(body(f"{prefix}/_SUCCESS"))
    found = []
    for file in manifest["files"]:
        packed = body(f"{prefix}/{file['name']}")
        assert len(packed) == file["bytes"]
        reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed), read_across_frames=True)
        rows = [line.rstrip(b"\n") for line in io.BufferedReader(reader)]
        assert len(rows) == file["rows"]
        found += [(file["name"].split("/")[0].removeprefix("dt="), row) for row in rows]
    return found, manifest


def test_from_a_topic_to_s3(broker, seaweed, tmp_path):
    client = seaweed.client()
    client.create_bucket(Bucket="clicks")
    topic = broker.topic("clicks", 3)
    root = "s3://clicks/a b=ü+%"
    path = tmp_path / "job.json"
    path.write_text(json.dumps({"name": "to-s3", "conf": seaweed.settings(), "steps": [
        {"type": "ingest", "input": f"kafka://{broker.address}/{topic}", "output": f"{root}/raw/", "maxOffsetsPerSplit": 2000},
        {"type": "features", "input": f"{root}/raw/", "output": f"{root}/features/", "startDate": "2025-04-01",
         "endDate": "2025-04-21"}]}))
    command = [BIN / "swift-submit", "--json", "--master", "local[2]", path]

    def run():
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert seaweed.secret not in done.stdout + done.stderr
        return json.loads(done.stdout)["steps"]

    broker.events(topic, "--events", 6000, "--users", USERS, "--days", 3, "--seed", 1)
    began = time.monotonic()
    assert [step.get("rowsWritten") for step in run()] == [6000, USERS]
    whole = time.monotonic() - began
    dice = random.Random(7)
    kills, rounds = 0, 1
    # One kill is enough: the lock of a killed run blocks the next one for a while.
    for seed in range(2, 12):
        if kills:
            break
        broker.events(topic, "--events", 6000, "--users", USERS, "--days", 3, "--seed", seed)
        rounds += 1
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(dice.uniform(0.1, 0.8) * whole)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            kills += process.wait(LIMIT) == -signal.SIGKILL
    assert kills == 1, "the job was not killed in time"
    steps = run()
    rows, manifest = stored(client, "clicks", "a b=ü+%/raw")
    assert Counter(line for _, line in rows) == Counter(value for *_, value in messages(broker, topic))
    assert len(rows) == 6000 * rounds == steps[1]["recordsRead"]
    assert all(date(line) == day for day, line in rows)
    assert all(step["skipped"] for step in run())
