-- Raw events: one JSON object per line, plain, .zst or .gz, in one folder per day.
-- `timestamp` is text as the sender wrote it: milliseconds since 1970 or ISO 8601. Other fields are ignored.
CREATE EXTERNAL TABLE swiftlet.raw (
  `event_id` string,
  `event_type` string,
  `timestamp` string,
  `user_id` string,
  `session_id` string,
  `page_url` string,
  `referrer` string,
  `device` string,
  `os` string,
  `browser` string,
  `country` string,
  `duration_ms` double,
  `query` string,
  `product_id` string,
  `price` double,
  `quantity` double,
  `experiment` string,
  `variant` string
)
COMMENT 'Click events, one per row'
PARTITIONED BY (`dt` string COMMENT 'UTC day of the event')
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true', 'case.insensitive' = 'false')
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://BUCKET/raw/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2025-01-01,NOW+1DAY',
  'projection.dt.interval' = '1',
  'projection.dt.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/raw/dt=${dt}/'
)
