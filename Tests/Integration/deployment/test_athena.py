"""The SQL of deploy/athena, parsed in Athena's dialect and run by DuckDB on real pipeline output."""

import collections
import datetime
import json

import duckdb
import pyarrow.parquet
import pytest
import sqlglot
from sqlglot import exp

from athena import ATHENA, QUERIES, TABLES, ask, columns, definition, views
from processes import generate_events, submit

DAYS = [f"2025-04-{day:02}" for day in range(1, 15)]
RUNS = ["2025-04-13", "2025-04-14"]
BROKEN = ['{"user_id": "x"}\n', "not an event\n", '{"event_type": "click", "timestamp": 1744588800000}\n', "not one either\n"]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Two daily runs over two weeks of events, in the layout that the tables expect."""
    root = tmp_path_factory.mktemp("athena")
    generate_events(root / "raw", 60_000, 600, days=len(DAYS), format="jsonl")
    (root / f"raw/dt={RUNS[1]}/broken.jsonl").write_text("".join(BROKEN))
    lapsed = [
        {"event_type": "purchase", "timestamp": 1743465600000 + number, "user_id": f"lapsed-{number}", "price": 10.5 * number}
        for number in (1, 2, 3)]
    (root / f"raw/dt={DAYS[0]}/part-lapsed.jsonl").write_text("".join(json.dumps(event) + "\n" for event in lapsed))
    for day in RUNS:
        submit([
            {"type": "features", "input": str(root / "raw"), "output": str(root / f"features/dt={day}"),
             "startDate": DAYS[0], "endDate": day},
            {"type": "segment", "input": str(root / f"features/dt={day}"), "clusters": 4,
             "output": str(root / f"user_segments/dt={day}")}])
    return root


@pytest.fixture(scope="module")
def database(root):
    database = duckdb.connect()
    views(database, root)
    return database


@pytest.fixture(scope="module")
def events(root):
    lines = [line for path in sorted(root.glob("raw/dt=*/part*.jsonl")) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("table", ["database", *TABLES])
def test_tables_parse(table):
    statement = definition(table)
    # sqlglot returns exp.Command for statements it cannot parse.
    assert isinstance(statement, exp.Create) and statement.args["kind"] == ("SCHEMA" if table == "database" else "TABLE")
    if table == "database":
        return
    assert statement.find(exp.ExternalProperty)
    assert [column.name for column in statement.find(exp.PartitionedByProperty).this.expressions] == ["dt"]
    properties = {one.this.name: one.args["value"].name for one in statement.find_all(exp.Property) if type(one) is exp.Property}
    assert properties["projection.enabled"] == "true" and properties["projection.dt.format"] == "yyyy-MM-dd"
    location = statement.find(exp.LocationProperty).this.name
    assert properties["storage.location.template"].startswith(location + "dt=${dt}/")


@pytest.mark.parametrize("table", ["features", "user_segments"])
def test_columns_match_the_files(root, table):
    names = {"string": "STRING", "int64": "BIGINT", "int32": "INT", "double": "DOUBLE"}
    for path in sorted(root.glob(f"{table}/dt=*/*.parquet")):
        schema = pyarrow.parquet.read_schema(path)
        kinds = ["TIMESTAMP" if str(field.type).startswith("timestamp") else names[str(field.type)] for field in schema]
        assert dict(zip(schema.names, kinds)) == columns(table)


@pytest.mark.parametrize("table, files", [("raw", "raw/dt=*/part*.jsonl"), ("rejected", "features/dt=*/_rejected/*")])
def test_columns_match_the_lines(root, table, files):
    fields = set()
    for path in root.glob(files):
        for line in path.read_text().splitlines():
            fields |= json.loads(line).keys()
    assert fields and fields <= columns(table).keys()


def test_there_are_ten_queries():
    assert len(QUERIES) == 10
    for name in QUERIES:
        assert isinstance(sqlglot.parse_one((ATHENA / f"queries/{name}.sql").read_text(), read="athena"), exp.Select)


def segments(root, day):
    table = pyarrow.parquet.read_table(sorted(root.glob(f"user_segments/dt={day}/*.parquet"))).to_pylist()
    return {row["user_id"]: row["segment"] for row in table}


def features(root, day):
    return {row["user_id"]: row for row in pyarrow.parquet.read_table(sorted(root.glob(f"features/dt={day}/*.parquet"))).to_pylist()}


def test_sizes_profile_and_funnel(root, database):
    users, labels = features(root, RUNS[1]), segments(root, RUNS[1])
    model = json.loads((root / f"user_segments/dt={RUNS[1]}/_model.json").read_text())
    sizes = ask(database, "01_segment_sizes")
    assert [row["users"] for row in sizes] == model["sizes"]
    assert abs(sum(row["percent"] for row in sizes) - 100) < 0.05
    profile = ask(database, "02_segment_profile")
    revenue = model["columns"].index("revenue")
    assert [row["users"] for row in profile] == model["sizes"]
    for row, center in zip(profile, model["centersOriginal"]):
        assert row["revenue"] == pytest.approx(center[revenue], abs=0.006, rel=1e-5)
    for row in ask(database, "03_funnel_by_segment"):
        group = [users[user] for user in labels if labels[user] == row["segment"]]
        reached = [sum(user[name] > 0 for user in group) for name in ("page_views", "add_to_carts", "purchases")]
        assert [row["viewed"], row["filled_cart"], row["bought"]] == reached
        expected = round(100 * reached[2] / reached[1], 1) if reached[1] else None
        assert row["percent_of_carts_bought"] == pytest.approx(expected, abs=0.051)


def test_movement(root, database):
    before, now = (segments(root, day) for day in RUNS)
    moves = collections.Counter((before.get(user), now.get(user)) for user in before.keys() | now.keys())
    rows = ask(database, "04_movement_between_runs")
    assert {(row["segment_before"], row["segment_now"]): row["users"] for row in rows} == moves


def test_days_and_hours(database, events):
    by_day = collections.defaultdict(list)
    for event in events:
        by_day[datetime.datetime.fromtimestamp(event["timestamp"] / 1000, datetime.UTC).date().isoformat()].append(event)
    rows = {row["dt"]: row for row in ask(database, "05_daily_activity")}
    assert list(rows) == DAYS
    for day in DAYS[:-1]:
        bought = sum(e["price"] * e.get("quantity", 1) for e in by_day[day] if e["event_type"] == "purchase")
        assert rows[day]["events"] == len(by_day[day]) and rows[day]["users"] == len({e["user_id"] for e in by_day[day]})
        assert rows[day]["revenue"] == pytest.approx(bought, abs=0.01)
    hours = collections.Counter(
        datetime.datetime.fromtimestamp(e["timestamp"] / 1000, datetime.UTC).hour for day in DAYS[-7:] for e in by_day[day])
    # One of the invalid lines has a timestamp but no user.
    hours[0] += 1
    assert {row["utc_hour"]: row["events"] for row in ask(database, "09_hours_of_the_day")} == hours


def test_top_pages(root, database, events):
    labels = segments(root, RUNS[1])
    start = datetime.datetime.fromisoformat(RUNS[1] + "T00:00:00+00:00").timestamp() * 1000
    views = collections.Counter(
        (labels[e["user_id"]], e["page_url"]) for e in events if e["event_type"] == "page_view" and e["timestamp"] >= start)
    rows = ask(database, "06_top_pages_by_segment")
    assert {row["segment"] for row in rows} == {segment for segment, _ in views}
    for segment in {row["segment"] for row in rows}:
        best = sorted(((-count, url) for (one, url), count in views.items() if one == segment))[:3]
        assert [(row["page_url"], row["views"]) for row in rows if row["segment"] == segment] == [(u, -c) for c, u in best]


def test_experiments(root, database, events):
    labels, seen = segments(root, RUNS[1]), collections.defaultdict(bool)
    for e in events:
        if e.get("experiment"):
            seen[e["experiment"], labels[e["user_id"]], e["variant"], e["user_id"]] |= e["event_type"] == "purchase"
    users = collections.Counter(key[:3] for key in seen)
    buyers = collections.Counter(key[:3] for key, bought in seen.items() if bought)
    rows = ask(database, "07_experiment_by_segment")
    assert {(r["experiment"], r["segment"], r["variant"]): (r["users"], r["buyers"]) for r in rows} == {
        key: (users[key], buyers[key]) for key in users} and rows


def test_lapsing_buyers(root, database):
    end = datetime.date.fromisoformat(RUNS[1])
    away = {user: (end - row["last_seen"].date()).days for user, row in features(root, RUNS[1]).items() if row["purchases"] > 0}
    rows = ask(database, "08_lapsing_buyers")
    assert {row["user_id"]: row["days_away"] for row in rows} == {user: days for user, days in away.items() if days >= 7}
    assert [row["revenue"] for row in rows] == sorted((row["revenue"] for row in rows), reverse=True)
    assert [row["user_id"] for row in rows if row["user_id"].startswith("lapsed")] == ["lapsed-3", "lapsed-2", "lapsed-1"]
    assert next(row for row in rows if row["user_id"] == "lapsed-3")["days_away"] == 13


def test_rejected(root, database):
    rows = ask(database, "10_rejected_lines")
    assert {row["dt"] for row in rows} == {RUNS[1]} and sum(row["kept_lines"] for row in rows) == len(BROKEN)
    counted = json.loads((root / f"features/dt={RUNS[1]}/_SUCCESS").read_text())["extra"]
    assert {f"rejected: {row['reason']}": str(row["kept_lines"]) for row in rows} == {
        name: count for name, count in counted.items() if name.startswith("rejected: ")}
    assert all(row["first_file"].endswith("broken.jsonl") for row in rows)
