-- Events and users per UTC hour. Accepts both timestamp formats.
WITH timed AS (
  SELECT user_id,
         coalesce(
           from_unixtime(try_cast("timestamp" AS bigint) / 1000.0),
           try(from_iso8601_timestamp("timestamp"))) AS seen_at
  FROM raw
  WHERE dt > CAST(date_add('day', -7, CAST((SELECT max(dt) FROM raw) AS date)) AS varchar)
)
SELECT hour(seen_at) AS utc_hour, count(*) AS events, count(DISTINCT user_id) AS users
FROM timed
WHERE seen_at IS NOT NULL
GROUP BY hour(seen_at)
ORDER BY utc_hour
