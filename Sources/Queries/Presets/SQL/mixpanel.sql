-- Mixpanel, raw event export and data pipelines: JSON Lines with all fields in `properties`.
-- Schema: https://developer.mixpanel.com/reference/raw-event-export
-- user_id is distinct_id: the user, or `$device:…` before the log-in. Times are seconds, UTC (projects from before 2023 may
-- export them in the project's time zone: add `AT TIME ZONE`).
-- price × quantity are those of the event; an order with a revenue or amount has that, with quantity 1.
-- Event names are chosen by each project: the usual ones are mapped, in any case and with spaces or underscores.
-- Not covered: sessions, which the tool computes and does not export.
-- table: {"columns": {"event": "text", "properties": "json"}}
SELECT
  CASE replace(lower(event), ' ', '_')
    WHEN '$mp_web_page_view' THEN 'page_view'
    WHEN 'page_view' THEN 'page_view'
    WHEN 'page_viewed' THEN 'page_view'
    WHEN '$mp_click' THEN 'click'
    WHEN 'click' THEN 'click'
    WHEN 'search' THEN 'search'
    WHEN 'add_to_cart' THEN 'add_to_cart'
    WHEN 'product_added' THEN 'add_to_cart'
    WHEN 'purchase' THEN 'purchase'
    WHEN 'order_completed' THEN 'purchase'
    ELSE event
  END AS event_type,
  to_timestamp(try_cast(properties ->> 'time' AS double precision)) AS "timestamp",
  coalesce(properties ->> 'distinct_id', properties ->> '$user_id', properties ->> '$device_id') AS user_id,
  properties ->> '$session_id' AS session_id,
  properties ->> '$current_url' AS page_url,
  CASE
    WHEN concat_ws(' ', properties ->> '$device', properties ->> '$model') ~* 'ipad|tablet' THEN 'tablet'
    WHEN properties ->> '$os' IN ('iOS', 'Android', 'Windows Phone', 'BlackBerry') THEN 'mobile'
    WHEN properties ->> '$os' IS NOT NULL THEN 'desktop'
  END AS device,
  -- Of timed events, in seconds.
  round((properties ->> '$duration')::double precision * 1000)::bigint AS duration_ms,
  coalesce(properties ->> 'revenue', properties ->> 'amount', properties ->> 'price')::double precision AS price,
  CASE
    WHEN coalesce(properties ->> 'revenue', properties ->> 'amount') IS NOT NULL THEN 1
    ELSE (properties ->> 'quantity')::bigint
  END AS quantity
FROM raw
