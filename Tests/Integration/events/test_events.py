"""swift-events checked with other programs: DuckDB reads every line, the distributions are those of a web site, and k-means in
scikit-learn finds the kinds of users."""

import hashlib
import pathlib
import signal
import subprocess
import time

import duckdb
import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from project import BIN

KINDS = 7
TYPES = {
    "event_id": "VARCHAR", "event_type": "VARCHAR", "timestamp": "BIGINT", "user_id": "VARCHAR",
    "session_id": "VARCHAR", "page_url": "VARCHAR", "referrer": "VARCHAR", "device": "VARCHAR", "os": "VARCHAR",
    "browser": "VARCHAR", "country": "VARCHAR", "duration_ms": "BIGINT", "query": "VARCHAR",
    "product_id": "VARCHAR", "price": "DOUBLE", "quantity": "BIGINT", "experiment": "VARCHAR",
    "variant": "VARCHAR",
}


def generate(*arguments, code=0):
    done = subprocess.run([BIN / "swift-events", *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr
    return done.stderr


def digest(folder):
    files = sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def load(connection, folder):
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in TYPES.items())
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        f"""CREATE TABLE events AS SELECT *, epoch_ms("timestamp") AS moment
        FROM read_json('{folder}/dt=*/*', format = 'newline_delimited', columns = {{{columns}}},
                       hive_partitioning = true, hive_types = {{dt: DATE}})""")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "raw"
    generate("--events", 500_000, "--users", 5000, "--output", folder)
    connection = duckdb.connect()
    load(connection, folder)
    connection.execute(f"CREATE TABLE kinds AS FROM read_csv('{folder}/_kinds.csv')")
    return connection


def one(site, query):
    return site.sql(query).fetchall()[0]


def test_number_of_events_and_required_fields(site):
    row = one(site, """SELECT count(*), count(DISTINCT event_id), count(event_type), count(timestamp), count(user_id),
        count(session_id), count(page_url), count(device) FROM events""")
    assert row == (500_000,) * 8


def test_every_event_is_in_the_folder_of_its_day(site):
    assert one(site, "SELECT count(*) FROM events WHERE moment::DATE <> dt") == (0,)
    assert one(site, "SELECT min(dt)::VARCHAR, max(dt)::VARCHAR, count(DISTINCT dt) FROM events") == (
        "2025-04-01", "2025-04-21", 21)


def test_every_user_with_events_has_a_kind(site):
    assert one(site, "SELECT count(*), count(DISTINCT user_id) FROM kinds") == (5000, 5000)
    assert one(site, "SELECT count(DISTINCT user_id) FROM events SEMI JOIN kinds USING (user_id)") == (5000,)


def test_event_types_and_their_fields(site):
    types = dict(site.sql("SELECT event_type, count(*) FROM events GROUP BY 1").fetchall())
    assert set(types) == {"page_view", "click", "search", "add_to_cart", "purchase"}
    assert types["page_view"] > types["click"] > types["add_to_cart"] > types["purchase"] > 1000
    assert one(site, "SELECT count(*) FROM events WHERE (query IS NOT NULL) <> (event_type = 'search')") == (0,)
    assert one(site, """SELECT count(*) FROM events WHERE event_type IN ('add_to_cart', 'purchase')
        AND (product_id IS NULL OR price <= 0 OR quantity NOT BETWEEN 1 AND 3)""") == (0,)
    assert one(site, "SELECT max(n) FROM (SELECT count(DISTINCT price) n FROM events GROUP BY product_id)") == (1,)


@pytest.mark.parametrize("item, condition", [
    ("product_id", "event_type = 'page_view' AND product_id IS NOT NULL"),
    ("query", "event_type = 'search'"),
])
def test_popularity_is_a_power_law(site, item, condition):
    counts = np.array([n for (n,) in site.sql(
        f"SELECT count(*) n FROM events WHERE {condition} GROUP BY {item} ORDER BY n DESC").fetchall()], float)
    ranks = np.arange(1, len(counts) + 1)
    middle = (ranks >= 20) & (ranks <= 500)
    slope, offset = np.polyfit(np.log(ranks[middle]), np.log(counts[middle]), 1)
    error = np.log(counts[middle]) - (slope * np.log(ranks[middle]) + offset)
    assert -1.5 < slope < -0.5
    assert error.std() < 0.15


def test_activity_of_users_has_a_heavy_tail(site):
    counts = np.array([n for (n,) in site.sql("SELECT count(*) FROM events GROUP BY user_id").fetchall()])
    assert counts.min() >= 20
    assert counts.max() > 10 * np.median(counts)
    assert np.sort(counts)[-len(counts) // 10:].sum() > 0.25 * counts.sum()


def test_days_and_hours_vary(site):
    hours = np.array([n for (n,) in site.sql("SELECT count(*) FROM events GROUP BY hour(moment) ORDER BY hour(moment)").fetchall()])
    assert len(hours) == 24 and hours.max() > 2 * hours.min()
    night = dict(site.sql("SELECT kind, avg((hour(moment) < 6)::INT) FROM events JOIN kinds USING (user_id) GROUP BY 1").fetchall())
    assert max(night, key=night.get) == "night_reader"
    weekend = dict(site.sql(
        "SELECT kind, avg((dayofweek(moment) IN (0, 6))::INT) FROM events JOIN kinds USING (user_id) GROUP BY 1").fetchall())
    assert weekend["weekend_mobile"] > 0.6 > 0.45 > weekend["browser"] > weekend["searcher"]


def test_dwell_times_are_log_normal(site):
    dwell = np.array([n for (n,) in site.sql("""SELECT duration_ms FROM events JOIN kinds USING (user_id)
        WHERE kind = 'night_reader' AND page_url LIKE '%/magazine/%' AND duration_ms > 0""").fetchall()])
    logs = np.log(dwell)
    skew = ((logs - logs.mean()) ** 3).mean() / logs.std() ** 3
    assert abs(skew) < 0.6 and dwell.mean() > 1.2 * np.median(dwell)


def test_treatment_converts_slightly_better(site):
    rate = dict(site.sql("""SELECT variant, count(*) FILTER (event_type = 'purchase')
        / count(*) FILTER (page_url LIKE '%/checkout' AND event_type = 'page_view')
        FROM events WHERE variant IS NOT NULL GROUP BY 1""").fetchall())
    assert set(rate) == {"control", "treatment"}
    assert 1.02 < rate["treatment"] / rate["control"] < 1.4


FEATURES = """
SELECT user_id, count(*) events, count(DISTINCT session_id) sessions,
  count(*) FILTER (event_type = 'page_view') page_views, count(*) FILTER (event_type = 'click') clicks,
  count(*) FILTER (event_type = 'search') searches, count(*) FILTER (event_type = 'add_to_cart') add_to_carts,
  count(*) FILTER (event_type = 'purchase') purchases, count(DISTINCT page_url) distinct_pages,
  count(DISTINCT moment::DATE) active_days,
  coalesce(sum(price * quantity) FILTER (event_type = 'purchase'), 0) revenue,
  any_value(length) avg_session_seconds, count(*) / count(DISTINCT session_id) events_per_session,
  coalesce(avg(duration_ms), 0) avg_dwell_ms,
  avg((hour(moment) < 6)::INT) night_share, avg((hour(moment) BETWEEN 6 AND 11)::INT) morning_share,
  avg((hour(moment) BETWEEN 12 AND 17)::INT) afternoon_share, avg((hour(moment) > 17)::INT) evening_share,
  avg((dayofweek(moment) IN (0, 6))::INT) weekend_share, avg((device = 'mobile')::INT) mobile_share
FROM events JOIN (
  SELECT user_id, avg(length) AS length FROM (
    SELECT user_id, (max(timestamp) - min(timestamp)) / 1000 AS length FROM events GROUP BY user_id, session_id)
  GROUP BY user_id) USING (user_id)
GROUP BY user_id"""


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_k_means_finds_the_kinds(site, seed):
    table = site.sql(f"SELECT kind, f.* FROM ({FEATURES}) f JOIN kinds USING (user_id) ORDER BY user_id").df()
    columns = table.drop(columns=["kind", "user_id"]).to_numpy(float)
    scaled = (columns - columns.mean(0)) / columns.std(0)
    labels = KMeans(KINDS, n_init=10, random_state=seed).fit_predict(scaled)
    score = adjusted_rand_score(table.kind, labels)
    # Well separated, but not perfectly.
    assert 0.6 < score < 0.98, score


def test_same_seed_same_result(tmp_path):
    arguments = ["--events", 60_000, "--users", 600, "--files-per-day", 2, "--format", "jsonl"]
    generate(*arguments, "--threads", 1, "--output", tmp_path / "one")
    generate(*arguments, "--threads", 7, "--output", tmp_path / "two")
    generate(*arguments, "--seed", 43, "--output", tmp_path / "three")
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    names = digest(tmp_path / "one")
    other = digest(tmp_path / "three")
    assert not {names[name] for name in names} & set(other.values())


@pytest.mark.parametrize("kind", ["jsonl.zst", "jsonl.gz"])
def test_compressed_files_hold_the_same_lines(tmp_path, kind):
    generate("--events", 20_000, "--output", tmp_path / "plain", "--format", "jsonl")
    generate("--events", 20_000, "--output", tmp_path / "packed", "--format", kind)
    query = "SELECT content FROM read_csv('{}/dt=*/*.{}', columns = {{content: 'VARCHAR'}}, delim = '\\x01', quote = '', header = false, compression = '{}') ORDER BY 1"
    compression = {"jsonl.zst": "zstd", "jsonl.gz": "gzip"}[kind]
    connection = duckdb.connect()
    packed = connection.sql(query.format(tmp_path / "packed", kind, compression)).fetchall()
    lines = [(line,) for path in (tmp_path / "plain").glob("dt=*/*") for line in path.read_text().splitlines()]
    assert len(packed) == 20_000
    assert sorted(lines) == sorted(packed)


def test_duckdb_rejects_exactly_the_malformed_lines(tmp_path):
    summary = generate("--events", 50_000, "--malformed", 0.02, "--format", "jsonl", "--output", tmp_path / "raw")
    connection = duckdb.connect()
    connection.execute(f"""CREATE TABLE lines AS SELECT content FROM read_csv('{tmp_path}/raw/dt=*/*',
        columns = {{content: 'VARCHAR'}}, delim = '\\x01', quote = '', header = false)""")
    valid = one(connection, """SELECT count(*) FROM lines WHERE json_valid(content) AND json_type(content) = 'OBJECT'
        AND json_type(content, '$.user_id') = 'VARCHAR' AND json_type(content, '$.timestamp') = 'UBIGINT'""")[0]
    total = one(connection, "SELECT count(*) FROM lines")[0]
    assert valid == 50_000
    assert f"{total - valid} malformed lines" in summary
    assert abs((total - valid) / total - 0.02) < 0.003


def test_existing_output_is_kept_unless_forced(tmp_path):
    out = tmp_path / "raw"
    generate("--events", 1000, "--output", out)
    before = digest(out)
    assert "already" in generate("--events", 1000, "--output", out)
    assert "--force" in generate("--events", 2000, "--output", out, code=1)
    assert digest(out) == before
    generate("--events", 2000, "--output", out, "--force")
    assert digest(out) != before
    (out / "notes.txt").write_text("mine")
    assert "notes.txt" in generate("--events", 3000, "--output", out, "--force", code=1)
    assert (out / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_interrupted_run_leaves_no_partial_output(tmp_path, number, code):
    command = [BIN / "swift-events", "--events", "100000", "--rate", "20000", "--output", tmp_path / "raw"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not any(path.is_file() and path.name.startswith("part-") for path in tmp_path.rglob("*")):
        if not any(path.name.startswith(".swiftlet-") for path in tmp_path.rglob("*")):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.01)
            continue
        break
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == code
    assert not (tmp_path / "raw").exists()
    if number != signal.SIGKILL:
        assert list(tmp_path.iterdir()) == []
    # The next run succeeds, whatever was left behind.
    generate("--events", 1000, "--output", tmp_path / "raw")
    assert (tmp_path / "raw" / "_SUCCESS").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


@pytest.mark.parametrize("arguments, message", [
    ([], "--output is missing"),
    (["--output", "x", "--event", "5"], "--events"),
    (["--output", "x", "--events", "five"], "expected an integer"),
    (["--output", "x", "--events", "0"], "--events"),
    (["--output", "x", "--users", "0"], "--users"),
    (["--output", "x", "--start-date", "2025-02-30"], "--start-date"),
    (["--output", "x", "--days", "99999"], "--days"),
    (["--output", "x", "--format", "csv"], "--format"),
    (["--output", "x", "--rate", "-1"], "--rate"),
    (["--output", "x", "--duration", "5"], "--rate"),
    (["--output", "x", "--malformed", "2"], "--malformed"),
    (["--bootstrap-servers", "localhost:9092"], "--topic is missing"),
    (["--topic", "clicks"], "--bootstrap-servers is missing"),
    (["--topic", "clicks", "--bootstrap-servers", "localhost:9092", "--output", "x"], "--output is for files"),
    (["--output", "x", "--conf", "kafka.acks=1"], "--conf kafka.acks: expected a setting of an object store"),
    (["--output", "x", "--conf", "s3.lockSeconds=1"], "--conf s3.lockSeconds: expected an integer"),
])
def test_usage_errors(arguments, message, tmp_path):
    done = subprocess.run([(BIN / "swift-events").absolute(), *arguments], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_rate_times_duration_is_the_number_of_events(tmp_path):
    start = time.monotonic()
    summary = generate("--rate", 20_000, "--duration", 1, "--output", tmp_path / "raw")
    assert "20000 events" in summary
    assert time.monotonic() - start > 0.5


def test_help_and_version():
    for option in ("--help", "--version"):
        done = subprocess.run([BIN / "swift-events", option], capture_output=True, text=True)
        assert done.returncode == 0 and "swift-events" in done.stdout
