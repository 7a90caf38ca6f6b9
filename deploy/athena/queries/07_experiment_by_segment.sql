-- A/B tests: buyers per variant and segment. Users count for every variant they saw.
WITH seen AS (
  SELECT r.experiment, r.variant, s.segment, r.user_id,
         max(CASE WHEN r.event_type = 'purchase' THEN 1 ELSE 0 END) AS bought
  FROM raw r
  JOIN user_segments s ON s.user_id = r.user_id
  WHERE r.experiment IS NOT NULL
    AND s.dt = (SELECT max(dt) FROM user_segments)
  GROUP BY r.experiment, r.variant, s.segment, r.user_id
)
SELECT experiment, segment, variant,
       count(*) AS users,
       sum(bought) AS buyers,
       round(100.0 * sum(bought) / count(*), 2) AS percent_bought
FROM seen
GROUP BY experiment, segment, variant
ORDER BY experiment, segment, variant
