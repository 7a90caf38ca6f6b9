"""Shared by the Parquet tests: Swiftlet's reader as a function, test tables, and a Spark session.

Needs `swift build -c release --product parquet-check`.
"""

import datetime
import decimal
import json
import math
import random
import subprocess
import uuid

import pyarrow as pa
import pytest

from project import BIN

CODECS = ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def run(*arguments, check=True):
    result = subprocess.run(
        [BIN / "parquet-check", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if check:
        assert result.returncode == 0, result.stderr
    return result


def ours(path, *columns):
    """Returns schema and rows of a file as Swiftlet reads them."""
    # Not splitlines(): strings may contain other characters that Python treats as line ends.
    lines = run("read", path, *columns).stdout.rstrip("\n").split("\n")
    return json.loads(lines[0]), [json.loads(line) for line in lines[1:]]


def plain(value):
    """Converts a peer's value to the form in Swiftlet's JSON."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=datetime.timezone.utc)
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (bytes, bytearray)):
        return value.decode()
    if isinstance(value, uuid.UUID):
        return str(value)
    return value


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return a == b and math.copysign(1, a) == math.copysign(1, b) or (math.isnan(a) and math.isnan(b))
    return type(a) is type(b) and a == b


def assert_same_rows(actual, expected):
    assert len(actual) == len(expected)
    __tracebackhide__ = True
    for number, (a, e) in enumerate(zip(actual, expected)):
        e = [plain(value) for value in e]
        if len(a) != len(e) or not all(map(same, a, e)):
            different = [(index, *pair) for index, pair in enumerate(zip(a, e)) if not same(*pair)]
            pytest.fail(f"row {number}: (column, got, expected) {different}")


ROWS = 1000


def f32(value):
    return pa.scalar(value, pa.float32()).as_py()


def sample_row(i):
    """Returns the row that Tests/Tools/parquet-check/Sample.swift writes."""
    base = [
        i % 3 == 0,
        (i * 2_654_435_761 + 2**31) % 2**32 - 2**31,
        i * i * 1_000_003 - 5_000_000_000_000,
        i % 7 - 3,
        f32(i / 8 - 100),
        i * 0.1,
        i % 11 * 1.25,
        f"user-{i}",
        ["de", "fr", "日本", "", "us"][i % 5],
        (1_000_000_000_000 - i * 86_399_999 * 7) * 1000,
    ]
    nullable = [None] * len(base) if i % 4 == 1 else base
    special = [None, None, math.nan if i % 10 == 3 else float(i), 0.0 if i % 2 == 0 else -0.0, "ab" * 50 + str(i)]
    return base + nullable + special


SAMPLE = [sample_row(i) for i in range(ROWS)]
NAMES = ["flag", "i32", "i64", "small", "f32", "f64", "price", "user", "country", "ts"]
NAMES = NAMES + [name + "_n" for name in NAMES] + ["none", "none_text", "nan", "zero", "long"]


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    from pyspark.sql import SparkSession
    session = (
        SparkSession.builder.master("local[1]").appName("parquet")
        .config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .config("spark.sql.shuffle.partitions", "1").getOrCreate())
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def arrow_table(rows, seed, nulls):
    generator = random.Random(seed)

    def values(make, type):
        return pa.array([None if nulls and generator.random() < 0.2 else make() for _ in range(rows)], type)

    def text():
        return "".join(generator.choice("abcdé日😀") for _ in range(generator.randrange(20)))

    moment = lambda scale: generator.randrange(-10**10, 2 * 10**9) * scale + generator.randrange(scale)
    limits = {
        "int8": (-2**7, 2**7), "int16": (-2**15, 2**15), "int32": (-2**31, 2**31), "int64": (-2**63, 2**63),
        "uint8": (0, 2**8), "uint16": (0, 2**16), "uint32": (0, 2**32), "uint64": (0, 2**64)}
    columns = {
        "flag": values(lambda: generator.random() < 0.5, pa.bool_()),
        "runs": pa.array([i // 300 % 2 == 0 for i in range(rows)], pa.bool_()),
        "f32": values(lambda: f32(generator.gauss(0, 1e5)), pa.float32()),
        "f64": values(lambda: generator.choice([generator.gauss(0, 1e100), math.inf, -math.inf, -0.0]), pa.float64()),
        "text": values(text, pa.string()),
        "ids": values(lambda: f"user-{generator.randrange(10**6):08}", pa.string()),
        "few": values(lambda: generator.choice(["a", "b", ""]), pa.string()),
        "sorted": pa.array([i * 10 + generator.randrange(9) for i in range(rows)], pa.int64()),
        "same": pa.array([42] * rows, pa.int32()),
        "date": values(lambda: EPOCH.date() + datetime.timedelta(generator.randrange(-9999, 99999)), pa.date32()),
        "binary": values(lambda: text().encode(), pa.binary()),
        "fixed": values(lambda: bytes(generator.choice(b"xyz") for _ in range(5)), pa.binary(5)),
        "d9": values(lambda: decimal.Decimal(generator.randrange(-10**9, 10**9)).scaleb(-2), pa.decimal128(9, 2)),
        "d18": values(lambda: decimal.Decimal(generator.randrange(-10**15, 10**15)).scaleb(-4), pa.decimal128(18, 4)),
        "d38": values(lambda: decimal.Decimal(generator.randrange(-10**15, 10**15)).scaleb(-3), pa.decimal128(38, 3)),
        "d70": values(lambda: decimal.Decimal(generator.randrange(-10**15, 10**15)).scaleb(-3), pa.decimal256(70, 3)),
        "nothing": pa.nulls(rows, pa.int64()),
        "void": pa.nulls(rows),
    }
    for name, (low, high) in limits.items():
        columns[name] = values(lambda: generator.randrange(low, high), getattr(pa, name)())
    for unit, scale in [("s", 1), ("ms", 1000), ("us", 10**6), ("ns", 10**9)]:
        make = (lambda: moment(scale)) if unit != "ns" else (lambda: generator.randrange(-2**62, 2**62))
        columns["ts_" + unit] = values(make, pa.timestamp(unit, "UTC"))
    columns["local"] = values(lambda: moment(10**6), pa.timestamp("us"))
    return pa.table(columns)


def expected_rows(table):
    columns = []
    for field, data in zip(table.schema, table.columns):
        if pa.types.is_timestamp(field.type):
            # Parquet has no seconds: pyarrow stores milliseconds.
            scale = {"s": 10**6, "ms": 1000, "us": 1, "ns": None}[field.type.unit]
            whole = data.cast(pa.int64()).to_pylist()
            data = [None if v is None else v * scale if scale else v // 1000 for v in whole]
        elif field.type == pa.uint64():
            data = [None if v is None else str(v) for v in data.to_pylist()]
        elif pa.types.is_decimal(field.type) and field.type.precision > 38:
            data = [None if v is None else float(v) for v in data.to_pylist()]
        else:
            data = data.to_pylist()
        columns.append(data)
    return [list(row) for row in zip(*columns)]


ENCODINGS = {
    "dictionary": {},
    "plain": {"use_dictionary": False},
    "small dictionary": {"dictionary_pagesize_limit": 100},
    "delta": {"use_dictionary": False, "column_encoding": {
        **{name: "DELTA_BINARY_PACKED" for name in
           ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "sorted", "same", "date", "ts_ms",
            "ts_us", "nothing"]},
        "text": "DELTA_LENGTH_BYTE_ARRAY", "binary": "DELTA_LENGTH_BYTE_ARRAY", "ids": "DELTA_BYTE_ARRAY",
        "few": "DELTA_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY", "d38": "DELTA_BYTE_ARRAY", "flag": "RLE",
        "runs": "RLE"}},
    "split": {"use_dictionary": False, "column_encoding": {
        name: "BYTE_STREAM_SPLIT" for name in ["f32", "f64", "int32", "int64", "fixed", "d38", "ts_us"]}},
}
