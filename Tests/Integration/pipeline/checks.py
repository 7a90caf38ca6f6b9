"""What a run of the pipeline must have made, found out with other programs: an independent Kafka client, DuckDB, and plain counting."""

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


class Wrong(Exception):
    """What is not as it must be, in words."""


def expect(condition, what):
    if not condition:
        raise Wrong(what)


def digest(value):
    return blake2b(value, digest_size=16).digest()


def checksum(digests):
    """Of a multiset: the same in any order, another where one is there twice or missing."""
    return sum(int.from_bytes(one, "big") for one in digests) % 2**128


def exactly_once(broker, topic, mirror, produced):
    """Each event of the topic is in raw/ once, as the byte string that it was; what is not there is no event.

    `produced`: (events, malformed) as the producer counted them."""
    events, malformed = produced
    manifest = json.loads((mirror / "raw/_SUCCESS").read_text())
    listed = {file["name"] for file in manifest["files"]}
    there = {str(path.relative_to(mirror / "raw")) for path in mirror.glob("raw/dt=*/*")}
    expect(there == listed, f"raw/ holds {len(there)} files, and its _SUCCESS lists {len(listed)}")
    stored, ids = [], []
    for name in sorted(listed):
        for line in lines(mirror / "raw" / name):
            stored.append(digest(line))
            ids.append(EVENT_ID.search(line)[1])
    known = set(stored)
    expect(len(stored) == events, f"{events:,} events were produced, raw/ has {len(stored):,} lines")
    expect(len(known) == len(set(ids)) == events, "an event is in raw/ twice")
    expect(manifest["rows"] == events, f"the _SUCCESS of raw/ counts {manifest['rows']:,} rows")
    sent, others, sent_ids = [], [], []
    for _, _, _, value in messages(broker, topic):
        if (one := digest(value)) in known:
            sent.append(one)
            sent_ids.append(EVENT_ID.search(value)[1])
        else:
            others.append(value)
    expect(checksum(sent) == checksum(stored), "the checksum of raw/ is not that of the topic")
    expect(checksum(map(digest, sent_ids)) == checksum(map(digest, ids)), "the checksum of the ids is another one")
    expect(len(others) == malformed, f"{malformed} messages are malformed, {len(others)} are not in raw/")
    for value in others:
        expect(features_oracle.scan(value)[0], f"an event is not in raw/: {value[:200]}")
    return f"{events:,} events, ids {checksum(map(digest, ids)):032x}; {malformed:,} malformed messages left out"


def features(mirror, day, start, after):
    """Every row and column as DuckDB computes it from the same events."""
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
    """One row for each user that has features, and sizes that are what the model and the rows say."""
    table, users = f"'{mirror}/user_segments/dt={day}/*.parquet'", f"'{mirror}/features/dt={day}/*.parquet'"
    model = json.loads((mirror / f"user_segments/dt={day}/_model.json").read_text())
    database = duckdb.connect()
    rows, different, strangers = database.execute(
        f"SELECT count(*), count(DISTINCT user_id), count(*) FILTER (user_id NOT IN (SELECT user_id FROM {users})) FROM {table}"
    ).fetchone()
    [expected] = database.execute(f"SELECT count(*) FROM {users}").fetchone()
    expect(rows == different == expected and strangers == 0, f"{expected:,} users, {rows:,} rows, {different:,} different ones")
    sizes = [count for _, count in database.execute(f"SELECT segment, count(*) FROM {table} GROUP BY 1 ORDER BY 1").fetchall()]
    expect(sizes == model["sizes"] and sum(sizes) == expected, f"sizes {sizes}, in the model {model['sizes']}")
    return f"{rows:,} users in {len(sizes)} segments of {', '.join(f'{size:,}' for size in sizes)}"


def queries(mirror, events):
    """Deploy/athena's ten, each with rows; two whose sums are known."""
    database = duckdb.connect()
    views(database, mirror)
    answers = {name: ask(database, name) for name in QUERIES}
    for name, rows in answers.items():
        # Ingest keeps what is no event; the features step, which this query asks about, meets none.
        expect(rows or name == "10_rejected_lines", f"{name} has no row")
    counted = sum(row["events"] for row in answers["05_daily_activity"])
    expect(counted == events, f"05_daily_activity counts {counted:,} events")
    [users] = database.execute("SELECT count(*) FROM user_segments WHERE dt = (SELECT max(dt) FROM user_segments)").fetchone()
    expect(sum(row["users"] for row in answers["01_segment_sizes"]) == users, "01_segment_sizes does not add up")
    return f"{len(answers)} queries, {sum(map(len, answers.values())):,} rows"
