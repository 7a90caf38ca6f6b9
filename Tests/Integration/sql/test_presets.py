"""Presets: each tool's export, read by `swift-submit sql --preset`, gives the event schema and the totals that were put in."""

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from project import BIN, JOBS, ROOT

FIXTURES = ROOT / "Tests/Fixtures"
EXPECTED = json.loads((FIXTURES / "events/expected.json").read_text())
NAMES = sorted(path.stem for path in (JOBS / "events").glob("*.sql"))
SCHEMA = [
    ("event_type", "text"), ("timestamp", None), ("user_id", "text"), ("session_id", "text"), ("page_url", "text"),
    ("device", "text"), ("duration_ms", "bigint"), ("price", "double precision"), ("quantity", "bigint")]
TOTALS = """
SELECT count(*) AS events, count(DISTINCT user_id) AS users, count(DISTINCT session_id) AS sessions,
  count(*) FILTER (WHERE event_type = 'page_view') AS page_views,
  count(*) FILTER (WHERE event_type = 'click') AS clicks,
  count(*) FILTER (WHERE event_type = 'search') AS searches,
  count(*) FILTER (WHERE event_type = 'add_to_cart') AS add_to_carts,
  count(*) FILTER (WHERE event_type = 'purchase') AS purchases,
  coalesce(sum(price * coalesce(quantity, 1)) FILTER (WHERE event_type = 'purchase'), 0) AS revenue,
  count(*) FILTER (WHERE device = 'mobile') AS mobile,
  coalesce(sum(duration_ms), 0) AS dwell_ms,
  count(DISTINCT page_url) FILTER (WHERE event_type = 'page_view') AS pages,
  floor(epoch(min("timestamp"))) AS first_second, floor(epoch(max("timestamp"))) AS last_second
FROM events"""


def submit(*arguments, code=0):
    run = subprocess.run([BIN / "swift-submit", "sql", *arguments], capture_output=True, text=True, timeout=120)
    assert run.returncode == code, run.stderr
    return run.stderr if code else run.stdout


def rows(query, *arguments):
    return list(csv.DictReader(io.StringIO(submit("--csv", *arguments, query))))


def totals(row):
    return {name: round(float(value), 2) for name, value in row.items()}


def files(name):
    return f"events={FIXTURES / 'events' / name}/"


def test_every_preset_has_a_sample():
    assert NAMES == sorted(EXPECTED) and len(NAMES) >= 10


def test_samples_are_those_of_the_script(tmp_path):
    subprocess.run([sys.executable, FIXTURES / "make_event_exports.py", tmp_path], check=True)
    for path in tmp_path.rglob("*.*"):
        assert path.read_bytes() == (FIXTURES / "events" / path.relative_to(tmp_path)).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_totals(name):
    [row] = rows(TOTALS, "--table", files(name), "--preset", name)
    assert totals(row) == EXPECTED[name]


@pytest.mark.parametrize("name", NAMES)
def test_has_the_event_schema(name):
    columns = [(row["column"], row["type"]) for row in rows("DESCRIBE events", "--table", files(name), "--preset", name)]
    assert [column for column, _ in columns] == [column for column, _ in SCHEMA]
    for (_, found), (column, wanted) in zip(columns, SCHEMA):
        assert found == wanted or (wanted is None and found in ("timestamp", "timestamptz")), column
    [row] = rows(
        "SELECT count(*) AS n FROM events WHERE event_type IS NULL OR \"timestamp\" IS NULL OR user_id IS NULL",
        "--table", files(name), "--preset", name)
    assert row["n"] == "0"


@pytest.mark.parametrize("name", NAMES)
def test_show_prints_the_file(name):
    assert submit("--preset", name, "--show") == (JOBS / "events" / f"{name}.sql").read_text()


def test_unknown_preset():
    error = submit("--preset", "ga5", "--show", code=2)
    assert "no preset is called" in error and "ga4" in error


def test_files_of_another_tool_are_refused_with_their_lines():
    sample = FIXTURES / "events/kaggle/2025-Apr.csv"
    error = submit("--table", f"events={sample}", "--preset", "ga4", "SELECT * FROM events", code=1)
    assert f'{sample}, line 1, offset 0: column "event_timestamp": expected int64, found "event_time"' in error


def test_options_of_the_table_win(tmp_path):
    """A job's table may say how its own files differ from the tool's: here, commas instead of tabs."""
    log = gzip.open(next((FIXTURES / "events/cloudfront").iterdir()), "rt").read()
    (tmp_path / "log").write_text(log.replace(",", " ").replace("\t", ","))
    job = {"tables": {"events": {"preset": "cloudfront", "files": str(tmp_path / "log"), "delimiter": ","}}, "steps": []}
    (tmp_path / "job.json").write_text(json.dumps(job))
    [row] = rows(TOTALS, "--job", tmp_path / "job.json")
    assert totals(row) == EXPECTED["cloudfront"]


def test_copied_mapping_of_files_without_a_header():
    """As the documentation says: the options of the raw table become those of read_csv."""
    sql = submit("--preset", "snowplow", "--show")
    options = "".join(line.removeprefix("-- table:") for line in sql.splitlines() if line.startswith("-- table:"))
    columns = json.dumps(json.loads(options)["columns"])
    raw = (f"read_csv('{FIXTURES}/events/snowplow/*', header => false, delimiter => E'\\t', quote => E'\\x01', "
           f"columns => '{columns}')")
    copied = sql.replace("FROM raw", f"FROM {raw}")
    [row] = rows(TOTALS.replace("FROM events", f"FROM (\n{copied}) AS events"))
    assert totals(row) == EXPECTED["snowplow"]


def documented(title, language):
    """The first block of code under a title of docs/events.md."""
    section = (ROOT / "docs/events.md").read_text().split(f"\n## {title}\n")[1]
    return section.split(f"```{language}\n")[1].split("```")[0]


def test_documents_every_preset():
    text = (ROOT / "docs/events.md").read_text()
    assert [name for name in NAMES if f"[`{name}`](../jobs/events/{name}.sql)" not in text] == []


def test_identity_stitching():
    """Every anonymous id of the sample that logs in does so in one session; its events before belong to the user."""
    sample = next((FIXTURES / "events/segment").iterdir())
    calls = [json.loads(line) for line in gzip.open(sample, "rt")]
    login = {}
    for call in calls:
        if call["userId"]:
            login.setdefault(call["anonymousId"], (call["timestamp"], call["userId"]))
    wanted = Counter()
    for call in calls:
        if call["type"] != "identify":
            since, user = login.get(call["anonymousId"], ("", None))
            wanted[call["userId"] or (call["timestamp"] <= since and user) or call["anonymousId"]] += 1
    query = f"SELECT user_id, count(*) AS n FROM ({documented('From anonymous to known', 'sql')}) AS s GROUP BY user_id"
    found = {row["user_id"]: int(row["n"]) for row in rows(query, "--table", f"raw={sample}")}
    assert found == dict(wanted)
    stitched = [call for call in calls if not call["userId"] and call["timestamp"] <= login.get(call["anonymousId"], ("",))[0]]
    assert stitched, "the sample has events before a log-in"


def test_features_of_a_preset(tmp_path):
    """The job of the documentation, from export to features."""
    job = json.loads(documented("Presets", "json"))
    shutil.copytree(FIXTURES / "events/ga4", tmp_path / "ga4")
    (tmp_path / "job.json").write_text(json.dumps(job))
    subprocess.run(
        [BIN / "swift-submit", "--quiet", "--set", f"root={tmp_path}", tmp_path / "job.json"], check=True, timeout=300)
    wanted = EXPECTED["ga4"]
    [row] = rows(
        "SELECT count(*) AS users, sum(events) AS events, sum(sessions) AS sessions, sum(page_views) AS page_views, "
        "sum(clicks) AS clicks, sum(searches) AS searches, sum(add_to_carts) AS add_to_carts, "
        "sum(purchases) AS purchases, sum(revenue) AS revenue FROM features",
        "--table", f"features={tmp_path}/features/")
    assert totals(row) == {name: wanted[name] for name in row}
