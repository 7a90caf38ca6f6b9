-- Users, sessions, events and revenue per day, for the last 30 days with data.
SELECT dt,
       count(DISTINCT user_id) AS users,
       count(DISTINCT session_id) AS sessions,
       count(*) AS events,
       round(sum(CASE WHEN event_type = 'purchase' THEN price * coalesce(quantity, 1) ELSE 0 END), 2) AS revenue
FROM raw
WHERE dt > CAST(date_add('day', -30, CAST((SELECT max(dt) FROM raw) AS date)) AS varchar)
GROUP BY dt
ORDER BY dt
