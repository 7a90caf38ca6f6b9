-- Amplitude, Export API and export to S3: JSON Lines, gzip.
-- Schema: https://amplitude.com/docs/apis/analytics/export
-- user_id is the id of the logged-in user, else device_id. Times have no zone and are UTC. Session -1 is none.
-- price × quantity are those of the event; an order with a revenue has that, with quantity 1.
-- Event names are chosen by each project: the usual ones are mapped, in any case and with spaces or underscores.
-- Not covered: revenue events ([Amplitude] Revenue) next to orders, as they would count twice.
-- table: {"columns": {"event_type": "text", "event_time": "timestamp", "user_id": "text", "device_id": "text",
-- table:   "session_id": "text", "platform": "text", "device_type": "text", "device_family": "text",
-- table:   "event_properties": "json"}}
SELECT
  CASE replace(replace(lower(event_type), '[amplitude] ', ''), ' ', '_')
    WHEN 'page_viewed' THEN 'page_view'
    WHEN 'screen_viewed' THEN 'page_view'
    WHEN 'page_view' THEN 'page_view'
    WHEN 'element_clicked' THEN 'click'
    WHEN 'click' THEN 'click'
    WHEN 'search' THEN 'search'
    WHEN 'products_searched' THEN 'search'
    WHEN 'add_to_cart' THEN 'add_to_cart'
    WHEN 'product_added' THEN 'add_to_cart'
    WHEN 'purchase' THEN 'purchase'
    WHEN 'order_completed' THEN 'purchase'
    ELSE event_type
  END AS event_type,
  event_time AS "timestamp",
  coalesce(nullif(user_id, ''), device_id) AS user_id,
  nullif(session_id, '-1') AS session_id,
  event_properties ->> '[Amplitude] Page URL' AS page_url,
  CASE
    WHEN concat_ws(' ', device_type, device_family) ~* 'ipad|tablet' THEN 'tablet'
    WHEN platform IN ('iOS', 'Android') OR concat_ws(' ', device_type) ~* 'phone|android|pixel|galaxy' THEN 'mobile'
    WHEN device_type IS NOT NULL THEN 'desktop'
  END AS device,
  NULL::bigint AS duration_ms,
  coalesce(event_properties ->> 'revenue', event_properties ->> 'price')::double precision AS price,
  CASE
    WHEN event_properties ->> 'revenue' IS NOT NULL THEN 1
    ELSE (event_properties ->> 'quantity')::bigint
  END AS quantity
FROM raw
