"""The ingest step with a real broker: files, committed offsets, reports."""

import json
from collections import Counter

import duckdb
import pytest
from confluent_kafka import TopicPartition

from kafka_brokers import BIN, LIMIT, Noida
from kafka_ingest import date, event, expect_exactly_once, ingest, manifest, messages, output, rejected
from processes import wait_until
from project import JOBS

PIPELINE = JOBS / "pipeline.json"


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Noida(tmp_path_factory.mktemp("noida")) as broker:
        yield broker


def send(broker, topic, values, partition=0, **configuration):
    producer = broker.producer(**{"linger.ms": 5, **configuration})
    failures = []
    for value in values:
        producer.produce(topic, value, partition=partition, on_delivery=lambda error, _: error and failures.append(error))
        producer.poll(0)
    assert producer.flush(LIMIT) == 0 and not failures


def test_pipeline_twice(broker, tmp_path):
    """Runs jobs/pipeline.json twice, with new events in between."""
    topic = broker.topic("pipeline", 3)
    broker.events(topic, "--events", 60_000, "--users", 800, "--seed", 5, "--malformed", 0.01)
    settings = ["--set", f"root={tmp_path}", "--set", f"topic=kafka://{broker.address}/{topic}"]

    def run():
        done = broker.run(BIN / "swift-submit", "--json", *settings, PIPELINE)
        return json.loads(done.stdout)["steps"]

    plan = broker.run(BIN / "swift-submit", "--explain", *settings, PIPELINE).stdout
    assert "read and write  3 tasks" in plan and plan.count("does not exist yet") == 2
    steps = run()
    sent = messages(broker, topic)
    good = [value for _, _, key, value in sent if key]
    assert [step["type"] for step in steps] == ["ingest", "features", "segment"]
    assert len(good) == 60_000 == steps[0]["rowsWritten"] == steps[1]["recordsRead"]
    assert steps[0]["recordsRead"] == len(sent) and steps[0]["recordsRejected"] == len(sent) - 60_000 > 300
    rows = output(tmp_path)
    assert Counter(line for _, line in rows) == Counter(good)
    assert all(date(line) == day for day, line in rows)

    # Rejected messages are reported with partition and offset, and equal those on the broker.
    told = rejected(tmp_path)
    assert len(told) == steps[0]["recordsRejected"]
    there = {(partition, offset): value for partition, offset, _, value in sent}
    assert all(there[line["partition"], line["offset"]] == line["line"].encode() for line in told)
    assert {line["topic"] for line in told} == {topic}
    assert Counter(line["reason"] for line in told) == Counter(steps[0]["rejectedByReason"])

    # Another reader finds the same events under the same dates.
    [(count, days, users)] = duckdb.sql(
        f"""SELECT count(*), count(*) FILTER (dt = strftime(epoch_ms("timestamp"), '%Y-%m-%d')), count(DISTINCT user_id)
        FROM read_json('{tmp_path}/raw/dt=*/*.jsonl.zst', format = 'newline_delimited', hive_partitioning = true,
                       hive_types_autocast = false)""").fetchall()
    assert count == days == 60_000 and users == steps[1]["rowsWritten"]

    # Without new messages nothing runs. Then only new messages are read, and old files stay unchanged.
    assert all(step["skipped"] for step in run())
    old = {path: (path.stat().st_ino, path.read_bytes()) for path in (tmp_path / "raw").rglob("*.*") if path.is_file()}
    broker.events(topic, "--events", 10_000, "--users", 100, "--seed", 6)
    steps = run()
    assert steps[0]["recordsRead"] == 10_000 and steps[1]["recordsRead"] == 70_000
    assert all((path.stat().st_ino, path.read_bytes()) == value for path, value in old.items())
    assert len(output(tmp_path)) == 70_000
    ends = dict.fromkeys(range(3), 0)
    for partition, offset, _, _ in messages(broker, topic):
        ends[partition] = max(ends[partition], offset + 1)
    assert manifest(tmp_path)["extra"]["kafka.offsets"] == ",".join(f"{p}:0-{ends[p]}" for p in range(3))


@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_codecs(broker, tmp_path, codec):
    topic = broker.topic(f"codec-{codec}", 2)
    broker.events(topic, "--events", 20_000, "--users", 300, "--conf", f"kafka.compression.type={codec}")
    # The number of tasks and processes does not matter.
    ingest(tmp_path, broker, topic, maxOffsetsPerSplit=3000)
    assert expect_exactly_once(tmp_path, broker, topic) == 20_000
    ingest(tmp_path / "workers", broker, topic, "--master", "local-cluster[2]")
    assert expect_exactly_once(tmp_path / "workers", broker, topic) == 20_000


def test_files_depend_only_on_offsets(broker, tmp_path):
    topic = broker.topic("same-files", 2)
    broker.events(topic, "--events", 20_000, "--users", 300)
    digests = []
    for name, master in [("one", "local[1]"), ("two", "local[4]"), ("three", "local-cluster[3]")]:
        ingest(tmp_path / name, broker, topic, "--master", master, maxOffsetsPerSplit=4000)
        folder = tmp_path / name / "raw"
        digests.append({str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()})
    assert digests[0] == digests[1] == digests[2]
    assert "dt=2025-04-01/part-00000-0000000000000000.jsonl.zst" in digests[0]


def test_all_kinds_of_messages(broker, tmp_path):
    topic = broker.topic("kinds")
    midnight = 1_743_552_000_000  # 2025-04-02
    long = event(5, note="x" * 900_000)
    values = [
        event(0, midnight - 1), event(1, midnight), b"", None, b"  \t ", event(2, midnight) + b"\r\n",
        event(3, midnight).replace(b", ", b",\n\r\n"), b"[]", long, b'{"event_type":"click","timestamp":1,"user_id":"u"}',
        event(6, 10**18), event(7, -1), event(8, "2025-04-02T01:00:00+02:00"), b"\xff\x00{", event(9) + b"\n" + event(10),
    ]
    send(broker, topic, values)
    step = ingest(tmp_path, broker, topic, maxRejectedShare=0.5)
    assert output(tmp_path) == [
        ("1969-12-31", values[11]), ("1970-01-01", values[9]), ("2025-04-01", values[0]), ("2025-04-01", long),
        ("2025-04-01", values[12]), ("2025-04-02", values[1]), ("2025-04-02", event(2, midnight) + b"  "),
        ("2025-04-02", event(3, midnight).replace(b", ", b",   ")),
    ]
    assert [(line["offset"], line["reason"]) for line in rejected(tmp_path)] == [
        (7, "not an object"), (10, "bad timestamp"), (13, "malformed JSON"), (14, "malformed JSON")]
    assert step["recordsRead"] == 12 and step["recordsRejected"] == 4

    error = ingest(tmp_path / "strict", broker, topic, maxRejectedShare=0.2, code=1)
    assert f"4 of 12 messages of topic {topic} are not events" in error
    assert f"{topic}, partition 0, offset 7: not an object; looks like a JSON array" in error
    kept = (tmp_path / "strict/raw/_rejected/failed.jsonl").read_text().splitlines()
    assert [json.loads(line)["offset"] for line in kept] == [7, 10, 13, 14]
    assert [path.name for path in (tmp_path / "strict/raw").iterdir()] == ["_rejected"]


def test_starting_and_ending_offsets(broker, tmp_path):
    topic = broker.topic("ends", 2)
    send(broker, topic, [event(n) for n in range(100)])
    send(broker, topic, [event(1000 + n) for n in range(50)], partition=1)

    def numbers(name, **fields):
        ingest(tmp_path / name, broker, topic, **fields)
        return sorted(int(json.loads(line)["event_id"][1:]) for _, line in output(tmp_path / name))

    assert numbers("explicit", startingOffsets="0:90,1:0", endingOffsets="0:95,1:2") == [*range(90, 95), 1000, 1001]
    # The next run starts where the last one ended, regardless of startingOffsets.
    assert numbers("explicit", startingOffsets="latest") == [*range(90, 100), *range(1000, 1050)]
    assert numbers("latest", startingOffsets="latest") == []
    assert manifest(tmp_path / "latest")["extra"]["kafka.offsets"] == "0:100-100,1:50-50"
    producer = broker.producer()
    for n in range(3):
        producer.produce(topic, event(2000 + n), partition=1, timestamp=4_102_444_800_000 + n)  # 2100-01-01
    assert producer.flush(LIMIT) == 0
    assert numbers("latest") == [2000, 2001, 2002], "the events since that time"
    assert numbers("time", startingOffsets="2100-01-01T00:00:00.001Z") == [2001, 2002]
    assert numbers("until", endingOffsets="2100-01-01") == [*range(100), *range(1000, 1050)]

    assert "startingOffsets gives no offset" in ingest(tmp_path / "few", broker, topic, startingOffsets="0:1", code=1)
    assert "endingOffsets is 101, but its next offset is 100" in ingest(
        tmp_path / "far", broker, topic, endingOffsets="0:101,1:1", code=1)
    done = broker.run(
        BIN / "swift-submit", _job(tmp_path, broker, topic, startingOffsets="yesterday"), code=2)
    assert 'steps[0].startingOffsets: expected earliest, latest,' in done.stderr and '"yesterday"' in done.stderr


def _job(root, broker, topic, **fields):
    from kafka_ingest import job
    return job(root, broker, topic, **fields)


def test_transactions(broker, tmp_path):
    """Transaction markers, aborted messages, an open transaction, and splits without messages."""
    topic = broker.topic("transactions")
    # A separate producer for aborts, because this broker reports long aborted transactions to readers.
    commits = broker.producer(**{"transactional.id": "commits"})
    aborts = broker.producer(**{"transactional.id": "aborts"})
    for producer in [commits, aborts]:
        producer.init_transactions(LIMIT)

    def transaction(producer, numbers, end):
        producer.begin_transaction()
        for number in numbers:
            producer.produce(topic, event(number))
        producer.flush(LIMIT)
        end()

    for start in range(0, 600, 200):
        transaction(commits, range(start, start + 100), commits.commit_transaction)
        transaction(aborts, range(start + 100, start + 200), aborts.abort_transaction)
    report = ingest(tmp_path, broker, topic, maxOffsetsPerSplit=20)
    assert report["offsets"] == [{"partition": 0, "start": 0, "end": 606}] and report["rowsWritten"] == 300
    assert expect_exactly_once(tmp_path, broker, topic) == 300

    open_ = broker.producer(**{"transactional.id": "open"})
    open_.init_transactions(LIMIT)
    transaction(open_, range(1000, 1050), lambda: None)
    transaction(commits, range(2000, 2010), commits.commit_transaction)
    assert ingest(tmp_path, broker, topic)["skipped"], "messages after an open transaction must be invisible"
    open_.commit_transaction()
    assert ingest(tmp_path, broker, topic)["rowsWritten"] == 60
    assert expect_exactly_once(tmp_path, broker, topic) == 360


def test_lost_offsets_are_reported(broker, tmp_path):
    topic = broker.topic("aged", 2)
    send(broker, topic, [event(n) for n in range(100)])
    send(broker, topic, [event(1000 + n) for n in range(100)], partition=1)
    assert ingest(tmp_path, broker, topic)["rowsWritten"] == 200
    send(broker, topic, [event(100 + n) for n in range(100)])
    admin = broker.admin
    admin.delete_records([TopicPartition(topic, 0, 150)])[TopicPartition(topic, 0)].result(LIMIT)
    before = manifest(tmp_path)
    error = ingest(tmp_path, broker, topic, code=1)
    assert f"/{topic}, partition 0: offsets 100 to 199 are wanted, but it holds 150 to 199" in error
    assert manifest(tmp_path) == before
    report = ingest(tmp_path, broker, topic, failOnDataLoss=False)
    assert report["rowsWritten"] == report["lostOffsets"] == 50
    assert manifest(tmp_path)["extra"]["lostOffsets"] == "50"

    admin.delete_topics([topic], request_timeout=LIMIT)[topic].result(LIMIT)
    wait_until(lambda: topic not in admin.list_topics(timeout=LIMIT).topics, "the topic goes")
    broker.topic(topic, 2)
    send(broker, topic, [event(1)])
    error = ingest(tmp_path, broker, topic, code=1)
    assert "partition 0: offset 200 comes next, but it holds 0 to 0" in error and "deleted and recreated" in error


def test_errors(broker, tmp_path):
    topic = broker.topic("here")
    send(broker, topic, [event(1)])
    assert "/nowhere: listing partitions: Broker: Unknown topic" in ingest(tmp_path, broker, "nowhere", code=1)
    ingest(tmp_path, broker, topic)
    other = broker.topic("other")
    assert f"holds the events of topic '{topic}'" in ingest(tmp_path, broker, other, code=1)
    done = broker.run(
        BIN / "swift-submit", "--conf", "kafka.sasl.pasword=hush", _job(tmp_path, broker, topic), code=2)
    assert "conf.kafka.sasl.pasword: unknown librdkafka property" in done.stderr and "hush" not in done.stderr
    done = broker.run(BIN / "swift-submit", "--explain", _job(tmp_path, broker, topic))
    assert "0:1-1" in done.stdout and "will not run again" in done.stdout
