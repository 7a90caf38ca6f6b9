"""The tables of deploy/athena as DuckDB views over files in Athena's layout, and its queries in DuckDB."""


import sqlglot

from project import ROOT

ATHENA = ROOT / "deploy/athena"
TABLES = ["raw", "rejected", "features", "user_segments"]
QUERIES = sorted(path.stem for path in (ATHENA / "queries").glob("*.sql"))
TYPES = {"STRING": "VARCHAR", "BIGINT": "BIGINT", "DOUBLE": "DOUBLE"}


def definition(table):
    [statement] = sqlglot.parse((ATHENA / f"tables/{table}.sql").read_text(), read="athena")
    return statement


def columns(table):
    return {column.name: column.args["kind"].sql("hive").upper() for column in definition(table).this.expressions}


def views(database, root):
    """Creates views with the columns and types of the definitions over the files that Athena would find."""
    database.execute("SET TimeZone = 'UTC'")
    for table, files in {"raw": "raw/dt=*/*.jsonl*", "rejected": "features/dt=*/_rejected/*.jsonl"}.items():
        listed = ", ".join(f"'{name}': '{TYPES[kind]}'" for name, kind in columns(table).items())
        if next(root.glob(files), None):
            database.execute(
                f"CREATE VIEW {table} AS FROM read_json('{root}/{files}', format='newline_delimited', ignore_errors=true,"
                f" hive_partitioning=true, hive_types_autocast=false, columns={{{listed}}})")
        else:
            empty = ", ".join(f'NULL::{TYPES[kind]} AS "{name}"' for name, kind in columns(table).items())
            database.execute(f"CREATE VIEW {table} AS SELECT {empty}, NULL::VARCHAR AS dt WHERE false")
    for table in ["features", "user_segments"]:
        names = ", ".join(f'"{name}"' for name in columns(table))
        database.execute(
            f"CREATE VIEW {table} AS SELECT {names}, dt FROM read_parquet('{root}/{table}/dt=*/*.parquet',"
            " hive_partitioning=true, hive_types_autocast=false)")


def ask(database, name):
    text = (ATHENA / f"queries/{name}.sql").read_text()
    [statement] = sqlglot.transpile(text, read="athena", write="duckdb")
    result = database.execute(statement)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]
