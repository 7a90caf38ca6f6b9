-- Average behavior per segment, in original units.
SELECT s.segment,
       count(*) AS users,
       round(avg(f.events), 1) AS events,
       round(avg(f.sessions), 2) AS sessions,
       round(avg(f.purchases), 3) AS purchases,
       round(avg(f.revenue), 2) AS revenue,
       round(approx_percentile(f.avg_session_seconds, 0.5), 0) AS median_session_seconds,
       round(avg(f.night_share), 3) AS night_share,
       round(avg(f.weekend_share), 3) AS weekend_share,
       round(avg(f.mobile_share), 3) AS mobile_share
FROM user_segments s
JOIN features f ON f.user_id = s.user_id AND f.dt = s.dt
WHERE s.dt = (SELECT max(dt) FROM user_segments)
GROUP BY s.segment
ORDER BY s.segment
