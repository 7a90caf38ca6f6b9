-- Movement: users per pair of segments in the previous and the latest run. NULL means absent from that run.
-- Segments are numbered by size in each run, so compare the labels of both models before drawing conclusions.
WITH days AS (
  SELECT max(dt) AS latest, max(CASE WHEN position = 2 THEN dt END) AS earlier
  FROM (SELECT dt, rank() OVER (ORDER BY dt DESC) AS position FROM (SELECT DISTINCT dt FROM user_segments))
),
before AS (SELECT user_id, segment FROM user_segments WHERE dt = (SELECT earlier FROM days)),
latest AS (SELECT user_id, segment FROM user_segments WHERE dt = (SELECT latest FROM days))
SELECT b.segment AS segment_before, n.segment AS segment_now, count(*) AS users
FROM before b
FULL OUTER JOIN latest n ON n.user_id = b.user_id
GROUP BY b.segment, n.segment
ORDER BY users DESC, segment_before, segment_now
