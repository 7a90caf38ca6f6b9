-- Google Analytics 4, export to BigQuery, written as JSON Lines (`bq extract --destination_format NEWLINE_DELIMITED_JSON`).
-- Schema: https://support.google.com/analytics/answer/7029846
-- user_id is the signed-in user, else the browser or app instance (user_pseudo_id). Times are microseconds, UTC.
-- price is the revenue of the whole order, with quantity 1; other events with items have the sum of price × quantity.
-- Not covered: Parquet and Avro exports (nested columns instead of JSON), refunds, one row per item, purchase_revenue_in_usd.
-- Sites that send both search and view_search_results for one search count it twice.
-- table: {"columns": {"event_timestamp": "bigint", "event_name": "text", "event_params": "json[]", "user_id": "text",
-- table:   "user_pseudo_id": "text", "device": "json", "ecommerce": "json", "items": "json[]"}}
SELECT
  CASE event_name
    WHEN 'screen_view' THEN 'page_view'
    WHEN 'select_item' THEN 'click'
    WHEN 'select_content' THEN 'click'
    WHEN 'select_promotion' THEN 'click'
    WHEN 'view_search_results' THEN 'search'
    WHEN 'in_app_purchase' THEN 'purchase'
    ELSE event_name
  END AS event_type,
  epoch_us(event_timestamp) AS "timestamp",
  coalesce(user_id, user_pseudo_id) AS user_id,
  -- Numbers of sessions are unique within a browser or app instance only.
  concat_ws('.', user_pseudo_id, (
    SELECT coalesce(p #>> '{value,int_value}', p #>> '{value,string_value}')
    FROM unnest(event_params) AS p WHERE p ->> 'key' = 'ga_session_id' LIMIT 1)) AS session_id,
  (SELECT p #>> '{value,string_value}'
    FROM unnest(event_params) AS p WHERE p ->> 'key' = 'page_location' LIMIT 1) AS page_url,
  lower(device ->> 'category') AS device,
  (SELECT (p #>> '{value,int_value}')::bigint
    FROM unnest(event_params) AS p WHERE p ->> 'key' = 'engagement_time_msec' LIMIT 1) AS duration_ms,
  coalesce(
    (ecommerce ->> 'purchase_revenue')::double precision,
    (SELECT coalesce(p #>> '{value,double_value}', p #>> '{value,float_value}', p #>> '{value,int_value}')::double precision
      FROM unnest(event_params) AS p WHERE p ->> 'key' = 'value' LIMIT 1),
    (SELECT sum((i ->> 'price')::double precision * coalesce((i ->> 'quantity')::double precision, 1))
      FROM unnest(items) AS i)) AS price,
  1::bigint AS quantity
FROM raw
