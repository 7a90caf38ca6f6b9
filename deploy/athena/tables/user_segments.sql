-- The segment of each user, one folder per run. `_model.json` and `_report.html` in the folder describe the segments.
CREATE EXTERNAL TABLE swiftlet.user_segments (
  `user_id` string,
  `segment` int COMMENT '0 is the largest',
  `distance` double COMMENT 'Distance to the center of the segment, in clustering space'
)
COMMENT 'Segments of users, one row per user and day of the pipeline'
PARTITIONED BY (`dt` string COMMENT 'Last UTC day that the features cover')
STORED AS PARQUET
LOCATION 's3://BUCKET/user_segments/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2025-01-01,NOW+1DAY',
  'projection.dt.interval' = '1',
  'projection.dt.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/user_segments/dt=${dt}/'
)
