"""Checks of the output of a run with independent programs: another Kafka client, DuckDB, plain counting."""

import json
import re
import subprocess
import sys
from hashlib import blake2b

import duckdb

import features_oracle
from athena import QUERIES, ask, views
from kafka_ingest import lines, messages
from project import ROOT

EVENT_ID = re.compile(rb'"event_id":"([^"]+)"')


class CheckFailed(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise CheckFailed(message)


def digest(value):
    return blake2b(value, digest_size=16).digest()


def checksum(digests):
    """Returns a checksum of a multiset of digests, independent of their order."""
    return sum(int.from_bytes(one, "big") for one in digests) % 2**128


def exactly_once(broker, topic, mirror, produced):
    """Each event of the topic is in raw/ exactly once, byte by byte. Messages that are not in raw/ are malformed.

    `produced`: (events, malformed) as counted by the producer."""
    events, malformed = produced
    manifest = json.loads((mirror / "raw/_SUCCESS").read_text())
    listed = {file["name"] for file in manifest["files"]}
    there = {str(path.relative_to(mirror / "raw")) for path in mirror.glob("raw/dt=*/*")}
    expect(there == listed, f"raw/ has {len(there)} files, but its _SUCCESS lists {len(listed)}")
    stored, ids = [], []
    for name in sorted(listed):
        for line in lines(mirror / "raw" / name):
            stored.append(digest(line))
            ids.append(EVENT_ID.search(line)[1])
    known = set(stored)
    expect(len(stored) == events, f"{events:,} events were produced, but raw/ has {len(stored):,} lines")
    expect(len(known) == len(set(ids)) == events, "raw/ has a duplicate event")
    expect(manifest["rows"] == events, f"the _SUCCESS of raw/ counts {manifest['rows']:,} rows")
    sent, others, sent_ids = [], [], []
    for _, _, _, value in messages(broker, topic):
        if (one := digest(value)) in known:
            sent.append(one)
            sent_ids.append(EVENT_ID.search(value)[1])
        else:
            others.append(value)
    expect(checksum(sent) == checksum(stored), "raw/ and the topic differ in their checksum")
    expect(checksum(map(digest, sent_ids)) == checksum(map(digest, ids)), "raw/ and the topic differ in the checksum of event ids")
    expect(len(others) == malformed, f"{malformed} messages are malformed, but {len(others)} are missing in raw/")
    for value in others:
        expect(features_oracle.scan(value)[0], f"raw/ lacks an event: {value[:200]}")
    return f"{events:,} events, ids {checksum(map(digest, ids)):032x}; {malformed:,} malformed messages rejected"


def features(mirror, day, start, after):
    """Every row and column equals what DuckDB computes from the same events."""
    theirs = mirror.parent / f"duckdb-{day}.parquet"
    for script, *arguments in [
        ("peers/duckdb_features.py", mirror / "raw", theirs, 2, start, after),
        ("same_features.py", mirror / f"features/dt={day}", theirs),
    ]:
        done = subprocess.run(
            [sys.executable, ROOT / "bench" / script, *map(str, arguments)], capture_output=True, text=True, timeout=300)
        expect(done.returncode == 0, f"{script}: {done.stderr[-2000:]}")
    return done.stdout.strip()


def segments(mirror, day):
    """Each user with features has one segment, and the sizes agree with the model."""
    table, users = f"'{mirror}/user_segments/dt={day}/*.parquet'", f"'{mirror}/features/dt={day}/*.parquet'"
    model = json.loads((mirror / f"user_segments/dt={day}/_model.json").read_text())
    database = duckdb.connect()
    rows, different, strangers = database.execute(
        f"SELECT count(*), count(DISTINCT user_id), count(*) FILTER (user_id NOT IN (SELECT user_id FROM {users})) FROM {table}"
    ).fetchone()
    [expected] = database.execute(f"SELECT count(*) FROM {users}").fetchone()
    expect(rows == different == expected and strangers == 0, f"{expected:,} users, but {rows:,} rows with {different:,} distinct users")
    sizes = [count for _, count in database.execute(f"SELECT segment, count(*) FROM {table} GROUP BY 1 ORDER BY 1").fetchall()]
    expect(sizes == model["sizes"] and sum(sizes) == expected, f"sizes are {sizes}, but {model['sizes']} in the model")
    return f"{rows:,} users in {len(sizes)} segments of {', '.join(f'{size:,}' for size in sizes)}"


def queries(mirror, events):
    """All queries of deploy/athena return rows, and two of them the known totals."""
    database = duckdb.connect()
    views(database, mirror)
    answers = {name: ask(database, name) for name in QUERIES}
    for name, rows in answers.items():
        # Ingest already rejected the malformed messages, so the features step rejects none.
        expect(rows or name == "10_rejected_lines", f"{name} returns no rows")
    counted = sum(row["events"] for row in answers["05_daily_activity"])
    expect(counted == events, f"05_daily_activity counts {counted:,} events, expected {events:,}")
    [users] = database.execute("SELECT count(*) FROM user_segments WHERE dt = (SELECT max(dt) FROM user_segments)").fetchone()
    expect(sum(row["users"] for row in answers["01_segment_sizes"]) == users, "01_segment_sizes does not add up")
    return f"{len(answers)} queries, {sum(map(len, answers.values())):,} rows"
