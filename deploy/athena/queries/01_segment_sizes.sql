-- Users per segment in the latest run, and their share of all users.
SELECT segment,
       count(*) AS users,
       round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS percent,
       round(avg(distance), 3) AS mean_distance
FROM user_segments
WHERE dt = (SELECT max(dt) FROM user_segments)
GROUP BY segment
ORDER BY segment
