-- The three most viewed pages per segment on the latest day.
WITH views AS (
  SELECT s.segment, r.page_url, count(*) AS views, count(DISTINCT r.user_id) AS users
  FROM raw r
  JOIN user_segments s ON s.user_id = r.user_id
  WHERE r.event_type = 'page_view'
    AND r.dt = (SELECT max(dt) FROM user_segments)
    AND s.dt = (SELECT max(dt) FROM user_segments)
  GROUP BY s.segment, r.page_url
)
SELECT segment, position, page_url, views, users
FROM (
  SELECT segment, page_url, views, users,
         row_number() OVER (PARTITION BY segment ORDER BY views DESC, page_url) AS position
  FROM views
)
WHERE position <= 3
ORDER BY segment, position
