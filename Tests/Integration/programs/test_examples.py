"""Custom jobs: the example programs compared with plain Python and DuckDB, with the same bytes on every master."""

import collections
import hashlib
import json
import re
import subprocess
import threading

import duckdb
import pytest

from project import BIN, ROOT

LIMIT = 300
MASTERS = ["local[2]", "local-cluster[2]"]
EVERYWHERE = ["local[1]", "local[4]", "local-cluster[3]"]


def call(program, *arguments, code=0):
    done = subprocess.run(
        [BIN / program, *map(str, arguments)], timeout=LIMIT, capture_output=True, text=True)
    assert done.returncode == code, done.stderr + done.stdout
    return done


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Events in several files, two of them compressed, and the segments of the users."""
    root = tmp_path_factory.mktemp("examples")
    for name, form, seed, day in [("a", "jsonl", 5, "2025-04-01"), ("b", "jsonl.zst", 6, "2025-04-05")]:
        call("swift-events", "--events", 20_000, "--users", 300, "--seed", seed, "--start-date", day, "--days", 4,
             "--format", form, "--output", ROOT / "raw" / name)
    steps = [
        {"type": "features", "input": "${root}/raw", "output": "${root}/features",
         "startDate": "2025-04-01", "endDate": "2025-04-30"},
        {"type": "segment", "input": "${root}/features", "output": "${root}/segments", "clusters": 4, "seed": 1},
    ]
    job = ROOT / "job.json"
    job.write_text(json.dumps({"variables": {"root": str(root)}, "steps": steps}))
    call("swift-submit", "--quiet", job)
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
    report = json.loads(call(
        "WordCount", "submit", "--json", "--master", master, "--input", text, "--output", tmp_path / "out",
        "--top", 1000, "--partitions", 3).stdout)
    found = [json.loads(line) for line in (tmp_path / "out" / "part-00000.jsonl").open()]
    expected = word_counts(text)
    assert {row["word"]: row["count"] for row in found} == expected
    assert [row["count"] for row in found] == sorted(expected.values(), reverse=True)
    assert report["status"] == "done" and report["steps"][0]["rowsWritten"] == len(expected)
    again = json.loads(call(
        "WordCount", "submit", "--json", "--master", master, "--input", text, "--output", tmp_path / "out",
        "--top", 1000, "--partitions", 3).stdout)
    assert again["steps"][0]["skipped"]


@pytest.mark.parametrize("master", MASTERS)
def test_top_pages(data, db, tmp_path, master):
    call("TopPages", "submit", "--master", master, "--input", data / "raw", "--output", tmp_path / "out",
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
    shown = call("JoinExample", "submit", "--master", master, "--events", data / "raw", "--segments",
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
        call("TopPages", "submit", "--master", master, "--input", data / "raw", "--output", tmp_path / f"p{number}",
             "--partitions", 5)
        pages.add(digest(tmp_path / f"p{number}"))
        call("WordCount", "submit", "--master", master, "--input", text, "--output", tmp_path / f"w{number}",
             "--partitions", 5)
        words.add(digest(tmp_path / f"w{number}"))
        out = call("JoinExample", "submit", "--master", master, "--events", data / "raw", "--segments",
                   data / "segments", "--partitions", 5).stdout
        joined.add(out[out.index("\n\n"):])
    assert len(pages) == len(words) == len(joined) == 1


class Process:
    """A process that is stopped at the end of the test. Knows the address it printed."""

    def __init__(self, *arguments, until):
        self.process = subprocess.Popen(
            [BIN / arguments[0], *arguments[1:]], stderr=subprocess.PIPE, text=True)
        self.line = next((line for line in self.process.stderr if until in line), None)
        assert self.line, f"{arguments[0]} exited with {self.process.wait(LIMIT)}"
        # Drain the pipe, so that it never blocks the process.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()


def test_driver_and_workers_of_the_same_program(text, tmp_path):
    with Process("WordCount", "driver", "--listen", "127.0.0.1:0", until="listening on") as driver:
        address = re.search(r"listening on (\S+)", driver.line).group(1)
        with Process("WordCount", "worker", "--driver", address, "--cores", "1", until="joined"), \
                Process("WordCount", "worker", "--driver", address, "--cores", "1", until="joined"):
            call("WordCount", "submit", "--master", f"swiftlet://{address}", "--input", text, "--output",
                 tmp_path / "out", "--top", 1000)
            found = [json.loads(line) for line in (tmp_path / "out" / "part-00000.jsonl").open()]
            assert {row["word"]: row["count"] for row in found} == word_counts(text)
            # Also as a step of a job file.
            job = tmp_path / "job.json"
            job.write_text(json.dumps({"steps": [
                {"type": "word-count", "input": str(text), "output": str(tmp_path / "two"), "top": 2}]}))
            call("WordCount", "run", "--master", f"swiftlet://{address}", job)
            assert (tmp_path / "two" / "part-00000.jsonl").read_text().count("\n") == 2


def test_driver_of_another_program_refuses(text, tmp_path):
    with Process("swift-driver", "--listen", "127.0.0.1:0", until="listening on") as driver:
        address = re.search(r"listening on (\S+)", driver.line).group(1)
        error = call("WordCount", "submit", "--master", f"swiftlet://{address}", "--input", text, "--output",
                     tmp_path / "out", code=1).stderr
        assert 'steps[0].type: expected one of "features", "ingest", "segment", found "word-count"' in error


def test_worker_of_another_build_is_refused(text, tmp_path):
    with Process("WordCount", "driver", "--listen", "127.0.0.1:0", until="listening on") as driver:
        address = re.search(r"listening on (\S+)", driver.line).group(1)
        other = tmp_path / "WordCount"
        # The same code, but another program as far as the driver can tell.
        other.write_bytes((BIN / "WordCount").read_bytes() + b"\0")
        other.chmod(0o755)
        with Process(other, "worker", "--driver", address, "--cores", "1", until="joined"):
            error = call("WordCount", "submit", "--master", f"swiftlet://{address}", "--input", text, "--output",
                         tmp_path / "out", code=1).stderr
            assert "another build of 'word-count'" in error
            assert not (tmp_path / "out").exists()


def test_invalid_line_is_located(tmp_path):
    (tmp_path / "raw.jsonl").write_text('{"event_type":"page_view"}\n{"event_type":7}\n')
    error = call("TopPages", "submit", "--input", tmp_path / "raw.jsonl", "--output", tmp_path / "out", code=1).stderr
    assert f"{tmp_path}/raw.jsonl, byte 27: is no Event: field 'event_type': expected text, found 7" in error
    assert not (tmp_path / "out").exists()


def test_usage_errors_and_help(tmp_path):
    assert "unknown option '--inptu'; did you mean '--input'?" in call("WordCount", "submit", "--inptu", 1, code=2).stderr
    error = call("WordCount", "submit", "--top", "many", "--input", "x", code=2).stderr
    assert "--top: expected an integer, found \"many\"" in error and "--output: missing" in error
    assert "unknown command 'sumbit'; did you mean 'submit'?" in call("WordCount", "sumbit", code=2).stderr
    assert "--top N" in call("WordCount", "submit", "--help").stdout


@pytest.mark.parametrize("master", MASTERS)
def test_custom_operator(master):
    assert "9592 primes below 100000" in call("Primes", "submit", "--master", master, "--limit", 100_000).stdout


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
