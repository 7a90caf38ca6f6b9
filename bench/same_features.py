"""Compares two feature tables row by row: integers and timestamps equal, floats within 1e-9. Arguments: our folder, a peer's file."""

import sys

import duckdb

ours, theirs = sys.argv[1:]
database = duckdb.connect()
database.execute("SET TimeZone = 'UTC'")


def rows(source):
    instants = "epoch_ms(first_seen) AS first_seen, epoch_ms(last_seen) AS last_seen"
    return database.execute(f"SELECT * REPLACE ({instants}) FROM read_parquet('{source}', hive_partitioning = false) ORDER BY user_id").fetch_df()


a = rows(f"{ours}/part-*.parquet")
b = rows(theirs)[a.columns]
assert len(a) == len(b), (len(a), len(b))
for name in a.columns:
    if a[name].dtype.kind == "f":
        wrong = (a[name] - b[name]).abs() > 1e-9 * b[name].abs().clip(lower=1)
    else:
        wrong = a[name] != b[name]
    assert not wrong.any(), f"{name} differs in {wrong.sum()} rows, the first:\n{a[wrong].iloc[0]}\n{b[wrong].iloc[0]}"
print(f"  the same {len(a):,} rows of {len(a.columns)} columns")
