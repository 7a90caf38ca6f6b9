"""Parquet written by Swiftlet, read by pyarrow, DuckDB, Polars and Spark: values, types, statistics.

Needs `swift build -c release --product parquet-check`.
"""

import math

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parquet_peers import CODECS, NAMES, ROWS, SAMPLE, assert_same_rows, ours, plain, run, same, spark  # noqa: F401


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
            assert chunk.compression == {"none": "UNCOMPRESSED", "lz4": "LZ4"}.get(codec, codec.upper())
            values = column(name, group * 300, min(ROWS, group * 300 + 300))
            statistics = chunk.statistics
            assert statistics.null_count == chunks.num_rows - len(values)
            if name == "long":
                # Truncated to 64 bytes: a bound, not a value.
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
        f"select * replace (epoch_us(ts) as ts, epoch_us(ts_n) as ts_n) from '{written[1]}'").fetchall()
    assert_same_rows([list(row) for row in rows], SAMPLE)

    def count(condition):
        return table.execute(f"select count(*) from '{written[1]}' where {condition}").fetchone()[0]

    # Filters that skip row groups by statistics.
    middle = column("i64")[500]
    assert count(f"i64 >= {middle}") == 500
    assert count("user = 'user-777'") == 1
    assert count("zero = 0") == ROWS
    assert count("nan > 1e9") == len([value for value in column("nan") if math.isnan(value)])
    assert count(f"long = '{'ab' * 50}999'") == 1
    assert count("ts_n is null") == 250
    assert count(f"ts < make_timestamptz({column('ts')[-1] + 1})") == 1


def test_polars_reads_ours(written):
    frame = polars.read_parquet(written[1])
    assert frame.schema["ts"] == polars.Datetime("ms", "UTC")
    assert_same_rows([[plain(value) for value in row] for row in frame.rows()], SAMPLE)
    assert polars.scan_parquet(written[1]).filter(polars.col("i64") >= column("i64")[500]).collect().height == 500


@pytest.mark.parametrize("vectorized", ["true", "false"])
def test_spark_reads_ours(written, spark, vectorized):
    if written[0] == "brotli":
        return  # Spark comes without a Brotli codec.
    spark.conf.set("spark.sql.parquet.enableVectorizedReader", vectorized)
    frame = spark.read.parquet(str(written[1]))
    types = ["boolean", "int", "bigint", "bigint", "float", "double", "double", "string", "string", "timestamp"]
    assert frame.dtypes == list(
        zip(NAMES, types + types + ["bigint", "string", "double", "double", "string"]))
    micros = frame.selectExpr(
        *[f"unix_micros({name}) as {name}" if name.startswith("ts") else name for name in NAMES])
    assert_same_rows([list(row) for row in micros.collect()], SAMPLE)
    # Filters that skip row groups by statistics and dictionaries.
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
