"""Parquet written by pyarrow, DuckDB, Polars and Spark, read by Swiftlet: values, types, and errors."""

import base64
import uuid

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parquet_peers import CODECS, ENCODINGS, arrow_table, assert_same_rows, expected_rows, f32, ours, plain, run, same, spark  # noqa: F401


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
        "few": "string", "sorted": "int64", "same": "int32", "date": "date", "binary": "binary", "fixed": "binary",
        "d9": "decimal(9,2)", "d18": "decimal(18,4)", "d38": "decimal(38,3)", "d70": "double", "nothing": "int64",
        "void": "int32", "int8": "int16", "int16": "int16", "int32": "int32", "int64": "int64", "uint8": "int16",
        "uint16": "int32", "uint32": "int64", "uint64": "decimal(20,0)", "ts_s": "timestampTZ",
        "ts_ms": "timestampTZ", "ts_us": "timestampTZ", "ts_ns": "timestampTZ", "local": "timestamp"}


def test_reads_many_row_groups_and_int96(tmp_path):
    table = arrow_table(3000, 5, True).select(["ids", "int64", "ts_us", "f64"])
    pq.write_table(table, tmp_path / "file.parquet", row_group_size=7, use_deprecated_int96_timestamps=True)
    schema, rows = ours(tmp_path / "file.parquet")
    assert len(schema["rowGroups"]) == 429
    # INT96 counts nanoseconds. pyarrow overflows outside the range of 64-bit nanoseconds.
    years = [row for row in expected_rows(table)]
    for got, want in zip(rows, years):
        if want[2] is None or abs(want[2]) < 9 * 10**15:
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
@pytest.mark.parametrize("codec", ["uncompressed", "snappy", "gzip", "brotli", "lz4_raw", "zstd"])
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
    expected = connection.execute(
        "select * replace (make_timestamp(epoch_ns(ns) // 1000) as ns, tz at time zone 'UTC' as tz, u64::varchar as u64) from rows").fetchall()
    assert_same_rows(rows, [list(row) for row in expected])


def test_reads_polars(tmp_path):
    table = arrow_table(2000, 9, True).drop_columns(["d70", "void"])
    frame = polars.from_arrow(table)
    for codec in ["uncompressed", "snappy", "gzip", "brotli", "lz4", "zstd"]:
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
    return [list(row) for row in frame.selectExpr(*names).collect()]


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
    type = {field["name"]: field["type"] for field in schema["fields"]}["ts"]
    assert type == ("timestamp" if timestamps == "INT96" else "timestampTZ")
    expected = spark_rows(frame)
    if timestamps == "TIMESTAMP_MILLIS":
        index = [name for name, _ in frame.dtypes].index("ts")
        for row in expected:
            row[index] = None if row[index] is None else row[index] // 1000 * 1000
    assert_same_rows(rows, expected)


def test_reads_spark_partitions(tmp_path, spark):
    frame = spark_frame(spark, True).selectExpr("*", "coalesce(i32, 0) % 3 as part")
    frame.write.partitionBy("part").parquet(str(tmp_path / "out"))
    rows = []
    for part in range(3):
        for path in (tmp_path / "out" / f"part={part}").glob("*.parquet"):
            rows += [row + [part] for row in ours(path)[1]]
    # nulls first
    key = lambda row: [(value is not None, value) for value in map(plain, row)]
    assert_same_rows(sorted(rows, key=key), sorted(spark_rows(frame), key=key))


# Errors -----------------------------------------------------------------------------------------------------

def error_of(path, *columns):
    result = run("read", path, *columns, check=False)
    assert result.returncode == 1
    assert str(path) in result.stderr
    return result.stderr


def test_missing_columns_and_deep_columns_are_named(tmp_path):
    path = tmp_path / "file.parquet"
    type = pa.int64()
    for _ in range(40):
        type = pa.struct([("a", type)])
    pq.write_table(pa.table({"a": [1, 2], "deep": pa.nulls(2, type)}), path)
    schema, rows = ours(path)
    assert [field["name"] for field in schema["fields"]] == ["a"] and rows == [[1], [2]]
    assert "is not supported: it has over 32 levels" in error_of(path, "deep")
    assert "column 'c': no such column; there are: a" in error_of(path, "c")


def test_values_that_do_not_fit_are_named(tmp_path):
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table({"a": pa.array([1, 2**60], pa.timestamp("ms"))}), path)
    assert "column 'a': a time is outside the range of 64-bit microseconds" in error_of(path)
    # Arrow trusts the type of a buffer that it is handed, so text can be made that is not UTF-8.
    broken = pa.array([b"ok", b"\xff\xfe"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 2, broken.buffers())
    pq.write_table(pa.table({"b": text}), path)
    assert "column 'b': it has a string that is not UTF-8" in error_of(path)


def test_other_files_are_named(tmp_path):
    path = tmp_path / "file.parquet"
    path.write_text("a,b\n1,2\n3,4\n")
    assert "looks like text; expected Parquet" in error_of(path)
    path.write_bytes(b"\x1f\x8b" + bytes(30))
    assert "compressed as a whole with gzip" in error_of(path)
    path.write_bytes(b"PAR1" + b"x" * 30)
    assert "does not end with PAR1" in error_of(path)


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
    assert "encrypted" in error_of(path, "a")
    if plain_footer:
        assert ours(path, "b")[1] == [[3], [4]]


def test_checksums_are_verified(tmp_path):
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table({"a": list(range(1000))}), path, compression="none", use_dictionary=False,
                   write_page_checksum=True)
    data = bytearray(path.read_bytes())
    data[3000] ^= 1
    path.write_bytes(data)
    assert "does not match its checksum" in error_of(path)
