"""Tables of files against Python's csv and json, DuckDB and pyarrow, on odd files and cut at every byte.

Needs `swift build -c release --product table-check`.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import math
import random
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from processes import BIN


def run(*arguments, fails=False):
    done = subprocess.run(
        [BIN / "table-check", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


def rows(*arguments):
    return [json.loads(line) for line in run(*arguments).splitlines()]


def texts(path, names, *arguments):
    """All columns as text, without sniffing."""
    return rows(path, "--format", "csv", "--text", ",".join(names), *arguments)


# Odd files: what RFC 4180 allows, what it does not, and what people have anyway.
ODD = {
    "simple": "a,b\n1,2\n",
    "no-final-newline": "a,b\n1,2",
    "crlf": "a,b\r\n1,2\r\n3,4\r\n",
    "cr": "a,b\r1,2\r3,4\r",
    "mixed-ends": "a,b\n1,2\r\n3,4\r5,6\n",
    "quoted-newlines": 'a,b\n"x\ny","z\r\nw"\n"1","2"\n',
    "doubled-quotes": 'a,b\n"x""y",""""\n"""","q"\n',
    "empty": 'a,b\n,\n"",""\n,x\n',
    "all-empty-quoted": 'a,b\n"",""\n"",""\n"",""\n',
    "delimiter-in-quotes": 'a,b\n"x,y",","\n"\n,\n",z\n',
    "quote-inside": 'a,b\nx"y,z"\n 5" ,"ok"\n',
    "text-after-quote": 'a,b\n"x"y,z\n"x" y"z,"w"\n',
    "blank-lines": "a,b\n\n1,2\n\n\n3,4\n\n",
    "spaces": "a,b\n 1 , 2 \n\t3\t,4\n",
    "unicode": 'a,b\né,"日本\n語"\n😀,ß\n',
    "quotes-only-late": "a,b\n" + "1,2\n" * 40 + '"x\n",3\n' + "4,5\n" * 10,
    "comma-newline-quotes": 'a,b\n",\n",",\n"\n",\n",",\n"\n',
}


def expected(text, width):
    """What Python's csv reads, without records of another width and blank lines."""
    read = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return [row for row in read[1:] if len(row) == width]


@pytest.mark.parametrize("name", ODD)
def test_csv_cut_anywhere(name, tmp_path):
    text = ODD[name]
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    want = [["" if value is None else value for value in row] for row in expected(text, 2)]
    for split in [1 << 20, *range(1, min(len(text.encode()), 40))]:
        got = texts(path, ["a", "b"], "--header", "true", "--delimiter", ",", "--quote", '"', "--split", split)
        assert [[row["a"] or "", row["b"] or ""] for row in got] == want, split


def test_random_csv(tmp_path):
    random.seed(7)
    path = tmp_path / "x.csv"
    for _ in range(60):
        text = "a,b\n" + "".join(random.choices('x",\n\r1é ', weights=[6, 5, 5, 4, 1, 3, 1, 1], k=random.randint(0, 120)))
        path.write_bytes(text.encode())
        read = [row for row in csv.reader(io.StringIO(text, newline="")) if row][1:]
        # Python takes a quote that is never closed; a table rejects the record.
        after = list(csv.reader(io.StringIO(text + "\nEND\n", newline="")))
        if after[-1] != ["END"]:
            read.pop()
        want = [row for row in read if len(row) == 2]
        options = ["--header", "true", "--delimiter", ",", "--quote", '"']
        whole = run(path, "--format", "csv", "--text", "a,b", *options)
        got = [json.loads(line) for line in whole.splitlines()]
        assert [[row["a"] or "", row["b"] or ""] for row in got] == want, repr(text)
        for split in [1, 3, 10, random.randint(2, 60)]:
            assert run(path, "--format", "csv", "--text", "a,b", *options, "--split", split) == whole, (text, split)
            rejected = run(path, "--rejected", "--format", "csv", "--text", "a,b", *options)
            assert run(path, "--rejected", "--format", "csv", "--text", "a,b", *options, "--split", split) == rejected


def test_null_and_empty_text(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('a,b,c\n,"",NA\n"NA",x,1\n')
    assert rows(path, "--null", "NA") == [{"a": None, "b": "", "c": None}, {"a": "NA", "b": "x", "c": 1}]


@pytest.mark.parametrize(
    "text, schema",
    [
        ("a,b\n1,2.5\n-3,4\n", "a int64, b double"),
        ("a;b\n1,5;2,5\n3,5;4,5\n", "a string, b string"),
        ("a\tb\tc\n2025-04-01\t2025-04-01 10:00:00\t2025-04-01T10:00:00Z\n", "a date, b timestamp, c timestampTZ"),
        ("id|zip\n1|007\n2|123\n", "id int64, zip string"),
        ("1,x\n2,y\n", "column0 int64, column1 string"),
        ("name,city\nAnn,Paris\nBob,Rome\n", "name string, city string"),
        ("x,x,\n1,2,3\n", "x int64, x_1 int64, column2 int64"),
        ("a,b\ntrue,99999999999999999999\nFALSE,1\n", "a bool, b decimal(38,0)"),
        ("a,b\n1,NaN\n2,3.5\n", "a int64, b double"),
        ("'a','b'\n'x,y','2'\n", "a string, b int64"),
        ('a,b\n"x \\" y",2\n"u,v",3\n', "a string, b int64"),
        ("\ufeffa,b\n1,2\n", "a int64, b int64"),
        ("2019-10-01 00:00:00 UTC,1\n2019-10-01 00:00:01 UTC,2\n", "column0 timestampTZ, column1 int64"),
        ("phone,n\n+49301234,1e3\n", "phone string, n double"),
    ],
)
def test_sniffed(text, schema, tmp_path):
    path = tmp_path / "x"
    path.write_text(text)
    assert run(path, "--format", "csv", "--schema").strip().replace("\n", ", ") == schema


def test_rejected_records(tmp_path):
    path = tmp_path / "x.csv"
    good = "".join(f"{index},{index / 8}\n" for index in range(120000))
    path.write_bytes(b"n,x\n" + good.encode() + b'oops,1\n7\n"8\n",1.5,\n9,\xff\n10,2\n"11')
    want = [
        (120002, 'column "n": expected int64, found "oops"'),
        (120003, "expected 2 fields, found 1"),
        (120004, "expected 2 fields, found 3"),
        (120006, 'column "x": expected double, found text that is not UTF-8'),
        (120008, "a quote is not closed"),
    ]
    for split in [1 << 30, 500_000, 70_000]:
        found = rows("--rejected", path, "--split", split)
        assert [(record["lineNumber"], record["reason"]) for record in found] == want
        content = path.read_bytes()
        for record in found:
            assert content[record["offset"]:].startswith(record["line"].encode()[:1]) or "\ufffd" in record["line"]
        assert run("--count", path, "--split", split).split(", ", 1)[1].strip() == "120001 rows, 5 rejected of 120006"


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress, bz2.compress, lzma.compress])
def test_compressed(pack, tmp_path):
    (tmp_path / "a").write_bytes(pack(b'a,b\n1,"x\ny"\n'))
    (tmp_path / "b").write_bytes(pack(b'{"a":2,"b":"z"}\n'))
    (tmp_path / "c").write_bytes(pack(b'[\n {"a": 3,\n  "b": null},\n {"a": 4}\n]\n'))
    (tmp_path / "d.csv").write_bytes(pack(b""))
    assert rows(tmp_path) == [
        {"a": 1, "b": "x\ny"}, {"a": 2, "b": "z"}, {"a": 3, "b": None}, {"a": 4, "b": None}]


JSON_LINES = [
    {"a": 1, "b": "x", "c": {"d": [1, 2], "e": {"f": None}}, "m": 1},
    {"a": -(1 << 63), "b": 'q"\\\n\u00e9\U0001f600', "c": {"d": [], "e": {"f": 1.5}}, "m": "two"},
    {"b": None, "c": None, "l": [{"k": "a", "v": 1}, {"k": "b"}, None], "m": [1, {"x": 2}]},
    {"a": 9223372036854775807, "n": 18446744073709551615, "t": True, "x": 1e300, "s": "2025-04-01"},
    {},
]


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None and without_nulls(item) != {}}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("form", ["lines", "array", "pretty", "sequence"])
def test_json(form, tmp_path):
    path = tmp_path / "x"
    if form == "lines":
        path.write_text("".join(json.dumps(row) + "\n" for row in JSON_LINES))
    elif form == "sequence":
        path.write_text("\n".join(json.dumps(row, indent=1) for row in JSON_LINES))
    else:
        path.write_text(json.dumps(JSON_LINES, indent=2 if form == "pretty" else None, ensure_ascii=False))
    got = rows(path)
    want = [dict(row) for row in JSON_LINES]
    want[3]["n"] = str(want[3]["n"])  # decimals are text
    assert [without_nulls(row) for row in got] == [without_nulls(row) for row in want]
    for split in range(1, 60, 7):
        assert rows(path, "--split", split) == got


def test_json_values_that_do_not_fit(tmp_path):
    path = tmp_path / "x.jsonl"
    lines = ['{"a":1,"b":{"c":[1]}}'] * 60000 + [
        '{"a":"x"}', "{", "[1]", '{"a":2,"b":{"c":["y"]}}', '{"a":1.5}', '{"a":3,"b":5}', '{"a":"17"}', "", "nul", '{"b":"\\ud800"}']
    path.write_text("\n".join(lines) + "\n")
    found = rows("--rejected", path)
    assert [record["lineNumber"] - 60000 for record in found] == [1, 2, 3, 4, 5, 6, 9, 10]
    assert run("--count", path, "--split", 300000).endswith("60001 rows, 8 rejected of 60009\n")


def test_widened_parquet(tmp_path):
    pq.write_table(pa.table({"i": pa.array([1, None], pa.int32()), "s": ["a", "b"], "x": pa.array([1.5, 2.5])}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"i": pa.array([1 << 40]), "x": pa.array([7], pa.int64()), "z": [True]}), tmp_path / "b.parquet")
    assert rows(tmp_path) == [
        {"i": 1, "s": "a", "x": 1.5, "z": None}, {"i": None, "s": "b", "x": 2.5, "z": None},
        {"i": 1 << 40, "s": None, "x": 7, "z": True}]


def same(a, b):
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and math.isclose(float(a), float(b), rel_tol=0)
    return a == b


def test_numbers_as_duckdb_reads_them(tmp_path):
    random.seed(3)
    numbers = [f"{random.choice(['', '-'])}{random.randint(0, 10 ** random.randint(1, 17))}.{random.randint(0, 10 ** random.randint(1, 17))}{random.choice(['', f'e{random.randint(-300, 290)}'])}" for _ in range(5000)]
    path = tmp_path / "x.csv"
    path.write_text("x\n" + "\n".join(numbers) + "\n")
    got = [row["x"] for row in rows(path, "--header", "true")]
    assert got == [float(text) for text in numbers]
    want = duckdb.execute(f"SELECT x FROM read_csv('{path}', columns={{'x': 'DOUBLE'}}, header=true)").fetchall()
    assert all(same(a, b) for a, (b,) in zip(got, want))
