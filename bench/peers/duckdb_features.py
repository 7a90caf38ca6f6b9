"""The user features in DuckDB. Arguments: raw folder, output file, threads, first day, day after the last."""

import sys

import duckdb

raw, output, threads, start, end = (*sys.argv[1:], "2025-04-01", "2025-04-17")[:5]
database = duckdb.connect(config={"threads": int(threads)})
database.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
database.execute(
    f"""
    COPY (
      WITH events AS (
        SELECT user_id, event_type, session_id, page_url, device, price, quantity, duration_ms, timestamp AS ms,
               make_timestamp(timestamp * 1000) AS ts
        FROM read_json('{raw}/dt=*/*', format = 'newline_delimited', hive_partitioning = false, columns = {{
          user_id: 'VARCHAR', event_type: 'VARCHAR', session_id: 'VARCHAR', page_url: 'VARCHAR', device: 'VARCHAR',
          price: 'DOUBLE', quantity: 'DOUBLE', duration_ms: 'DOUBLE', timestamp: 'BIGINT'}})
        WHERE timestamp >= epoch_ms(TIMESTAMP '{start}') AND timestamp < epoch_ms(TIMESTAMP '{end}')
      ),
      sessions AS (
        SELECT user_id, count(*) AS sessions, avg(length) AS avg_session_seconds
        FROM (SELECT user_id, session_id, (max(ms) - min(ms)) / 1000.0 AS length FROM events GROUP BY ALL)
        GROUP BY user_id
      ),
      users AS (
        SELECT user_id, count(*) AS events,
          count(*) FILTER (event_type = 'page_view') AS page_views, count(*) FILTER (event_type = 'click') AS clicks,
          count(*) FILTER (event_type = 'search') AS searches,
          count(*) FILTER (event_type = 'add_to_cart') AS add_to_carts,
          count(*) FILTER (event_type = 'purchase') AS purchases,
          count(DISTINCT page_url) AS distinct_pages, count(DISTINCT ts::DATE) AS active_days,
          coalesce(sum(price * coalesce(quantity, 1)) FILTER (event_type = 'purchase'), 0) AS revenue,
          coalesce(avg(duration_ms), 0) AS avg_dwell_ms,
          count(*) FILTER (hour(ts) < 6) / count(*) AS night_share,
          count(*) FILTER (hour(ts) BETWEEN 6 AND 11) / count(*) AS morning_share,
          count(*) FILTER (hour(ts) BETWEEN 12 AND 17) / count(*) AS afternoon_share,
          count(*) FILTER (hour(ts) >= 18) / count(*) AS evening_share,
          count(*) FILTER (isodow(ts) >= 6) / count(*) AS weekend_share,
          count(*) FILTER (device = 'mobile') / count(*) AS mobile_share,
          make_timestamp(min(ms) * 1000) AS first_seen, make_timestamp(max(ms) * 1000) AS last_seen
        FROM events GROUP BY user_id
      )
      SELECT users.*, sessions, avg_session_seconds, events / sessions AS events_per_session
      FROM users JOIN sessions USING (user_id)
    ) TO '{output}' (FORMAT parquet, COMPRESSION zstd)
    """
)
