-- Matomo, visits of the Reporting API method Live.getLastVisitsDetails (format=JSON): an array of visits with their actions.
-- Schema: https://developer.matomo.org/api-reference/reporting-api#Live
-- One row per action. user_id is the user id, else the visitor id of the browser. Times are seconds, UTC.
-- price is the revenue of the whole order, with quantity 1. Outlinks are clicks.
-- Carts and clicks on the page are events of the site: the usual names in eventAction are mapped, in any case.
-- Left out: ecommerceAbandonedCart, which is a state of the visit's cart, and goals. Not covered: the tables of the database.
-- table: {"columns": {"idVisit": "text", "visitorId": "text", "userId": "text", "deviceType": "text",
-- table:   "actionDetails": "json[]"}}
SELECT
  CASE
    WHEN a ->> 'type' = 'action' THEN 'page_view'
    WHEN a ->> 'type' IN ('search', 'click') THEN a ->> 'type'
    WHEN a ->> 'type' = 'outlink' THEN 'click'
    WHEN a ->> 'type' = 'ecommerceOrder' THEN 'purchase'
    WHEN a ->> 'type' = 'event' THEN
      CASE replace(replace(lower(a ->> 'eventAction'), ' ', ''), '_', '')
        WHEN 'addtocart' THEN 'add_to_cart'
        WHEN 'click' THEN 'click'
        WHEN 'search' THEN 'search'
        ELSE a ->> 'eventAction'
      END
    ELSE a ->> 'type'
  END AS event_type,
  to_timestamp(try_cast(a ->> 'timestamp' AS double precision)) AS "timestamp",
  coalesce(nullif("userId", ''), "visitorId") AS user_id,
  "idVisit" AS session_id,
  a ->> 'url' AS page_url,
  CASE
    WHEN "deviceType" IN ('Smartphone', 'Phablet', 'Feature phone') THEN 'mobile'
    ELSE lower("deviceType")
  END AS device,
  (a ->> 'timeSpent')::bigint * 1000 AS duration_ms,
  coalesce(a ->> 'revenue', a ->> 'eventValue')::double precision AS price,
  1::bigint AS quantity
FROM raw, unnest("actionDetails") AS a
WHERE coalesce(a ->> 'type', '') NOT IN ('ecommerceAbandonedCart', 'goal')
