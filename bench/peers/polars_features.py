"""The user features in Polars, streaming. Arguments: raw folder, output file. POLARS_MAX_THREADS sets the threads."""

import sys
from pathlib import Path

import polars as pl

raw, output = sys.argv[1:]
schema = {
    "user_id": pl.String, "event_type": pl.String, "session_id": pl.String, "page_url": pl.String, "device": pl.String,
    "price": pl.Float64, "quantity": pl.Float64, "duration_ms": pl.Float64, "timestamp": pl.Int64}
first, behind = 1743465600000, 1743465600000 + 16 * 86400000
files = sorted(str(path) for path in Path(raw).glob("dt=*/*"))
time, kind, day = pl.col("timestamp"), pl.col("event_type"), 86400000
events = pl.scan_ndjson(files, schema=schema).filter((time >= first) & (time < behind))
hour = time % day // 3600000


def share(condition):
    return condition.sum() / pl.len()


sessions = (
    events.group_by("user_id", "session_id").agg(((time.max() - time.min()) / 1000).alias("length"))
    .group_by("user_id").agg(pl.len().alias("sessions"), pl.col("length").mean().alias("avg_session_seconds")))
users = events.group_by("user_id").agg(
    pl.len().alias("events"), (kind == "page_view").sum().alias("page_views"), (kind == "click").sum().alias("clicks"),
    (kind == "search").sum().alias("searches"), (kind == "add_to_cart").sum().alias("add_to_carts"),
    (kind == "purchase").sum().alias("purchases"), pl.col("page_url").drop_nulls().n_unique().alias("distinct_pages"),
    (time // day).n_unique().alias("active_days"),
    (pl.col("price") * pl.col("quantity").fill_null(1)).filter(kind == "purchase").sum().alias("revenue"),
    pl.col("duration_ms").mean().fill_null(0).alias("avg_dwell_ms"),
    share(hour < 6).alias("night_share"), share((hour >= 6) & (hour < 12)).alias("morning_share"),
    share((hour >= 12) & (hour < 18)).alias("afternoon_share"), share(hour >= 18).alias("evening_share"),
    share((time // day + 3) % 7 >= 5).alias("weekend_share"), share(pl.col("device") == "mobile").alias("mobile_share"),
    pl.from_epoch(time.min(), time_unit="ms").alias("first_seen"),
    pl.from_epoch(time.max(), time_unit="ms").alias("last_seen"))
(
    users.join(sessions, on="user_id").with_columns((pl.col("events") / pl.col("sessions")).alias("events_per_session"))
    .sink_parquet(output, compression="zstd", engine="streaming"))
