-- Lapsing buyers: users who bought and were not seen for a week, highest revenue first.
SELECT f.user_id,
       s.segment,
       f.purchases,
       round(f.revenue, 2) AS revenue,
       date_diff('day', CAST(f.last_seen AS date), CAST(f.dt AS date)) AS days_away
FROM features f
JOIN user_segments s ON s.user_id = f.user_id AND s.dt = f.dt
WHERE f.dt = (SELECT max(dt) FROM features)
  AND f.purchases > 0
  AND date_diff('day', CAST(f.last_seen AS date), CAST(f.dt AS date)) >= 7
ORDER BY f.revenue DESC, f.user_id
LIMIT 1000
