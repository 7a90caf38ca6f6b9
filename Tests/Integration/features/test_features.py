"""The features step compared with plain Python and DuckDB, row by row.

Needs `swift build -c release --product features-check`.
"""

import datetime
import gzip
import json
import math
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import features_oracle as oracle
from features_maker import Maker
from project import BIN

START, END = "2025-04-01", "2025-04-03"
DAYS = (20_179, 20_181)
INTEGERS = [
    "events", "sessions", "page_views", "clicks", "searches", "add_to_carts", "purchases", "distinct_pages", "active_days"]
DOUBLES = [
    "revenue", "avg_session_seconds", "events_per_session", "avg_dwell_ms", "night_share", "morning_share",
    "afternoon_share", "evening_share", "weekend_share", "mobile_share"]
TIMES = ["first_seen", "last_seen"]


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


def call(*arguments):
    return subprocess.run(
        [BIN / "features-check", *map(str, arguments)], capture_output=True, text=True, timeout=300)


def run(tmp, *options, start=START, end=END):
    """Report and rows by user_id."""
    result = call("run", tmp / "raw", tmp / "out", start, end, *options)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout), rows(tmp / "out")


def fails(tmp, *options):
    result = call("run", tmp / "raw", tmp / "out", START, END, *options)
    assert result.returncode == 1, (result.returncode, result.stdout, result.stderr)
    assert not list((tmp / "out").glob("[!_]*")) and [p.name for p in tmp.iterdir() if "staging" in p.name] == []
    return result.stderr


def rows(folder):
    found = {}
    files = sorted(folder.glob("part-*.parquet"))
    assert files
    for file in files:
        table = pq.read_table(file)
        expected = [("user_id", pa.string())] + [(n, pa.int64()) for n in INTEGERS] + [(n, pa.float64()) for n in DOUBLES]
        expected += [(n, pa.timestamp("ms", tz="UTC")) for n in TIMES]
        assert [(f.name, f.type) for f in table.schema] == expected
        for name in TIMES:
            table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(pa.int64()))
        listed = table.to_pylist()
        ids = [row["user_id"].encode() for row in listed]
        assert ids == sorted(set(ids))
        for row in listed:
            row["user_id"] = row["user_id"].encode()
            assert row["user_id"] not in found
            found[row["user_id"]] = row
    return found


def put(tmp, files):
    for name, data in files.items():
        path = tmp / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zstd(data) if name.endswith(".zst") else gzip.compress(data) if name.endswith(".gz") else data)


def same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for user, row in ours.items():
        for name in INTEGERS + TIMES:
            assert row[name] == theirs[user][name], (user, name, row, theirs[user])
        for name in DOUBLES:
            a, b = row[name], theirs[user][name]
            assert a == b or math.isnan(a) and math.isnan(b) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9), (
                user, name, row, theirs[user])


def against_oracle(tmp, files, *options, days=DAYS, zone="UTC"):
    put(tmp, files)
    ordered = {str(tmp / "raw" / name): files[name] for name in sorted(files, key=str.encode)}
    expected, counts = oracle.features(ordered, *days, zone=zone)
    start, end = (str(datetime.date(1970, 1, 1) + datetime.timedelta(day)) for day in days)
    report, found = run(tmp, "maxRejectedShare=1", f"timeZone={zone}", *options, start=start, end=end)
    same(found, expected)
    assert report["recordsRead"] == counts["recordsRead"]
    assert report["recordsOutsideRange"] == counts["recordsOutsideRange"]
    assert report["recordsRejected"] == len(counts["rejected"])
    assert report["rowsWritten"] == len(expected)
    assert report["ignoredValues"] == counts["ignored"]
    reasons = [reason for *_, reason in counts["rejected"]]
    assert report["rejectedByReason"] == {reason: reasons.count(reason) for reason in reasons}
    kept = [json.loads(line) for path in (tmp / "out" / "_rejected").glob("*") for line in path.read_bytes().splitlines()]
    assert [(line["file"], line["lineNumber"], line["offset"], line["reason"]) for line in kept] == counts["rejected"][:1000]
    return report


@pytest.mark.parametrize("seed", range(4))
def test_scanner_agrees_with_python(tmp_path, seed):
    data = Maker(seed).file(6000, spoiled=[0, 0.05, 0.5, 1][seed])
    path = tmp_path / "events.jsonl"
    path.write_bytes(data)
    result = call("scan", path)
    assert result.returncode == 0, result.stderr
    found = iter(result.stdout.splitlines())

    def shown(value):
        return "-" if value is None else "x" + value.hex()

    for offset, line in oracle.lines(data):
        expected = oracle.scan(line)
        if expected is None:
            continue
        reason, event = expected
        ours = next(found).split("\t")
        assert ours[:3] == [str(offset), str(len(line)), str(reason)], line
        if event:
            assert ours[3:9] == [
                str(event["type"]), str(event["timestamp"]), shown(event["user"]), shown(event["session"]),
                shown(event["page"]), str(int(event["mobile"]))], line
            for text, name in zip(ours[9:], ["duration", "price", "quantity"]):
                assert float(text) == event[name] or math.isnan(float(text)) and math.isnan(event[name]), (line, name)
    assert next(found, None) is None


@pytest.mark.parametrize("seed", range(6))
def test_features_equal_plain_python(tmp_path, seed):
    maker = Maker(seed + 100, extreme=False)
    names = [
        "dt=2025-04-01/a.jsonl", "dt=2025-04-01/b.jsonl.zst", "dt=2025-04-02/c.jsonl.gz", "d.jsonl", "e.jsonl.zst",
        "empty.jsonl", "empty.jsonl.zst"]
    files = {name: b"" if "empty" in name else maker.file(1500, spoiled=0.03 * (seed % 3)) for name in names}
    against_oracle(tmp_path, files, f"splitBytes={[1 << 25, 10_000, 77_777][seed % 3]}",
                   f"partitionBytes={[1 << 26, 100_000, 20_000][seed // 2]}")


@pytest.mark.parametrize("zone,days", [
    ("Asia/Tokyo", DAYS), ("America/New_York", DAYS), ("Asia/Kolkata", DAYS), ("Europe/Berlin", (20_176, 20_179)),
    ("Europe/Berlin", (20_386, 20_388)), ("America/Sao_Paulo", (17_838, 17_840)), ("Australia/Lord_Howe", (20_183, 20_185)),
    ("Pacific/Chatham", (20_100, 20_300))])
def test_time_zones(tmp_path, zone, days):
    maker, rand = Maker(3, extreme=False), Maker(4).random
    start, end = days[0] * oracle.DAY, days[1] * oracle.DAY
    lines = [event(timestamp=rand.randrange(start - oracle.DAY, end + 2 * oracle.DAY), user_id="u%d" % rand.randrange(9))
             for _ in range(3000)]
    against_oracle(tmp_path, {"a.jsonl": maker.file(300) + b"\n" + b"\n".join(lines)}, days=days, zone=zone)


def test_features_equal_duckdb(tmp_path):
    maker = Maker(7)
    rand = maker.random
    files = {}
    for index in range(3):
        out = []
        for _ in range(20_000):
            event = {
                "event_type": rand.choice(list(oracle.TYPES) + ["scroll"]), "user_id": "u%d" % rand.randrange(700),
                "timestamp": 1_743_465_600_000 + rand.randrange(-oracle.DAY, 4 * oracle.DAY),
                "device": rand.choice(["mobile", "desktop", None])}
            if rand.random() < 0.5:
                event["session_id"] = "s%d" % rand.randrange(5)
            if rand.random() < 0.8:
                event["page_url"] = "/p/%d" % rand.randrange(50)
            for name in ("duration_ms", "price", "quantity"):
                if rand.random() < 0.6:
                    event[name] = rand.choice([rand.randrange(100), round(rand.random() * 100, 2)])
            items = list(event.items())
            rand.shuffle(items)
            out.append(json.dumps(dict(items)))
        files["%d.jsonl%s" % (index, ["", ".gz", ".zst"][index])] = "\n".join(out).encode()
    put(tmp_path, files)
    report, found = run(tmp_path, "splitBytes=200000", "partitionBytes=1000000")
    paths = [str(tmp_path / "raw" / name) for name in files]
    columns = {name: "VARCHAR" for name in ("event_type", "user_id", "device", "session_id", "page_url")}
    columns |= {"timestamp": "BIGINT"} | {name: "DOUBLE" for name in ("duration_ms", "price", "quantity")}
    query = """
      WITH events AS (
        SELECT *, timestamp // 86400000 AS day, timestamp // 21600000 % 4 AS quarter FROM read_json($1, columns = $2,
          format = 'newline_delimited')
        WHERE timestamp >= epoch_ms(TIMESTAMP '2025-04-01') AND timestamp < epoch_ms(TIMESTAMP '2025-04-04')),
      gaps AS (SELECT *, CASE WHEN session_id IS NULL THEN sum(cut) OVER (PARTITION BY user_id, session_id IS NULL
          ORDER BY timestamp ROWS UNBOUNDED PRECEDING) END AS idle
        FROM (SELECT *, CASE WHEN timestamp - lag(timestamp) OVER (PARTITION BY user_id, session_id IS NULL
          ORDER BY timestamp) <= 1800000 THEN 0 ELSE 1 END AS cut FROM events)),
      sessions AS (SELECT user_id, count(*) AS sessions, avg(length) AS seconds FROM (
          SELECT user_id, (max(timestamp) - min(timestamp)) / 1000 AS length FROM gaps GROUP BY user_id, session_id, idle)
        GROUP BY user_id)
      SELECT encode(user_id) AS user_id, count(*) AS events, any_value(sessions) AS sessions,
        count(*) FILTER (event_type = 'page_view') AS page_views, count(*) FILTER (event_type = 'click') AS clicks,
        count(*) FILTER (event_type = 'search') AS searches, count(*) FILTER (event_type = 'add_to_cart') AS add_to_carts,
        count(*) FILTER (event_type = 'purchase') AS purchases, count(DISTINCT page_url) AS distinct_pages,
        count(DISTINCT day) AS active_days,
        coalesce(sum(price * coalesce(quantity, 1)) FILTER (event_type = 'purchase'), 0) AS revenue,
        any_value(seconds) AS avg_session_seconds, count(*) / any_value(sessions) AS events_per_session,
        coalesce(avg(duration_ms), 0) AS avg_dwell_ms, avg((quarter = 0)::INT) AS night_share,
        avg((quarter = 1)::INT) AS morning_share, avg((quarter = 2)::INT) AS afternoon_share,
        avg((quarter = 3)::INT) AS evening_share,
        avg((isodow(make_timestamp_ms(timestamp)) >= 6)::INT) AS weekend_share,
        count(*) FILTER (device = 'mobile') / count(*) AS mobile_share,
        min(timestamp) AS first_seen, max(timestamp) AS last_seen
      FROM events JOIN sessions USING (user_id) GROUP BY user_id"""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    columns_text = "{" + ", ".join("'%s': '%s'" % pair for pair in columns.items()) + "}"
    paths_text = "[" + ", ".join("'%s'" % path for path in paths) + "]"
    cursor = connection.execute(query.replace("$1", paths_text).replace("$2", columns_text))
    names = [column[0] for column in cursor.description]
    theirs = {row[0]: dict(zip(names, row)) for row in cursor.fetchall()}
    same(found, theirs)
    assert len(found) == 700 and report["recordsRejected"] == 0


GOOD = b'{"event_type":"click","timestamp":1743500000000,"user_id":"a"}'


def event(**fields):
    return json.dumps({"event_type": "click", "timestamp": 1743500000000, "user_id": "a"} | fields).encode()


def test_hard_lines(tmp_path):
    long = event(page_url="x" * 10_000_000, user_id="long")
    nested = b'{"x":' + b"[" * 800 + b"]" * 800 + b"," + GOOD[1:]
    digits = b'{"price":' + b"9" * 100_000 + b'e-99999,"quantity":2,"event_type":"purchase","timestamp":"2025-04-01","user_id":"d"}'
    against_oracle(tmp_path, {
        "crlf.jsonl": GOOD + b"\r\n" + GOOD + b"\r\n\r\n", "no-newline.jsonl": GOOD, "empty.jsonl": b"", "blank.jsonl": b"\n \n\t\r\n",
        "long.jsonl": GOOD + b"\n" + long + b"\n" + GOOD + b"\n", "long.jsonl.gz": long, "nested.jsonl": nested + b"\n" + digits,
        "keys.jsonl": b'{"event_typ\\u0065":"purchase","pr\\u0069ce":3,"timestamp":1743500000000,"user\\u005fid":"\\u0061"}',
        "twice.jsonl": GOOD[:-1] + b',"user_id":"b"}\n' + GOOD[:-1] + b',"user_id":null}\n' + GOOD[:-1] + b',"timestamp":"x"}',
        "torn.jsonl": GOOD[:-1] + b"\n" + GOOD + b"\n" + GOOD[:-2] + b"\n" + GOOD + b'\n{"a":"\\\n' + GOOD + b'\n"\n' + GOOD,
        "types.jsonl": b"[]\n1\n\"x\"\nnull\ntrue\n" + GOOD * 2 + b"\n" + GOOD + b" x\n" + GOOD + b"\n\xef\xbb\xbf" + GOOD,
        "frames.jsonl": GOOD,
    }, "splitBytes=50")


def test_very_deep_lines_are_read(tmp_path):
    # Deeper than Python's recursion limit.
    deep = b'{"x":' + b'[{"y":' * 1_000_000 + b"1" + b"}]" * 1_000_000 + b"," + GOOD[1:]
    put(tmp_path, {"deep.jsonl": deep + b"\n" + b"[" * 5_000_000 + b"\n" + GOOD})
    report, found = run(tmp_path, "maxRejectedShare=0.5")
    assert report["rejectedByReason"] == {"malformed JSON": 1}
    assert found[b"a"]["events"] == 2


def test_before_1970(tmp_path):
    put(tmp_path, {"old.jsonl": b"\n".join([
        event(timestamp=-1), event(timestamp="1969-12-27T05:59:59.9999Z"), event(timestamp="1969-12-26T23:59:59-00:01")])})
    # 1969-12-31 was a Wednesday, the 27th a Saturday.
    _, found = run(tmp_path, start="1969-12-27", end="1969-12-31")
    row = found[b"a"]
    assert (row["events"], row["active_days"], row["evening_share"]) == (3, 2, 1 / 3)
    assert row["weekend_share"] == pytest.approx(2 / 3) and row["night_share"] == pytest.approx(2 / 3)
    assert row["last_seen"] == -1 and row["sessions"] == 3


def test_too_many_rejected_lines_fail(tmp_path):
    put(tmp_path, {"a.jsonl": (GOOD + b"\n") * 97, "b.jsonl.gz": GOOD + b"\n{}\n" + GOOD + b"\nnope\n"})
    error = fails(tmp_path, "maxRejectedShare=0.01")
    assert f"{tmp_path}/raw/b.jsonl.gz, line 2, offset {len(GOOD) + 1}: missing event_type; found no keys" in error
    assert f"{tmp_path}/raw/b.jsonl.gz, line 4, offset {2 * len(GOOD) + 5}: malformed JSON\n    nope" in error
    assert f"they are kept in {tmp_path}/out/_rejected/failed.jsonl" in error
    kept = [json.loads(line) for line in (tmp_path / "out/_rejected/failed.jsonl").read_bytes().splitlines()]
    assert [(line["lineNumber"], line["line"]) for line in kept] == [(2, "{}"), (4, "nope")]
    report, _ = run(tmp_path)
    assert report["recordsRejected"] == 2 and report["recordsRead"] == 101


def test_rejected_lines_are_kept_up_to_a_cap(tmp_path):
    bad = b'{"event_type":"\xff\x01' + b"y" * 5000
    put(tmp_path, {"a.jsonl": (bad + b"\n") * 30 + (GOOD + b"\n") * 10, "b.jsonl": b"tru\n" * 30})
    report, _ = run(tmp_path, "maxRejectedShare=1", "rejectedCap=40", "splitBytes=20000")
    kept = [json.loads(line) for line in (tmp_path / "out/_rejected/part-00000.jsonl").read_bytes().splitlines()]
    assert len(kept) == 40 and report["recordsRejected"] == 60
    assert kept[0]["line"] == bad[:4096].decode(errors="replace") and kept[39]["line"] == "tru"
    assert [line["offset"] for line in kept[:31]] == [i * (len(bad) + 1) for i in range(30)] + [0]
    assert run(tmp_path, "maxRejectedShare=1", "rejectedCap=0")[0]["recordsRejected"] == 60
    assert not (tmp_path / "out/_rejected").exists()


@pytest.mark.parametrize("name,spoil", [
    ("a.jsonl.zst", lambda data: zstd(data)[:-20]), ("a.jsonl.gz", lambda data: gzip.compress(data)[:-20]),
    ("a.jsonl.zst", lambda data: zstd(data) + b"more"), ("a.jsonl.gz", lambda data: b"not gzip at all"),
    ("a.jsonl.gz", lambda data: gzip.compress(data)[:-8] + b"\0" * 8),
])
def test_truncated_files_fail_with_their_name(tmp_path, name, spoil):
    put(tmp_path, {"good.jsonl": GOOD})
    data = b"\n".join(event(timestamp=1743500000000 + i * 977) for i in range(3000))
    (tmp_path / "raw" / name).write_bytes(spoil(data))
    assert f"{tmp_path}/raw/{name}" in fails(tmp_path)


def test_concatenated_frames(tmp_path):
    data = [Maker(seed, extreme=False).file(200) + b"\n" for seed in range(3)]
    put(tmp_path, {"a.jsonl": b"".join(data)})
    _, plain = run(tmp_path, "maxRejectedShare=1")
    (tmp_path / "raw/a.jsonl").unlink()
    (tmp_path / "raw/a.jsonl.zst").write_bytes(b"".join(map(zstd, data)))
    same(run(tmp_path, "maxRejectedShare=1")[1], plain)
    (tmp_path / "raw/a.jsonl.zst").unlink()
    (tmp_path / "raw/a.jsonl.gz").write_bytes(b"".join(map(gzip.compress, data)))
    same(run(tmp_path, "maxRejectedShare=1")[1], plain)


def test_no_files(tmp_path):
    assert "raw" in fails(tmp_path)
    (tmp_path / "raw").mkdir()
    assert "holds no files" in fails(tmp_path)


def test_no_events(tmp_path):
    put(tmp_path, {"empty.jsonl": b"", "early.jsonl": event(timestamp=0)})
    assert "is within 2025-04-01 to 2025-04-03 (UTC); it has 1 event: 1970-01-01 (1)" in fails(tmp_path)


def test_complete_output_is_up_to_date(tmp_path):
    put(tmp_path, {"a.jsonl": GOOD + b"\n" + event(user_id="b") + b"\n{}"})
    first, _ = run(tmp_path, "maxRejectedShare=1")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.*")}
    second, _ = run(tmp_path, "maxRejectedShare=1")
    assert (first["skipped"], second["skipped"]) == (False, True)
    assert {**second, "skipped": False, "text": ""} == {**first, "text": ""}
    third, _ = run(tmp_path, "maxRejectedShare=1", "force=1")
    assert not third["skipped"]
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.*")} == before
    assert not run(tmp_path, "maxRejectedShare=1", "sessionGapMinutes=31")[0]["skipped"]
    (tmp_path / "raw/a.jsonl").write_bytes(GOOD)
    assert not run(tmp_path, "maxRejectedShare=1", "sessionGapMinutes=31")[0]["skipped"]


def test_invalid_fields_are_named(tmp_path):
    put(tmp_path, {"a.jsonl": GOOD})
    for arguments, words in [
        ((START, "2025-03-31"), "steps[0].endDate: expected a date not before"),
        (("2025-02-29", END), "steps[0].startDate: expected a date"),
    ]:
        result = call("run", tmp_path / "raw", tmp_path / "out", *arguments)
        assert result.returncode == 1 and words in result.stderr, result.stderr


def test_explain(tmp_path):
    put(tmp_path, {"a.jsonl": GOOD * 100, "b.jsonl.gz": GOOD})
    result = call("plan", tmp_path / "raw", tmp_path / "out", START, END, "splitBytes=1000")
    assert "objects: 2\n" in result.stdout and "splits: 8\n" in result.stdout and "up to date: false" in result.stdout
    assert not (tmp_path / "out").exists()
