"""Nested columns, wide decimals and times written by Swiftlet, read by pyarrow, DuckDB, Polars and Swiftlet."""

import datetime
import decimal

import duckdb
import polars
import pyarrow.parquet as pq
import pytest

from parquet_peers import CODECS, ours, run

ROWS = 1000
EPOCH = datetime.datetime(1970, 1, 1)


def person(i):
    return {"name": None if i % 2 == 0 else f"name {i}",
            "tags": None if i % 4 == 0 else [f"tag {i + j}" for j in range(i % 3)], "id": i}


def typed_row(i):
    """Returns the row that Tests/Tools/parquet-check/TypesSample.swift writes."""
    unless = lambda divisor, value: None if i % divisor == 0 else value
    numbers = [None if (i + j) % 3 == 0 else i * 10 + j for j in range(i % 4)]
    people = [None if j == 1 else person(i + j) for j in range(i % 3)]
    deep = [[{"a": None if j == 1 else i / 2} for j in range(outer * 2)] for outer in range(i % 3)]
    return [unless(5, i % 1000 - 500), unless(6, i * 3 - 1000), unless(7, i * 1_000_000_007 - 5_000_000_000),
            unless(8, i * 86_400_000_001), unless(9, decimal.Decimal(i * 12345 - 50).scaleb(-2)),
            unless(4, wide(i * 1_000_000_000_000_000_000_007 - 5)), decimal.Decimal(i % 3 - 1),
            unless(3, f'{{"a": {i}}}'), unless(5, numbers), unless(7, person(i)), unless(6, people), deep]


def wide(value):
    return decimal.Context(prec=50).scaleb(decimal.Decimal(value), -3)


def number(value):
    """Dates and times as the numbers that are stored."""
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days
    return value


@pytest.fixture(scope="module", params=CODECS)
def written(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("types") / f"{request.param}.parquet"
    run("types", path, request.param, ROWS)
    return path


EXPECTED = [typed_row(i) for i in range(ROWS)]


def test_ours_reads_ours(written):
    rows = ours(written)[1]
    text = lambda value: format(value, "f") if isinstance(value, decimal.Decimal) else value
    assert rows == [[text(value) for value in row] for row in EXPECTED]


def test_pyarrow_reads_ours(written):
    table = pq.read_table(written, page_checksum_verification=True)
    assert [[number(value) for value in row.values()] for row in table.to_pylist()] == EXPECTED
    assert [str(type) for type in table.schema.types][:7] == [
        "int16", "date32[day]", "timestamp[us]", "timestamp[us, tz=UTC]", "decimal128(9, 2)", "decimal128(38, 3)",
        "decimal128(20, 0)"]
    metadata = pq.ParquetFile(written).metadata
    assert metadata.num_row_groups == 4
    values = [row[5] for row in EXPECTED[:300] if row[5] is not None]
    statistics = metadata.row_group(0).column(5).statistics
    assert (statistics.min, statistics.max) == (min(values), max(values))


def test_duckdb_reads_ours(written):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    rows = connection.execute(
        f"select * replace (epoch_us(instant) as instant, json::varchar as json) from '{written}'").fetchall()
    assert [[number(value) for value in row] for row in rows] == EXPECTED
    large = EXPECTED[997][5]
    assert connection.execute(f"select count(*) from '{written}' where d38 = {large}").fetchone() == (1,)


def test_polars_reads_ours(written):
    # Polars does not know the annotation JSON.
    rows = polars.read_parquet(written).with_columns(polars.col("json").cast(polars.String)).rows()
    assert [[number(value) for value in row] for row in rows] == EXPECTED
