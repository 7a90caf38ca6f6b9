-- Amazon CloudFront, standard access logs: tab-separated, two lines that begin with #, gzip.
-- Schema: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
-- A log knows addresses and paths, no users: user_id is a hash of the address and the browser, so people behind one address
-- with the same browser are one user. Pages are HTML that was answered with success or from the browser's cache; requests for
-- images, scripts and the like are left out.
-- Searches, carts and orders are told by usual paths: GET …/search, POST …/cart and POST …/checkout or …/order. Adapt them.
-- Not covered: clicks, sessions (cut at inactivity), dwell times, prices; logs of version 2 in other formats.
-- table: {"format": "csv", "header": false, "delimiter": "\t", "quote": "\u0001", "comment": "#", "null": "-", "columns": {
-- table:   "date": "text", "time": "text", "x-edge-location": "text", "sc-bytes": "text", "c-ip": "text",
-- table:   "cs-method": "text", "cs(Host)": "text", "cs-uri-stem": "text", "sc-status": "integer", "cs(Referer)": "text",
-- table:   "cs(User-Agent)": "text", "cs-uri-query": "text", "cs(Cookie)": "text", "x-edge-result-type": "text",
-- table:   "x-edge-request-id": "text", "x-host-header": "text", "cs-protocol": "text", "cs-bytes": "text",
-- table:   "time-taken": "text", "x-forwarded-for": "text", "ssl-protocol": "text", "ssl-cipher": "text",
-- table:   "x-edge-response-result-type": "text", "cs-protocol-version": "text", "fle-status": "text",
-- table:   "fle-encrypted-fields": "text", "c-port": "text", "time-to-first-byte": "text",
-- table:   "x-edge-detailed-result-type": "text", "sc-content-type": "text", "sc-content-len": "text",
-- table:   "sc-range-start": "text", "sc-range-end": "text"}}
SELECT
  CASE
    WHEN "cs-method" = 'POST' AND "cs-uri-stem" ~ '/cart(/add)?/?$' THEN 'add_to_cart'
    WHEN "cs-method" = 'POST' THEN 'purchase'
    WHEN "cs-uri-stem" ~ '/search/?$' THEN 'search'
    ELSE 'page_view'
  END AS event_type,
  try_cast("date" || ' ' || "time" AS timestamp) AS "timestamp",
  md5("c-ip" || ' ' || coalesce("cs(User-Agent)", '')) AS user_id,
  NULL::text AS session_id,
  "cs-protocol" || '://' || coalesce("x-host-header", "cs(Host)") || "cs-uri-stem"
    || coalesce('?' || "cs-uri-query", '') AS page_url,
  CASE
    WHEN "cs(User-Agent)" ~* 'ipad|tablet' THEN 'tablet'
    WHEN "cs(User-Agent)" ~* 'mobi|iphone|android' THEN 'mobile'
    WHEN "cs(User-Agent)" IS NOT NULL THEN 'desktop'
  END AS device,
  NULL::bigint AS duration_ms,
  NULL::double precision AS price,
  NULL::bigint AS quantity
FROM raw
WHERE (("sc-status" BETWEEN 200 AND 299 OR "sc-status" = 304)
    AND "cs-method" = 'GET' AND "sc-content-type" LIKE 'text/html%')
  OR ("sc-status" BETWEEN 200 AND 399 AND "cs-method" = 'POST' AND "cs-uri-stem" ~ '/(cart(/add)?|checkout|orders?)/?$')
