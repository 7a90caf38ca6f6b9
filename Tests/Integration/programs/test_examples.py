"""Custom jobs: the example programs compared with plain Python and DuckDB, with the same bytes on every master."""

import collections
import hashlib
import json
import re

import duckdb
import pytest

from processes import Process, generate_events, run, submit
from project import BIN, ROOT

MASTERS = ["local[2]", "local-cluster[2]"]
EVERYWHERE = ["local[1]", "local[4]", "local-cluster[3]"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Events in several files, two of them compressed, and the segments of the users."""
    root = tmp_path_factory.mktemp("examples")
    for name, form, seed, day in [("a", "jsonl", 5, "2025-04-01"), ("b", "jsonl.zst", 6, "2025-04-05")]:
        generate_events(root / "raw" / name, 20_000, 300, seed=seed, start_date=day, days=4, format=form)
    steps = [
        {"type": "features", "input": "${root}/raw", "output": "${root}/features",
         "startDate": "2025-04-01", "endDate": "2025-04-30"},
        {"type": "segment", "input": "${root}/features", "output": "${root}/segments", "clusters": 4, "seed": 1},
    ]
    submit({"variables": {"root": str(root)}, "steps": steps})
    return root


@pytest.fixture(scope="module")
def db(data):
    connection = duckdb.connect()
    files = [str(p) for p in sorted((data / "raw").rglob("*.jsonl*"))]
    connection.execute(
        "create table events as select * from read_json(?, format='newline_delimited', columns={"
        "'event_type': 'varchar', 'user_id': 'varchar', 'page_url': 'varchar', 'country': 'varchar', "
        "'price': 'double', 'quantity': 'double'})", [files])
    assert connection.execute("select count(*) from events").fetchone() == (40_000,)
    return connection


def digest(folder):
    result = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        result.update(file.name.encode() + b"\0" + file.read_bytes())
    return result.hexdigest()


@pytest.fixture(scope="module")
def text(data):
    """Text in several alphabets in three files."""
    folder = data / "text"
    folder.mkdir()
    words = ["Straße", "ÉTÉ", "été", "naïve", "don't", "x1y", "日本", "the", "The", "THE", "of", "data-flow", ""]
    for part in range(3):
        lines = [" ".join(words[(i * j + part) % len(words)] for j in range(i % 17)) for i in range(2000)]
        (folder / f"{part}.txt").write_text("\r\n".join(lines), encoding="utf-8")
    return folder


def word_counts(folder):
    counts = collections.Counter()
    for file in folder.iterdir():
        for line in file.read_text(encoding="utf-8").lower().splitlines():
            counts.update("".join(c if c.isalpha() else " " for c in line).split())
    return counts


@pytest.mark.parametrize("master", MASTERS)
def test_word_count(text, tmp_path, master):
    report = json.loads(run(
        "WordCount", "submit", "--json", "--master", master, "--input", text, "--output", tmp_path / "out",
        "--top", 1000, "--partitions", 3).stdout)
    found = [json.loads(line) for line in (tmp_path / "out" / "part-00000.jsonl").open()]
    expected = word_counts(text)
    assert {row["word"]: row["count"] for row in found} == expected
    assert [row["count"] for row in found] == sorted(expected.values(), reverse=True)
    assert report["status"] == "done" and report["steps"][0]["rowsWritten"] == len(expected)
    again = json.loads(run(
        "WordCount", "submit", "--json", "--master", master, "--input", text, "--output", tmp_path / "out",
        "--top", 1000, "--partitions", 3).stdout)
    assert again["steps"][0]["skipped"]


@pytest.mark.parametrize("master", MASTERS)
def test_top_pages(data, db, tmp_path, master):
    run("TopPages", "submit", "--master", master, "--input", data / "raw", "--output", tmp_path / "out",
         "--pages", 4, "--partitions", 3)
    found = db.execute(
        f"select country, rank, page_url, views from read_parquet('{tmp_path}/out/*.parquet') order by 1, 2").fetchall()
    views = collections.defaultdict(list)
    for country, page, count in db.execute(
            "select coalesce(country, 'unknown'), coalesce(page_url, ''), count(*) from events "
            "where event_type = 'page_view' group by all").fetchall():
        views[country].append((-count, page.encode(), page))
    expected = [
        (country, rank + 1, page, -count)
        for country in sorted(views, key=str.encode)
        for rank, (count, _, page) in enumerate(sorted(views[country])[:4])
    ]
    assert found == expected


@pytest.mark.parametrize("master", MASTERS)
def test_join(data, db, master):
    shown = run("JoinExample", "submit", "--master", master, "--events", data / "raw", "--segments",
                 data / "segments", "--partitions", 3).stdout
    found = [(int(s), int(n), float(r)) for s, n, r in re.findall(r"segment (\d+): (\d+) purchases, revenue (\S+)", shown)]
    expected = db.execute(
        "select segment, count(*), sum(coalesce(price, 0) * coalesce(quantity, 1)) as revenue from events "
        f"join read_parquet('{data}/segments/*.parquet') using (user_id) "
        "where event_type = 'purchase' group by segment order by revenue desc").fetchall()
    assert expected
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert [row[2] for row in found] == pytest.approx([row[2] for row in expected], rel=1e-9)


def test_same_bytes_everywhere(data, text, tmp_path):
    pages, words, joined = set(), set(), set()
    for number, master in enumerate(EVERYWHERE):
        run("TopPages", "submit", "--master", master, "--input", data / "raw", "--output", tmp_path / f"p{number}",
             "--partitions", 5)
        pages.add(digest(tmp_path / f"p{number}"))
        run("WordCount", "submit", "--master", master, "--input", text, "--output", tmp_path / f"w{number}",
             "--partitions", 5)
        words.add(digest(tmp_path / f"w{number}"))
        out = run("JoinExample", "submit", "--master", master, "--events", data / "raw", "--segments",
                   data / "segments", "--partitions", 5).stdout
        joined.add(out[out.index("\n\n"):])
    assert len(pages) == len(words) == len(joined) == 1


def test_driver_and_workers_of_the_same_program(text, tmp_path):
    with Process("WordCount", "driver", "--listen", "127.0.0.1:0", until="listening on") as driver:
        address = driver.address
        with Process("WordCount", "worker", "--driver", address, "--cores", "1", until="joined"), \
                Process("WordCount", "worker", "--driver", address, "--cores", "1", until="joined"):
            run("WordCount", "submit", "--master", f"swiftlet://{address}", "--input", text, "--output",
                 tmp_path / "out", "--top", 1000)
            found = [json.loads(line) for line in (tmp_path / "out" / "part-00000.jsonl").open()]
            assert {row["word"]: row["count"] for row in found} == word_counts(text)
            # Also as a step of a job file.
            job = tmp_path / "job.json"
            job.write_text(json.dumps({"steps": [
                {"type": "word-count", "input": str(text), "output": str(tmp_path / "two"), "top": 2}]}))
            run("WordCount", "run", "--master", f"swiftlet://{address}", job)
            assert (tmp_path / "two" / "part-00000.jsonl").read_text().count("\n") == 2


def test_driver_of_another_program_refuses(text, tmp_path):
    with Process("swift-driver", "--listen", "127.0.0.1:0", until="listening on") as driver:
        address = driver.address
        error = run("WordCount", "submit", "--master", f"swiftlet://{address}", "--input", text, "--output",
                     tmp_path / "out", code=1).stderr
        assert 'steps[0].type: expected one of "features", "ingest", "query", "segment", found "word-count"' in error


def test_worker_of_another_build_is_refused(text, tmp_path):
    with Process("WordCount", "driver", "--listen", "127.0.0.1:0", until="listening on") as driver:
        address = driver.address
        other = tmp_path / "WordCount"
        # The same code, but another program as far as the driver can tell.
        other.write_bytes((BIN / "WordCount").read_bytes() + b"\0")
        other.chmod(0o755)
        error = run(other, "worker", "--driver", address, "--cores", "1", code=1).stderr
        assert "the driver is word-count build" in error and "this process is word-count build" in error


def test_invalid_line_is_located(tmp_path):
    (tmp_path / "raw.jsonl").write_text('{"event_type":"page_view"}\n{"event_type":7}\n')
    error = run("TopPages", "submit", "--input", tmp_path / "raw.jsonl", "--output", tmp_path / "out", code=1).stderr
    assert f"{tmp_path}/raw.jsonl, byte 27: is no Event: field 'event_type': expected text, found 7" in error
    assert not (tmp_path / "out").exists()


def test_usage_errors_and_help(tmp_path):
    assert "unknown option '--inptu'; did you mean '--input'?" in run("WordCount", "submit", "--inptu", 1, code=2).stderr
    error = run("WordCount", "submit", "--top", "many", "--input", "x", code=2).stderr
    assert "--top: expected an integer, found \"many\"" in error and "--output: missing" in error
    assert "unknown command 'sumbit'; did you mean 'submit'?" in run("WordCount", "sumbit", code=2).stderr
    assert "--top N" in run("WordCount", "submit", "--help").stdout


@pytest.mark.parametrize("master", MASTERS)
def test_custom_operator(master):
    assert "9592 primes below 100000" in run("Primes", "submit", "--master", master, "--limit", 100_000).stdout


def test_code_in_the_docs_compiles():
    sources = [p.read_text() for p in (ROOT / "Examples").rglob("*.swift")]
    blocks = re.findall(r"```swift\n(.*?)```", (ROOT / "docs" / "your-own-job.md").read_text(), re.S)
    assert len(blocks) > 3
    for block in blocks:
        assert "import PackageDescription" in block or any(block in source for source in sources), block


@pytest.mark.parametrize("name", ["WordCount", "TopPages", "JoinExample", "Primes"])
def test_examples_stay_small(name):
    source = ROOT / "Examples" / name / f"{name}.swift"
    lines = source.read_text().splitlines()
    assert len(lines) < 60
    assert [line for line in lines if line.startswith("import")] == ["import Swiftlet"]
