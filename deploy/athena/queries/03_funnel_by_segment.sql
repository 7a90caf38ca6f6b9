-- Purchase funnel: users per segment who reached each step.
SELECT s.segment,
       count(*) AS users,
       count_if(f.page_views > 0) AS viewed,
       count_if(f.add_to_carts > 0) AS filled_cart,
       count_if(f.purchases > 0) AS bought,
       round(100.0 * count_if(f.purchases > 0) / nullif(count_if(f.add_to_carts > 0), 0), 1) AS percent_of_carts_bought
FROM user_segments s
JOIN features f ON f.user_id = s.user_id AND f.dt = s.dt
WHERE s.dt = (SELECT max(dt) FROM user_segments)
GROUP BY s.segment
ORDER BY s.segment
