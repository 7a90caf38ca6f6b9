"""Parts of the Spark program that need no Spark session: input files and the choice of columns."""

import fnmatch
import json
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def program():
    """The names that the Python parts define."""
    names = {}
    for part in ("SparkProgram/Program/common.py", "KMeans/Spark/segment.py"):
        exec(compile((ROOT / "Sources" / part).read_text(), part, "exec"), names)
    return names


def files(program, found, manifest=None):
    class Fake(program["Files"]):
        def __init__(self):
            self.found, self.manifest = found, manifest

        def read(self, uri):
            return None if self.manifest is None else json.dumps({"files": [{"name": name} for name in self.manifest]})

        def list(self, uri):
            return sorted(self.found)

    return Fake()


@pytest.mark.parametrize("name", ["a[1].jsonl", "b*.jsonl", "c?{d,e}.jsonl", "back\\slash.jsonl", "plain.jsonl"])
def test_glob_characters_in_names_are_literal(program, name):
    [escaped] = files(program, [f"file:/in/{name}"]).inputs("file:/in")
    unescaped = program["re"].sub(r"\\(.)", r"\1", escaped)
    assert unescaped == f"file:/in/{name}"
    assert not fnmatch.fnmatchcase("file:/in/a1.jsonl", escaped)


def test_files_beside_a_manifest_are_read_too(program):
    found = ["file:/in/part-0.parquet", "file:/in/late.parquet"]
    assert files(program, found, ["part-0.parquet"]).inputs("file:/in/") == sorted(found)
    with pytest.raises(program["JobError"], match="part-1.parquet is listed in _SUCCESS but does not exist"):
        files(program, found, ["part-0.parquet", "part-1.parquet"]).inputs("file:/in")


def test_unpublished_files_on_s3_are_left_out(program):
    live, old = "s3a://b/in/part-0-0123456789abcdef.parquet", "s3a://b/in/part-0-fedcba9876543210.parquet"
    assert files(program, [live, old], ["part-0-0123456789abcdef.parquet"]).inputs("s3a://b/in") == [live]


class Table:
    dtypes = [("user_id", "string"), ("events", "bigint"), ("revenue", "decimal(10,2)")]


def test_a_decimal_column_is_not_dropped_silently(program):
    choose = program["choose_columns"]
    step = {"idColumn": "user_id", "input": "/in"}
    with pytest.raises(program["JobError"], match=r"'revenue' is of type decimal\(10,2\)"):
        choose(Table, step)
    assert choose(Table, {**step, "columns": ["events"]}) == ["events"]
