-- PostHog, batch exports of the events model to S3, as JSON Lines.
-- Schema: https://posthog.com/docs/data-pipelines/batch-exports/s3
-- user_id is distinct_id: the identified user, or the anonymous id before the log-in.
-- price × quantity are those of the event; an order with a revenue has that, with quantity 1.
-- Event names other than those with `$` are chosen by each project: the usual ones are mapped, in any case.
-- Not covered: Parquet exports (properties are text there), merged persons (use person_id, or the example in docs/events.md).
-- table: {"columns": {"event": "text", "distinct_id": "text", "timestamp": "timestamptz", "properties": "json"}}
SELECT
  CASE
    WHEN event IN ('$pageview', '$screen') THEN 'page_view'
    WHEN event = '$autocapture' AND properties ->> '$event_type' = 'click' THEN 'click'
    WHEN replace(lower(event), ' ', '_') IN ('click', 'clicked', 'element_clicked') THEN 'click'
    WHEN replace(lower(event), ' ', '_') IN ('search', 'searched', 'products_searched') THEN 'search'
    WHEN replace(lower(event), ' ', '_') IN ('add_to_cart', 'added_to_cart', 'product_added') THEN 'add_to_cart'
    WHEN replace(lower(event), ' ', '_') IN ('purchase', 'purchased', 'order_completed') THEN 'purchase'
    ELSE event
  END AS event_type,
  "timestamp",
  distinct_id AS user_id,
  properties ->> '$session_id' AS session_id,
  properties ->> '$current_url' AS page_url,
  lower(properties ->> '$device_type') AS device,
  -- In seconds, of the page that the visitor leaves.
  round((properties ->> '$prev_pageview_duration')::double precision * 1000)::bigint AS duration_ms,
  coalesce(properties ->> 'revenue', properties ->> 'price')::double precision AS price,
  CASE
    WHEN properties ->> 'revenue' IS NOT NULL THEN 1
    ELSE (properties ->> 'quantity')::bigint
  END AS quantity
FROM raw
