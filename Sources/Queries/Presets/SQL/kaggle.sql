-- The CSV files of the data set "eCommerce behavior data from multi category store" on Kaggle (2019-Oct.csv …).
-- Schema: https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store
-- A view of a product is a page view; the page is the product. Times are UTC, in seconds. There is no quantity: each row is one
-- item. remove_from_cart keeps its name.
-- Not covered: devices, dwell times, visitors without an id (there are none).
-- table: {"format": "csv", "header": true, "columns": {"event_time": "text", "event_type": "text", "product_id": "text",
-- table:   "price": "double precision", "user_id": "text", "user_session": "text"}}
SELECT
  CASE event_type WHEN 'view' THEN 'page_view' WHEN 'cart' THEN 'add_to_cart' ELSE event_type END AS event_type,
  try_cast(replace(event_time, ' UTC', '+00') AS timestamptz) AS "timestamp",
  user_id,
  user_session AS session_id,
  '/product/' || product_id AS page_url,
  NULL::text AS device,
  NULL::bigint AS duration_ms,
  price,
  1::bigint AS quantity
FROM raw
