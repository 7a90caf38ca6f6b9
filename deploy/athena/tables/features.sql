-- One row per user and run: the user's behavior in the days that the run covers. `dt` is the last day.
CREATE EXTERNAL TABLE swiftlet.features (
  `user_id` string,
  `events` bigint,
  `sessions` bigint,
  `page_views` bigint,
  `clicks` bigint,
  `searches` bigint,
  `add_to_carts` bigint,
  `purchases` bigint,
  `distinct_pages` bigint,
  `active_days` bigint,
  `revenue` double,
  `avg_session_seconds` double,
  `events_per_session` double,
  `avg_dwell_ms` double,
  `night_share` double,
  `morning_share` double,
  `afternoon_share` double,
  `evening_share` double,
  `weekend_share` double,
  `mobile_share` double,
  `first_seen` timestamp,
  `last_seen` timestamp
)
COMMENT 'User features, one row per user and day of the pipeline'
PARTITIONED BY (`dt` string COMMENT 'Last UTC day that the features cover')
STORED AS PARQUET
LOCATION 's3://BUCKET/features/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2025-01-01,NOW+1DAY',
  'projection.dt.interval' = '1',
  'projection.dt.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/features/dt=${dt}/'
)
