-- RudderStack, events as they are stored by its object storage destinations (S3, GCS, MinIO …): JSON Lines, gzip.
-- Schema: https://www.rudderstack.com/docs/event-spec/standard-events/common-fields/ and …/event-spec/ecommerce-events-spec/
-- user_id is userId, else anonymousId; sessions are context.sessionId of the tool's own session tracking.
-- price is the revenue of the whole order, with quantity 1.
-- Left out: identify, group and alias calls, which are not events. Not covered: the tables of warehouse destinations.
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
