"""Parquet against pyarrow, DuckDB, Polars and Spark, both ways.

Run with the interpreter that has them: `python -m pytest Tests/Peers/test_parquet.py`. The binaries come from the
folder in SWIFTLET_BIN (default .build/release); `swift build -c release --product parquet-check` makes the one needed.
"""

import base64
import datetime
import decimal
import json
import math
import os
import pathlib
import random
import subprocess
import uuid

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BIN = pathlib.Path(os.environ.get("SWIFTLET_BIN", ".build/release"))
CODECS = ["none", "snappy", "gzip", "zstd"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def run(*arguments, check=True):
    result = subprocess.run(
        [BIN / "parquet-check", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if check:
        assert result.returncode == 0, result.stderr
    return result


def ours(path, *columns):
    """Schema and rows of a file as Swiftlet reads it."""
    # Only "\n" ends a line: strings may hold other characters that Python takes for ends of lines.
    lines = run("read", path, *columns).stdout.rstrip("\n").split("\n")
    return json.loads(lines[0]), [json.loads(line) for line in lines[1:]]


def plain(value):
    """A peer's value as Swiftlet's JSON has it."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=datetime.timezone.utc)
        # Whole milliseconds, rounded down.
        return (value - EPOCH) // datetime.timedelta(milliseconds=1)
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days * 86_400_000
    if isinstance(value, decimal.Decimal):
        return float(value)
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


# What Swiftlet writes ------------------------------------------------------------------------------------------------

ROWS = 1000


def f32(value):
    return pa.scalar(value, pa.float32()).as_py()


def sample_row(i):
    """The row that Tests/Tools/parquet-check/Sample.swift writes."""
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
        1_000_000_000_000 - i * 86_399_999 * 7,
    ]
    nullable = [None] * len(base) if i % 4 == 1 else base
    special = [None, None, math.nan if i % 10 == 3 else float(i), 0.0 if i % 2 == 0 else -0.0, "ab" * 50 + str(i)]
    return base + nullable + special


SAMPLE = [sample_row(i) for i in range(ROWS)]
NAMES = ["flag", "i32", "i64", "small", "f32", "f64", "price", "user", "country", "ts"]
NAMES = NAMES + [name + "_n" for name in NAMES] + ["none", "none_text", "nan", "zero", "long"]


@pytest.fixture(scope="session", params=CODECS)
def written(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("ours") / f"{request.param}.parquet"
    run("write", path, request.param, ROWS, 300)
    return request.param, path


def column(name, first=0, end=ROWS):
    values = [row[NAMES.index(name)] for row in SAMPLE[first:end]]
    return [value for value in values if value is not None]


def test_ours_reads_ours(written):
    schema, rows = ours(written[1])
    assert [field["name"] for field in schema["fields"]] == NAMES
    assert schema["rowGroups"] == [300, 300, 300, 100]
    assert_same_rows(rows, SAMPLE)


def test_same_input_same_bytes(written, tmp_path):
    run("write", tmp_path / "again.parquet", written[0], ROWS, 300)
    assert (tmp_path / "again.parquet").read_bytes() == written[1].read_bytes()


def test_pyarrow_reads_ours(written):
    codec, path = written
    file = pq.ParquetFile(path, page_checksum_verification=True)
    table = file.read()
    types = [pa.bool_(), pa.int32(), pa.int64(), pa.int64(), pa.float32(), pa.float64(), pa.float64(), pa.string(),
             pa.string(), pa.timestamp("ms", "UTC")]
    types = types + types + [pa.int64(), pa.string(), pa.float64(), pa.float64(), pa.string()]
    assert table.schema.names == NAMES and table.schema.types == types
    assert [field.nullable for field in table.schema] == [False] * 10 + [True] * 12 + [False] * 3
    assert_same_rows([[plain(value) for value in row.values()] for row in table.to_pylist()], SAMPLE)
    assert file.metadata.created_by.startswith("swiftlet version ")
    for group in range(4):
        chunks = file.metadata.row_group(group)
        assert chunks.num_rows == [300, 300, 300, 100][group]
        for index, name in enumerate(NAMES):
            chunk = chunks.column(index)
            assert chunk.compression == {"none": "UNCOMPRESSED"}.get(codec, codec.upper())
            values = column(name, group * 300, min(ROWS, group * 300 + 300))
            statistics = chunk.statistics
            assert statistics.null_count == chunks.num_rows - len(values)
            if name == "long":
                # Cut at 64 bytes: no value, but a bound.
                assert statistics.min <= min(values) and statistics.max >= max(values)
                assert len(statistics.min) == len(statistics.max) == 64
            elif name == "nan" or not values:
                assert not statistics.has_min_max
            else:
                assert same(plain(statistics.max), 0.0 if name == "zero" else max(values))
                low = min(values)
                assert same(plain(statistics.min), -0.0 if low == 0 and type(low) is float else low)


def test_duckdb_reads_ours(written):
    table = duckdb.connect()
    table.execute("set timezone = 'UTC'")
    types = ["BOOLEAN", "INTEGER", "BIGINT", "BIGINT", "FLOAT", "DOUBLE", "DOUBLE", "VARCHAR", "VARCHAR",
             "TIMESTAMP WITH TIME ZONE"]
    described = table.execute(f"describe from '{written[1]}'").fetchall()
    assert [row[0] for row in described] == NAMES
    assert [row[1] for row in described] == types + types + ["BIGINT", "VARCHAR", "DOUBLE", "DOUBLE", "VARCHAR"]
    rows = table.execute(
        f"select * replace (epoch_ms(ts) as ts, epoch_ms(ts_n) as ts_n) from '{written[1]}'").fetchall()
    assert_same_rows([list(row) for row in rows], SAMPLE)

    def count(condition):
        return table.execute(f"select count(*) from '{written[1]}' where {condition}").fetchone()[0]

    # Filters that leave out row groups by their statistics.
    middle = column("i64")[500]
    assert count(f"i64 >= {middle}") == 500
    assert count("user = 'user-777'") == 1
    assert count("zero = 0") == ROWS
    assert count("nan > 1e9") == len([value for value in column("nan") if math.isnan(value)])
    assert count(f"long = '{'ab' * 50}999'") == 1
    assert count("ts_n is null") == 250
    assert count(f"ts < make_timestamptz({column('ts')[-1] + 1} * 1000)") == 1


def test_polars_reads_ours(written):
    frame = polars.read_parquet(written[1])
    assert frame.schema["ts"] == polars.Datetime("ms", "UTC")
    assert_same_rows([[plain(value) for value in row] for row in frame.rows()], SAMPLE)
    assert polars.scan_parquet(written[1]).filter(polars.col("i64") >= column("i64")[500]).collect().height == 500


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


@pytest.mark.parametrize("vectorized", ["true", "false"])
def test_spark_reads_ours(written, spark, vectorized):
    spark.conf.set("spark.sql.parquet.enableVectorizedReader", vectorized)
    frame = spark.read.parquet(str(written[1]))
    types = ["boolean", "int", "bigint", "bigint", "float", "double", "double", "string", "string", "timestamp"]
    assert frame.dtypes == list(
        zip(NAMES, types + types + ["bigint", "string", "double", "double", "string"]))
    millis = frame.selectExpr(
        *[f"unix_millis({name}) as {name}" if name.startswith("ts") else name for name in NAMES])
    assert_same_rows([list(row) for row in millis.collect()], SAMPLE)
    # Filters that leave out row groups by their statistics and dictionaries.
    assert frame.where(f"i64 >= {column('i64')[500]}").count() == 500
    assert frame.where("user = 'user-777'").count() == 1
    assert frame.where("country = 'nowhere'").count() == 0
    assert frame.where("nan > 1e9").count() == 100
    assert frame.where("zero = 0").count() == ROWS


def test_spark_aggregates_from_our_statistics(written, spark):
    spark.conf.set("spark.sql.sources.useV1SourceList", "")
    spark.conf.set("spark.sql.parquet.aggregatePushdown", "true")
    try:
        frame = spark.read.parquet(str(written[1]))
        result = frame.selectExpr("min(i64)", "max(i64)", "min(i32_n)", "max(i32_n)", "count(i32_n)", "count(*)")
        assert "PushedAggregation: [MIN(i64)" in result._jdf.queryExecution().toString()
        low, nullable = column("i64"), column("i32_n")
        assert list(result.collect()[0]) == [min(low), max(low), min(nullable), max(nullable), len(nullable), ROWS]
    finally:
        spark.conf.set("spark.sql.parquet.aggregatePushdown", "false")
        spark.conf.unset("spark.sql.sources.useV1SourceList")


# What others write ---------------------------------------------------------------------------------------------------

def arrow_table(rows, seed, nulls):
    generator = random.Random(seed)

    def values(make, type):
        return pa.array([None if nulls and generator.random() < 0.2 else make() for _ in range(rows)], type)

    def text():
        return "".join(generator.choice("abcdé日😀") for _ in range(generator.randrange(20)))

    moment = lambda scale: generator.randrange(-10**10, 2 * 10**9) * scale + generator.randrange(scale)
    limits = {
        "int8": (-2**7, 2**7), "int16": (-2**15, 2**15), "int32": (-2**31, 2**31), "int64": (-2**63, 2**63),
        "uint8": (0, 2**8), "uint16": (0, 2**16), "uint32": (0, 2**32), "uint64": (0, 2**63)}
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
            scale = {"s": 1000, "ms": 1, "us": 1000, "ns": 10**6}[field.type.unit]
            whole = data.cast(pa.int64()).to_pylist()
            data = [
                None if v is None else v * scale if field.type.unit == "s" else v // scale for v in whole]
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


@pytest.mark.parametrize("nulls", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("codec", CODECS)
def test_reads_pyarrow(tmp_path, codec, version, encoding, nulls):
    table = arrow_table(1500, f"{codec}{version}{encoding}{nulls}", nulls)
    if not nulls:
        required = [field.with_nullable(pa.types.is_null(field.type) or field.name == "nothing")
                    for field in table.schema]
        table = table.cast(pa.schema(required))
    path = tmp_path / "file.parquet"
    pq.write_table(
        table, path, compression=codec, data_page_version=version, row_group_size=700, data_page_size=1000,
        write_batch_size=100, write_page_checksum=True, store_decimal_as_integer=nulls, **ENCODINGS[encoding])
    schema, rows = ours(path)
    assert schema["rowGroups"] == [700, 700, 100]
    assert [field["name"] for field in schema["fields"]] == table.schema.names
    assert [field["nullable"] for field in schema["fields"]] == [field.nullable for field in table.schema]
    assert_same_rows(rows, expected_rows(table))


def test_types_of_pyarrow(tmp_path):
    table = arrow_table(10, 1, True)
    pq.write_table(table, tmp_path / "file.parquet")
    types = {field["name"]: field["type"] for field in ours(tmp_path / "file.parquet")[0]["fields"]}
    assert types == {
        "flag": "bool", "runs": "bool", "f32": "float", "f64": "double", "text": "string", "ids": "string",
        "few": "string", "sorted": "int64", "same": "int32", "date": "timestampMillis", "binary": "string",
        "fixed": "string", "d9": "double", "d18": "double", "d38": "double", "d70": "double", "nothing": "int64",
        "void": "int32", "int8": "int32", "int16": "int32", "int32": "int32", "int64": "int64", "uint8": "int32",
        "uint16": "int32", "uint32": "int64", "uint64": "int64", "ts_s": "timestampMillis",
        "ts_ms": "timestampMillis", "ts_us": "timestampMillis", "ts_ns": "timestampMillis", "local": "timestampMillis"}


def test_reads_many_row_groups_and_int96(tmp_path):
    table = arrow_table(3000, 5, True).select(["ids", "int64", "ts_us", "f64"])
    pq.write_table(table, tmp_path / "file.parquet", row_group_size=7, use_deprecated_int96_timestamps=True)
    schema, rows = ours(tmp_path / "file.parquet")
    assert len(schema["rowGroups"]) == 429
    # INT96 counts nanoseconds, and pyarrow wraps around outside of what 64 bits of them can tell.
    years = [row for row in expected_rows(table)]
    for got, want in zip(rows, years):
        if want[2] is None or abs(want[2]) < 9 * 10**12:
            assert_same_rows([got], [want])
    assert_same_rows(ours(tmp_path / "file.parquet", "f64", "ids")[1], [[row[3], row[0]] for row in years])


def test_reads_float16_and_uuid(tmp_path):
    import numpy
    halves = numpy.array([0, -0.0, 1, -1.5, 65504, 6e-8, -6e-5, numpy.inf, -numpy.inf, 0.1], numpy.float16)
    ids = [uuid.UUID(int=i * 2**90 + i) for i in range(10)]
    pq.write_table(
        pa.table({"half": halves, "id": pa.array([i.bytes for i in ids], pa.uuid())}), tmp_path / "file.parquet")
    schema, rows = ours(tmp_path / "file.parquet")
    assert [field["type"] for field in schema["fields"]] == ["float", "string"]
    for row, half, id in zip(rows, halves, ids):
        assert same(row[0], float(half)) and row[1] == str(id)


def test_reads_empty_files(tmp_path):
    pq.write_table(pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}), tmp_path / "file.parquet")
    schema, rows = ours(tmp_path / "file.parquet")
    assert [field["name"] for field in schema["fields"]] == ["a", "b"] and rows == []
    run("write", tmp_path / "ours.parquet", "zstd", 0)
    assert pq.read_table(tmp_path / "ours.parquet").num_rows == 0
    assert duckdb.sql(f"select count(*) from '{tmp_path / 'ours.parquet'}'").fetchall() == [(0,)]
    duckdb.sql(f"copy (select 1 as a, 'x' as b where a > 1) to '{tmp_path / 'duck.parquet'}' (format parquet)")
    assert ours(tmp_path / "duck.parquet")[1] == []


DUCKDB_ROWS = """
    select i % 3 = 0 as flag, (i % 100)::tinyint as i8, (i * 7)::smallint as i16, i::integer as i32,
      (i::bigint * i * 1000003) as i64, (i % 200)::utinyint as u8, (i * 3)::usmallint as u16,
      (4000000000 + i)::uinteger as u32, (i::ubigint * 1000000007) as u64, (i / 7)::float as f32, i / 7 as f64,
      'user-' || (i % 50) as few, 'name ' || i as many, date '2020-01-01' + i::integer as date,
      timestamptz '2024-05-05 05:05:05.123456+00' - interval (i * 12345) second as tz,
      (timestamp '1969-12-31 23:59:58.999999' + interval (i) millisecond) as ts,
      (timestamp_ns '2001-01-01 00:00:00.123456789') as ns, timestamp_ms '2010-01-01 00:00:00.001' as ms,
      (i * 1.25)::decimal(4, 0) as d4, (i / 8)::decimal(9, 3) as d9, (i / 8)::decimal(18, 3) as d18,
      (i / 8)::decimal(38, 3) as d38, md5(i::varchar)::uuid as id, ('b' || i)::blob as bytes
    from range(2500) t(i)"""


@pytest.mark.parametrize("nulls", [False, True])
@pytest.mark.parametrize("version", ["V1", "V2"])
@pytest.mark.parametrize("codec", ["uncompressed", "snappy", "gzip", "zstd"])
def test_reads_duckdb(tmp_path, codec, version, nulls):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    query = DUCKDB_ROWS
    if nulls:
        names = [row[0] for row in connection.execute(f"describe {query}").fetchall()]
        picked = [f"case when (row_number() over () + {index}) % 5 > 0 then {name} end as {name}"
                  for index, name in enumerate(names)]
        query = f"select {', '.join(picked)} from ({query})"
    connection.execute(f"create table rows as {query}")
    path = tmp_path / "file.parquet"
    connection.execute(
        f"copy rows to '{path}' (format parquet, codec '{codec}', parquet_version '{version}', row_group_size 2048)")
    schema, rows = ours(path)
    assert schema["rowGroups"] == [2048, 452]
    expected = connection.execute("select * replace (ns::timestamp as ns, tz at time zone 'UTC' as tz) from rows").fetchall()
    assert_same_rows(rows, [list(row) for row in expected])


def test_reads_polars(tmp_path):
    table = arrow_table(2000, 9, True).drop_columns(["d70", "void"])
    frame = polars.from_arrow(table)
    for codec in ["uncompressed", "snappy", "gzip", "zstd"]:
        frame.write_parquet(tmp_path / "file.parquet", compression=codec, row_group_size=600)
        rows = ours(tmp_path / "file.parquet", *table.schema.names)[1]
        assert_same_rows(rows, expected_rows(table))


def spark_frame(spark, nulls):
    names = {
        "flag": "id % 3 = 0", "i8": "cast(id % 100 as byte)", "i16": "cast(id * 7 as short)", "i32": "cast(id as int)",
        "i64": "id * id * 1000003", "f32": "cast(id / 8 as float)", "f64": "id / 7", "few": "concat('u', id % 20)",
        "many": "concat('name ', id)", "date": "date_add(date '2020-01-01', cast(id as int))",
        "ts": "timestamp_micros(1714885505123456 - id * 12345678901)",
        "d9": "cast(id / 8 as decimal(9, 3))", "d18": "cast(id / 8 as decimal(18, 3))",
        "d38": "cast(id / 8 as decimal(38, 3))", "bytes": "cast(concat('b', id) as binary)"}
    frame = spark.range(0, 2500, 1, 1)
    if nulls:
        picked = [f"case when (id + {i}) % 5 > 0 then {code} end as {name}" for i, (name, code) in
                  enumerate(names.items())]
    else:
        picked = [f"{code} as {name}" for name, code in names.items()]
    return frame.selectExpr(*picked)


def spark_rows(frame):
    names = [f"unix_micros({name}) as {name}" if type == "timestamp" else name for name, type in frame.dtypes]
    timestamp = [index for index, (_, type) in enumerate(frame.dtypes) if type == "timestamp"]
    rows = [list(row) for row in frame.selectExpr(*names).collect()]
    for row in rows:
        for index in timestamp:
            row[index] = None if row[index] is None else row[index] // 1000
    return rows


@pytest.mark.parametrize("nulls", [False, True])
@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("timestamps", ["INT96", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS"])
@pytest.mark.parametrize("codec", ["uncompressed", "snappy", "gzip", "zstd"])
def test_reads_spark(tmp_path, spark, codec, timestamps, version, nulls):
    spark.conf.set("spark.sql.parquet.outputTimestampType", timestamps)
    frame = spark_frame(spark, nulls)
    (frame.write.option("parquet.writer.version", version).option("compression", codec)
        .option("parquet.block.row.count.limit", 1000).option("parquet.page.size", 4096).parquet(str(tmp_path / "out")))
    [path] = (tmp_path / "out").glob("*.parquet")
    schema, rows = ours(path)
    assert len(schema["rowGroups"]) > 1
    assert {field["name"]: field["type"] for field in schema["fields"]}["ts"] == "timestampMillis"
    assert_same_rows(rows, spark_rows(frame))


def test_reads_spark_partitions(tmp_path, spark):
    frame = spark_frame(spark, True).selectExpr("*", "coalesce(i32, 0) % 3 as part")
    frame.write.partitionBy("part").parquet(str(tmp_path / "out"))
    rows = []
    for part in range(3):
        for path in (tmp_path / "out" / f"part={part}").glob("*.parquet"):
            rows += [row + [part] for row in ours(path)[1]]
    # nulls go first
    key = lambda row: [(value is not None, value) for value in map(plain, row)]
    assert_same_rows(sorted(rows, key=key), sorted(spark_rows(frame), key=key))


# What is refused -----------------------------------------------------------------------------------------------------

def refused(path, *columns):
    result = run("read", path, *columns, check=False)
    assert result.returncode == 1
    assert str(path) in result.stderr
    return result.stderr


def test_nested_columns_are_left_out(tmp_path):
    table = pa.table({
        "a": [1, 2], "list": [[1, 2], []], "struct": [{"x": 1, "y": {"z": "a"}}] * 2,
        "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())), "b": ["x", "y"]})
    path = tmp_path / "file.parquet"
    pq.write_table(table, path)
    schema, rows = ours(path)
    assert [field["name"] for field in schema["fields"]] == ["a", "b"]
    assert [field["name"] for field in schema["unsupported"]] == ["list", "struct", "map"]
    assert rows == [[1, "x"], [2, "y"]]
    assert "column 'struct': nested columns are not supported" in refused(path, "struct")
    assert "column 'c': no such column; there are: a, b" in refused(path, "c")


@pytest.mark.parametrize("codec", ["lz4", "brotli"])
def test_other_codecs_are_named(tmp_path, codec):
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table({"a": [1, 2]}), path, compression=codec)
    error = refused(path)
    assert "row group 0, column 'a'" in error and f"compression {codec.upper()}" in error


def test_values_that_do_not_fit_are_named(tmp_path):
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table({"a": pa.array([1, 2**63], pa.uint64())}), path)
    assert "column 'a': 9223372036854775808 is over the range of int64" in refused(path)
    pq.write_table(pa.table({"b": pa.array([b"ok", b"\xff\xfe"], pa.binary())}), path)
    assert "column 'b': it has a string that is not UTF-8" in refused(path)


@pytest.mark.parametrize("plain_footer", [False, True])
def test_encryption_is_named(tmp_path, plain_footer):
    import pyarrow.parquet.encryption as encryption

    class Keys(encryption.KmsClient):
        def wrap_key(self, key, master):
            return base64.b64encode(key).decode()

        def unwrap_key(self, wrapped, master):
            return base64.b64decode(wrapped)

    path = tmp_path / "file.parquet"
    table = pa.table({"a": [1, 2], "b": [3, 4]})
    properties = encryption.CryptoFactory(lambda _: Keys()).file_encryption_properties(
        encryption.KmsConnectionConfig(),
        encryption.EncryptionConfiguration(
            footer_key="f", column_keys={"c": ["a"]}, plaintext_footer=plain_footer))
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    assert "encrypted" in refused(path, "a")
    if plain_footer:
        assert ours(path, "b")[1] == [[3], [4]]


def test_checksums_are_verified(tmp_path):
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table({"a": list(range(1000))}), path, compression="none", use_dictionary=False,
                   write_page_checksum=True)
    data = bytearray(path.read_bytes())
    data[3000] ^= 1
    path.write_bytes(data)
    assert "does not match its checksum" in refused(path)
