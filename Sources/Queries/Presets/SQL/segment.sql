-- Segment, calls as they are stored by the destinations AWS S3 and Google Cloud Storage: JSON Lines, gzip.
-- Schema: https://segment.com/docs/connections/spec/common/ and https://segment.com/docs/connections/spec/ecommerce/v2/
-- user_id is userId, else anonymousId. page and screen calls are page views; track calls are named by the e-commerce spec.
-- price is the revenue of the whole order, with quantity 1.
-- Left out: identify, group and alias calls, which are not events. Not covered: sessions and dwell times of the tool's warehouse.
-- table: {"columns": {"type": "text", "event": "text", "timestamp": "timestamptz", "userId": "text", "anonymousId": "text",
-- table:   "context": "json", "properties": "json"}}
SELECT
  CASE
    WHEN type IN ('page', 'screen') THEN 'page_view'
    WHEN event = 'Product Added' THEN 'add_to_cart'
    WHEN event = 'Products Searched' THEN 'search'
    WHEN event = 'Order Completed' THEN 'purchase'
    WHEN event IN ('Product Clicked', 'Promotion Clicked', 'Link Clicked', 'Button Clicked', 'Element Clicked') THEN 'click'
    ELSE event
  END AS event_type,
  "timestamp",
  coalesce(nullif("userId", ''), "anonymousId") AS user_id,
  coalesce(context ->> 'sessionId', properties ->> 'session_id') AS session_id,
  coalesce(context #>> '{page,url}', properties ->> 'url') AS page_url,
  CASE
    WHEN lower(context #>> '{device,type}') IN ('desktop', 'mobile', 'tablet') THEN lower(context #>> '{device,type}')
    WHEN context ->> 'userAgent' ~* 'ipad|tablet' THEN 'tablet'
    WHEN lower(context #>> '{device,type}') IN ('ios', 'android') THEN 'mobile'
    WHEN context ->> 'userAgent' ~* 'mobi|iphone|android' THEN 'mobile'
    WHEN context ->> 'userAgent' IS NOT NULL THEN 'desktop'
  END AS device,
  NULL::bigint AS duration_ms,
  CASE
    WHEN event = 'Order Completed'
      THEN coalesce(properties ->> 'revenue', properties ->> 'total', properties ->> 'value')::double precision
    ELSE (properties ->> 'price')::double precision
  END AS price,
  CASE
    WHEN event = 'Order Completed' THEN 1
    ELSE (properties ->> 'quantity')::bigint
  END AS quantity
FROM raw
WHERE type IN ('page', 'screen', 'track')
