"""Queries over files of each format give DuckDB's rows, the same on every kind of master, also with little memory."""

import json
import math
import random
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from processes import Cluster
from project import BIN

ROWS = 20_000


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Two tables with nulls, NaN, −0.0, empty and non-ASCII text, and 64-bit limits."""
    folder = tmp_path_factory.mktemp("tables")
    rng = random.Random(7)

    def column(make, nulls=0.1):
        return [None if rng.random() < nulls else make() for _ in range(ROWS)]

    words = ["", "a", "b", "ä", "日本", "abc", "x y", "%_", "Z" * 40]
    facts = pa.table({
        "id": pa.array(range(ROWS), pa.int64()),
        "k": pa.array(column(lambda: rng.randrange(50)), pa.int32()),
        "big": pa.array(column(lambda: rng.choice([2**62, -(2**62), 0, 1, -1, 10**15])), pa.int64()),
        "x": pa.array(column(lambda: rng.choice([math.nan, -0.0, 0.0, 1.5, -2.25, rng.random()])), pa.float64()),
        "word": pa.array(column(lambda: rng.choice(words)), pa.string()),
        "flag": pa.array(column(lambda: rng.random() < 0.5), pa.bool_()),
        "price": pa.array(column(lambda: rng.randrange(10**6)), pa.int64()),
        "day": pa.array(column(lambda: rng.randrange(19000, 19400)), pa.int32()).cast(pa.date32()),
        "ts": pa.array(column(lambda: rng.randrange(10**15, 2 * 10**15)), pa.int64()).cast(pa.timestamp("us")),
    })
    names = pa.table({
        "k": pa.array([*range(0, 40), None], pa.int32()),
        "name": pa.array([f"name {i % 7}" for i in range(40)] + ["none"], pa.string()),
    })
    pq.write_table(facts, folder / "facts.parquet", row_group_size=3000)
    pq.write_table(names, folder / "names.parquet")
    return folder


def sql(folder, query, *options, code=0):
    command = [BIN / "swift-submit", "sql", "--json", *options]
    for name in ["facts", "names"]:
        command += ["--table", f"{name}={folder / (name + '.parquet')}"]
    done = subprocess.run([*command, query], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    return done.stderr if code else json.loads(done.stdout, object_pairs_hook=lambda pairs: [value for _, value in pairs])


def expected(folder, query):
    with duckdb.connect() as connection:
        for name in ["facts", "names"]:
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder / (name + '.parquet')}'")
        return [list(row) for row in connection.execute(query).fetchall()]


def plain(value):
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return {"NaN": math.nan, "Infinity": math.inf}.get(value, value)
    if hasattr(value, "isoformat"):
        text = value.isoformat()
        return text.rstrip("0") if "." in text else text
    return float(value)


def same(a, b):
    a, b = plain(a), plain(b)
    if a is None or b is None:
        return a is b
    if not isinstance(b, (str, bool)):
        # Decimals are text in JSON.
        a, b = float(a), float(b)
        return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9)
    return a == b or (isinstance(a, str) and isinstance(b, str) and a.rstrip("Z") == b)


QUERIES = [
    "SELECT count(*), count(k), count(word), sum(k), min(k), max(k) FROM facts",
    "SELECT sum(price), min(big), max(big), avg(k) FROM facts",
    "SELECT min(word), max(word), min(day), max(day), min(ts), max(ts) FROM facts",
    "SELECT k, count(*) AS n, sum(price) AS s FROM facts GROUP BY k ORDER BY k NULLS LAST",
    "SELECT word, count(*) FROM facts GROUP BY word ORDER BY 2 DESC, 1 NULLS LAST",
    "SELECT x, count(*) FROM facts WHERE x IS NOT NULL GROUP BY x ORDER BY count(*) DESC, x LIMIT 4",
    "SELECT flag, k % 3 AS r, count(*) FROM facts GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST",
    "SELECT k, count(DISTINCT word) AS w FROM facts GROUP BY k ORDER BY k NULLS LAST",
    "SELECT count(DISTINCT k), count(DISTINCT word), count(*), sum(DISTINCT k) FROM facts",
    "SELECT count(*) FILTER (WHERE flag), sum(price) FILTER (WHERE k > 25) FROM facts",
    "SELECT k, sum(price) FROM facts WHERE k BETWEEN 5 AND 9 AND word <> '' GROUP BY k HAVING sum(price) > 0 ORDER BY k",
    "SELECT id, k FROM facts WHERE word = 'ä' AND k < 3 ORDER BY id",
    "SELECT id FROM facts WHERE word LIKE '%b%' AND flag ORDER BY id DESC LIMIT 20 OFFSET 5",
    "SELECT id, price FROM facts ORDER BY price DESC NULLS LAST, id LIMIT 50",
    "SELECT DISTINCT k FROM facts ORDER BY k NULLS LAST",
    "SELECT id, CASE WHEN k IS NULL THEN 'none' WHEN k < 10 THEN 'low' ELSE 'high' END FROM facts ORDER BY id LIMIT 100",
    "SELECT id, coalesce(k, -1), nullif(k, 3) FROM facts ORDER BY id LIMIT 100",
    "SELECT id, upper(word), length(word), word || '!' FROM facts ORDER BY id LIMIT 100",
    "SELECT id, k + 1, k * 2, -k, k - 7 FROM facts ORDER BY id LIMIT 100",
    "SELECT k IN (1, 2, 3), count(*) FROM facts GROUP BY 1 ORDER BY 1 NULLS LAST",
    "SELECT extract(year FROM day) AS y, extract(month FROM day) AS m, count(*) FROM facts GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST",
    "SELECT f.id, n.name FROM facts f JOIN names n ON f.k = n.k WHERE f.id < 300 ORDER BY f.id",
    "SELECT f.id, n.name FROM facts f LEFT JOIN names n ON f.k = n.k WHERE f.id < 300 ORDER BY f.id",
    "SELECT n.name, count(*), sum(f.price) FROM facts f JOIN names n USING (k) GROUP BY n.name ORDER BY n.name",
    "SELECT n.k, count(f.id) FROM facts f RIGHT JOIN names n ON f.k = n.k GROUP BY n.k ORDER BY n.k NULLS LAST",
    "SELECT count(*), count(n.k), count(f.k) FROM facts f FULL JOIN names n ON f.k = n.k",
    "SELECT count(*) FROM facts WHERE k IN (SELECT k FROM names WHERE name = 'name 3')",
    "SELECT count(*) FROM facts WHERE k NOT IN (SELECT k FROM names WHERE k IS NOT NULL)",
    "SELECT count(*) FROM facts WHERE k NOT IN (SELECT k FROM names)",
    "SELECT count(*) FROM facts WHERE EXISTS (SELECT 1 FROM names WHERE name = 'nobody')",
    "SELECT (SELECT max(k) FROM names) AS m, count(*) FROM facts",
    "SELECT a.k, count(*) FROM facts a JOIN facts b ON a.id = b.id GROUP BY a.k ORDER BY a.k NULLS LAST",
    "WITH t AS (SELECT k, sum(price) AS s FROM facts GROUP BY k) SELECT count(*), max(s) FROM t WHERE s > 10",
    "SELECT k, s FROM (SELECT k, sum(price) AS s FROM facts GROUP BY k) t ORDER BY s DESC, k LIMIT 3",
    "SELECT 'a' AS t, count(*) FROM facts UNION ALL SELECT 'b', count(*) FROM names ORDER BY 1",
    "SELECT k, word, count(*) FROM facts WHERE k < 3 GROUP BY ROLLUP (k, word) ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3",
    "SELECT k, flag, count(*) FROM facts WHERE k < 3 GROUP BY CUBE (k, flag) ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3",
    "SELECT a, b FROM (VALUES (1, 'x'), (2, NULL), (NULL, 'z')) AS t(a, b) ORDER BY a NULLS LAST",
    "SELECT stddev_samp(price), var_pop(k), corr(k, price) FROM facts",
    "SELECT bool_and(flag), bool_or(flag), median(price) FROM facts",
    "SELECT date_trunc('month', ts) AS m, count(*) FROM facts GROUP BY 1 ORDER BY 1 NULLS LAST LIMIT 30",
    "SELECT string_agg(word, ',') FROM (SELECT word FROM facts WHERE id < 50 ORDER BY id) t",
]


@pytest.mark.parametrize("query", QUERIES)
def test_same_rows_as_duckdb(tables, query):
    rows = sql(tables, query)
    wanted = expected(tables, query)
    assert len(rows) == len(wanted)
    for row, want in zip(rows, wanted):
        assert all(map(same, row, want)), (row, want)


ORDER = [
    "SELECT word, k, count(*), sum(x) FROM facts WHERE x = x GROUP BY word, k",
    "SELECT f.id, n.name FROM facts f JOIN names n ON f.k = n.k",
    "SELECT f.id, g.id FROM facts f JOIN facts g ON f.id = g.id AND f.k = g.k",
    "SELECT DISTINCT word FROM facts",
    "SELECT k FROM facts LIMIT 7 OFFSET 3001",
    "SELECT id FROM facts ORDER BY k LIMIT 100",
    "SELECT k, sum(x), avg(x), stddev_samp(x) FROM facts WHERE x = x GROUP BY k",
    "SELECT k FROM facts WHERE id < 10 UNION ALL SELECT k FROM (SELECT k FROM facts GROUP BY k) t",
]


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as cluster:
        for _ in range(3):
            cluster.worker("--memory", "128m")
        yield cluster


@pytest.mark.parametrize("query", ORDER)
def test_one_answer_on_any_cluster(tables, query, cluster):
    """Floating-point sums, ties and rows without ORDER BY included."""
    rows = sql(tables, query, "--master", "local[1]")
    for master in ["local[4]", "local-cluster[2]", cluster.master]:
        assert sql(tables, query, "--master", master) == rows


def test_rows_without_order_come_in_the_order_of_the_input(tables):
    rows = sql(tables, "SELECT word FROM facts GROUP BY word")
    seen = dict.fromkeys(pq.read_table(tables / "facts.parquet")["word"].to_pylist())
    assert [row[0] for row in rows] == list(seen)
    assert sql(tables, "SELECT id FROM facts LIMIT 5") == [[0], [1], [2], [3], [4]]


MISTAKES = [
    ("SELECT nam FROM names", 'line 1, column 8: no column "nam"; did you mean "name"?'),
    ("SELECT *\nFROM nmes", 'line 2, column 6'),
    ("SELECT k FROM names WHERE", "line 1, column 26: syntax error"),
    ("SELECT name FROM names GROUP BY k", '"name" must appear in GROUP BY'),
    ("SELECT sum(name) FROM names", "sum"),
    ("SELECT k + name FROM names", "column 10"),
    ("SELECT lowr(name) FROM names", "lower"),
    ("DELETE FROM names", "DELETE is not supported"),
    ("SELECT 1 FROM names, facts WHERE k = 1", "ambiguous"),
    ("SELECT CAST('a' AS nothing)", "nothing"),
    ("SELECT k FROM names ORDER BY 3", "ORDER BY"),
    ('SELECT * FROM "no/such/file.csv"', "no/such/file.csv"),
]


@pytest.mark.parametrize("query,message", MISTAKES)
def test_mistakes_name_their_position(tables, query, message):
    assert message in sql(tables, query, code=2)


FAILURES = [
    ("SELECT 1 / (k - k) FROM facts WHERE k = 1", "division by zero"),
    ("SELECT sum(big) + 9223372036854775807 FROM facts WHERE false", None),
    ("SELECT CAST(word AS integer) FROM facts WHERE word = 'abc'", "abc"),
]


@pytest.mark.parametrize("query,message", FAILURES)
def test_values_that_cannot_be_computed(tables, query, message):
    if message:
        assert message in sql(tables, query, code=1)
    else:
        assert sql(tables, query) == [[None]]
