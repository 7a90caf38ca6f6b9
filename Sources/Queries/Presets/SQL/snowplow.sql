-- Snowplow, enriched events: tab-separated, 131 columns, no header, no quotes (the good stream, or the archive in S3).
-- Schema: https://docs.snowplow.io/docs/fundamentals/canonical-event/understanding-the-enriched-tsv-format/
-- user_id is the user, else the first-party cookie, else the network's. Times have no zone and are UTC.
-- Carts and purchases: the e-commerce tracker (snowplow_ecommerce_action, revenue in its entity "transaction"), the older
-- transaction events (tr_total), and self-describing events called add_to_cart or purchase with revenue, or price and quantity.
-- price is the revenue of the whole order, with quantity 1, where there is one.
-- Left out: transaction_item, whose money is in its transaction. Page pings keep their name and count as events.
-- Not covered: dwell times, prices of carts that are only in product entities, the tables in a warehouse.
-- table: {"format": "csv", "header": false, "delimiter": "\t", "quote": "\u0001", "columns": {
-- table:   "app_id": "text", "platform": "text", "etl_tstamp": "text", "collector_tstamp": "timestamp",
-- table:   "dvce_created_tstamp": "text", "event": "text", "event_id": "text", "txn_id": "text", "name_tracker": "text",
-- table:   "v_tracker": "text", "v_collector": "text", "v_etl": "text", "user_id": "text", "user_ipaddress": "text",
-- table:   "user_fingerprint": "text", "domain_userid": "text", "domain_sessionidx": "text", "network_userid": "text",
-- table:   "geo_country": "text", "geo_region": "text", "geo_city": "text", "geo_zipcode": "text", "geo_latitude": "text",
-- table:   "geo_longitude": "text", "geo_region_name": "text", "ip_isp": "text", "ip_organization": "text",
-- table:   "ip_domain": "text", "ip_netspeed": "text", "page_url": "text", "page_title": "text", "page_referrer": "text",
-- table:   "page_urlscheme": "text", "page_urlhost": "text", "page_urlport": "text", "page_urlpath": "text",
-- table:   "page_urlquery": "text", "page_urlfragment": "text", "refr_urlscheme": "text", "refr_urlhost": "text",
-- table:   "refr_urlport": "text", "refr_urlpath": "text", "refr_urlquery": "text", "refr_urlfragment": "text",
-- table:   "refr_medium": "text", "refr_source": "text", "refr_term": "text", "mkt_medium": "text", "mkt_source": "text",
-- table:   "mkt_term": "text", "mkt_content": "text", "mkt_campaign": "text", "contexts": "json", "se_category": "text",
-- table:   "se_action": "text", "se_label": "text", "se_property": "text", "se_value": "text", "unstruct_event": "json",
-- table:   "tr_orderid": "text", "tr_affiliation": "text", "tr_total": "double precision", "tr_tax": "text",
-- table:   "tr_shipping": "text", "tr_city": "text", "tr_state": "text", "tr_country": "text", "ti_orderid": "text",
-- table:   "ti_sku": "text", "ti_name": "text", "ti_category": "text", "ti_price": "text", "ti_quantity": "text",
-- table:   "pp_xoffset_min": "text", "pp_xoffset_max": "text", "pp_yoffset_min": "text", "pp_yoffset_max": "text",
-- table:   "useragent": "text", "br_name": "text", "br_family": "text", "br_version": "text", "br_type": "text",
-- table:   "br_renderengine": "text", "br_lang": "text", "br_features_pdf": "text", "br_features_flash": "text",
-- table:   "br_features_java": "text", "br_features_director": "text", "br_features_quicktime": "text",
-- table:   "br_features_realplayer": "text", "br_features_windowsmedia": "text", "br_features_gears": "text",
-- table:   "br_features_silverlight": "text", "br_cookies": "text", "br_colordepth": "text", "br_viewwidth": "text",
-- table:   "br_viewheight": "text", "os_name": "text", "os_family": "text", "os_manufacturer": "text",
-- table:   "os_timezone": "text", "dvce_type": "text", "dvce_ismobile": "text", "dvce_screenwidth": "text",
-- table:   "dvce_screenheight": "text", "doc_charset": "text", "doc_width": "text", "doc_height": "text",
-- table:   "tr_currency": "text", "tr_total_base": "text", "tr_tax_base": "text", "tr_shipping_base": "text",
-- table:   "ti_currency": "text", "ti_price_base": "text", "base_currency": "text", "geo_timezone": "text",
-- table:   "mkt_clickid": "text", "mkt_network": "text", "etl_tags": "text", "dvce_sent_tstamp": "text",
-- table:   "refr_domain_userid": "text", "refr_dvce_tstamp": "text", "derived_contexts": "text", "domain_sessionid": "text",
-- table:   "derived_tstamp": "timestamp", "event_vendor": "text", "event_name": "text", "event_format": "text",
-- table:   "event_version": "text", "event_fingerprint": "text", "true_tstamp": "text"}}
SELECT
  CASE
    WHEN event_name = 'screen_view' THEN 'page_view'
    WHEN event_name IN ('link_click', 'button_click') THEN 'click'
    WHEN event_name = 'site_search' THEN 'search'
    WHEN event_name = 'transaction' THEN 'purchase'
    WHEN event_name = 'snowplow_ecommerce_action' THEN
      CASE unstruct_event #>> '{data,data,type}'
        WHEN 'transaction' THEN 'purchase'
        WHEN 'list_click' THEN 'click'
        WHEN 'promo_click' THEN 'click'
        ELSE unstruct_event #>> '{data,data,type}'
      END
    ELSE event_name
  END AS event_type,
  coalesce(derived_tstamp, collector_tstamp) AS "timestamp",
  coalesce(user_id, domain_userid, network_userid) AS user_id,
  domain_sessionid AS session_id,
  page_url,
  CASE dvce_type
    WHEN 'Computer' THEN 'desktop'
    WHEN 'Mobile' THEN 'mobile'
    WHEN 'Tablet' THEN 'tablet'
  END AS device,
  NULL::bigint AS duration_ms,
  coalesce(
    tr_total,
    (SELECT (c #>> '{data,revenue}')::double precision FROM unnest(json_array_elements(contexts -> 'data')) AS c
      WHERE c ->> 'schema' LIKE 'iglu:com.snowplowanalytics.snowplow.ecommerce/transaction/%' LIMIT 1),
    coalesce(unstruct_event #>> '{data,data,revenue}', unstruct_event #>> '{data,data,price}')::double precision
  ) AS price,
  CASE
    WHEN tr_total IS NULL AND unstruct_event #>> '{data,data,revenue}' IS NULL
      THEN coalesce((unstruct_event #>> '{data,data,quantity}')::bigint, 1)
    ELSE 1
  END AS quantity
FROM raw
WHERE event_name IS DISTINCT FROM 'transaction_item'
