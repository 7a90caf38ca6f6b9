-- The file events.csv of the Retailrocket recommender data set on Kaggle.
-- Schema: https://www.kaggle.com/datasets/retailrocket/ecommerce-dataset
-- A view of an item is a page view; the page is the item. Times are milliseconds, UTC. Each row of a transaction is one item.
-- Not covered: prices (they are in item_properties.csv, hashed), sessions (cut at inactivity), devices, dwell times.
-- table: {"format": "csv", "header": true, "columns": {"timestamp": "bigint", "visitorid": "text", "event": "text",
-- table:   "itemid": "text"}}
SELECT
  CASE event
    WHEN 'view' THEN 'page_view'
    WHEN 'addtocart' THEN 'add_to_cart'
    WHEN 'transaction' THEN 'purchase'
    ELSE event
  END AS event_type,
  epoch_ms("timestamp") AS "timestamp",
  visitorid AS user_id,
  NULL::text AS session_id,
  '/item/' || itemid AS page_url,
  NULL::text AS device,
  NULL::bigint AS duration_ms,
  NULL::double precision AS price,
  NULL::bigint AS quantity
FROM raw
