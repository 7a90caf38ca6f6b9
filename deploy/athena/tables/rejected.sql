-- Invalid lines kept by the features step: the first ones of each run, up to its rejectedCap.
-- `_SUCCESS` beside the features has the exact counts by reason.
CREATE EXTERNAL TABLE swiftlet.rejected (
  `file` string COMMENT 'The object that the line is in',
  `offset` bigint COMMENT 'Of its first byte, uncompressed',
  `reason` string,
  `line` string COMMENT 'Up to 4,096 bytes of it'
)
COMMENT 'Lines of raw that are no events'
PARTITIONED BY (`dt` string COMMENT 'Last UTC day of the run that read the line')
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://BUCKET/features/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2025-01-01,NOW+1DAY',
  'projection.dt.interval' = '1',
  'projection.dt.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/features/dt=${dt}/_rejected/'
)
