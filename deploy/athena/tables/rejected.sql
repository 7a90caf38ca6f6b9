-- Lines rejected by the features step: the first ones of each run, up to rejectedCap.
-- Exact counts by reason are in `_SUCCESS` next to the features.
CREATE EXTERNAL TABLE swiftlet.rejected (
  `file` string COMMENT 'The object that contains the line',
  `lineNumber` bigint COMMENT 'Number of the line in the object, from 1',
  `offset` bigint COMMENT 'Offset of the first byte in the uncompressed object',
  `reason` string,
  `found` string COMMENT 'What the line appears to be instead',
  `line` string COMMENT 'The first 4,096 bytes of the line'
)
COMMENT 'Rejected lines of raw'
PARTITIONED BY (`dt` string COMMENT 'Last UTC day that the run covers')
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
