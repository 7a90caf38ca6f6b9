"""Lists, structs and maps in Parquet files of pyarrow, DuckDB and Polars, read by Swiftlet."""

import random

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parquet_peers import ours, plain

ITEM = pa.struct([("id", pa.int64()), ("tags", pa.list_(pa.string())), ("price", pa.decimal128(20, 3))])
TYPES = {
    "numbers": pa.list_(pa.int32()),
    "lists": pa.list_(pa.list_(pa.string())),
    "person": pa.struct([("name", pa.string()), ("born", pa.date32()), ("at", pa.struct([("x", pa.float64())]))]),
    "items": pa.list_(ITEM),
    "map": pa.map_(pa.string(), pa.int64()),
    "maps": pa.map_(pa.string(), pa.list_(pa.struct([("a", pa.bool_()), ("b", pa.map_(pa.int32(), pa.string()))]))),
    "deep": pa.struct([("a", pa.list_(pa.struct([("b", pa.struct([("c", pa.list_(pa.list_(pa.int64())))]))])))]),
}


def value(type, generator, nulls, top=False):
    """A random value of a type, with nulls at every level and empty lists."""
    if nulls and generator.random() < 0.2:
        return None
    if pa.types.is_map(type):
        keys = list(range(generator.randrange(4)))
        make = str if pa.types.is_string(type.key_type) else int
        return [(make(key), value(type.item_type, generator, nulls)) for key in keys]
    if pa.types.is_list(type):
        return [value(type.value_type, generator, nulls) for _ in range(generator.choice([0, 0, 1, 2, 5]))]
    if pa.types.is_struct(type):
        return {field.name: value(field.type, generator, nulls) for field in type}
    if pa.types.is_string(type):
        return generator.choice(["", "a", "日本", "long text " * 5])
    if pa.types.is_boolean(type):
        return generator.random() < 0.5
    if pa.types.is_floating(type):
        return generator.random()
    if pa.types.is_date(type):
        return generator.randrange(20000)
    if pa.types.is_decimal(type):
        import decimal
        return decimal.Decimal(generator.randrange(-10**19, 10**19)).scaleb(-3)
    return generator.randrange(-10**9, 10**9)


def table(rows, seed, nulls):
    generator = random.Random(seed)
    return pa.table({name: pa.array([value(type, generator, nulls) for _ in range(rows)], type)
                     for name, type in TYPES.items()})


def form(value, type):
    """A value of pyarrow in the form of Swiftlet's JSON."""
    if value is None:
        return None
    if pa.types.is_map(type):
        return [{"key": form(k, type.key_type), "value": form(v, type.item_type)} for k, v in value]
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return [form(item, type.value_type) for item in value]
    if pa.types.is_struct(type):
        return {field.name: form(value[field.name], field.type) for field in type}
    return plain(value)


def rows_of(table):
    columns = [[form(value, field.type) for value in data.to_pylist()] for field, data in zip(table.schema, table.columns)]
    return [list(row) for row in zip(*columns)]


@pytest.mark.parametrize("nulls", [False, True])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_reads_pyarrow(tmp_path, codec, version, nulls):
    data = table(3000, 7, nulls)
    path = tmp_path / "file.parquet"
    # Small pages: records go over page ends.
    pq.write_table(data, path, compression=codec, data_page_version=version, row_group_size=1300, data_page_size=500,
                   write_batch_size=64)
    schema, rows = ours(path)
    assert [field["type"] for field in schema["fields"]][:5] == [
        "list<int32>", "list<list<string>>", "struct<name string, born date, at struct<x double>>",
        "list<struct<id int64, tags list<string>, price decimal(20,3)>>", "list<struct<key string, value int64>>"]
    assert rows == rows_of(data)
    assert ours(path, "deep", "numbers")[1] == [[row[6], row[0]] for row in rows]


def test_required_values(tmp_path):
    required = lambda name, type: pa.field(name, type, nullable=False)
    type = pa.struct([required("a", pa.int64()), required("b", pa.list_(required("element", pa.string())))])
    data = pa.table({"s": pa.array([{"a": 1, "b": ["x"]}, {"a": 2, "b": []}], type)}, schema=pa.schema([required("s", type)]))
    pq.write_table(data, tmp_path / "file.parquet")
    assert ours(tmp_path / "file.parquet")[1] == [[{"a": 1, "b": ["x"]}], [{"a": 2, "b": []}]]


def test_lists_of_two_levels(tmp_path):
    data = table(500, 3, True).select(["numbers", "items"])
    pq.write_table(data, tmp_path / "file.parquet", use_compliant_nested_type=False)
    assert ours(tmp_path / "file.parquet")[1] == rows_of(data)


def test_reads_duckdb(tmp_path):
    path = tmp_path / "file.parquet"
    duckdb.sql(f"""copy (
      select i, case when i % 7 > 0 then range(i % 4) end as numbers,
        case when i % 5 > 0 then {{'a': case when i % 3 > 0 then i end, 'b': [{{'c': 'x' || i}}, null]}} end as s,
        map {{'k' || i: [i, null]}} as m, [[i], [], null] as lists
      from range(10000) t(i)) to '{path}' (format parquet, row_group_size 4096)""")
    rows = ours(path)[1]
    assert len(rows) == 10000
    for i, row in enumerate(rows):
        s = {"a": i if i % 3 else None, "b": [{"c": f"x{i}"}, None]} if i % 5 else None
        assert row == [i, list(range(i % 4)) if i % 7 else None, s, [{"key": f"k{i}", "value": [i, None]}],
                       [[i], [], None]]


def test_reads_polars(tmp_path):
    data = table(1000, 5, True).select(["numbers", "lists", "person", "items"])
    polars.from_arrow(data).write_parquet(tmp_path / "file.parquet", row_group_size=300)
    assert ours(tmp_path / "file.parquet")[1] == rows_of(data)


def test_null_structs_are_not_structs_of_nulls(tmp_path):
    type = pa.struct([("a", pa.int64()), ("b", pa.string())])
    data = pa.table({"s": pa.array([None, {"a": None, "b": None}, {"a": 1, "b": None}], type)})
    pq.write_table(data, tmp_path / "file.parquet")
    assert ours(tmp_path / "file.parquet")[1] == [[None], [{"a": None, "b": None}], [{"a": 1, "b": None}]]
