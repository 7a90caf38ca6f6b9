"""Makes events/: the same visits of a shop as the exports of the tools that presets read, and in events/expected.json what a
right reading counts. Written from the tools' published schemas (the heads of jobs/events/*.sql name them); all values are made up.

Usage: make_event_exports.py [FOLDER]"""

import csv
import gzip
import io
import json
import random
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

from event_export_columns import CLOUDFRONT, SNOWPLOW

HERE = Path(__file__).resolve().parent
START = 1743465600000  # 2025-04-01 00:00 UTC
KINDS = ["page_view"] * 6 + ["click", "search", "add_to_cart", "purchase", "video_play"]
AGENTS = {
    "desktop": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/134.0.0.0 Safari/537.36",
    "mobile": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1",
    "tablet": "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
}


def visits():
    """Sessions of nine people. Every third is seen before the log-in alone, so that only an anonymous id is known."""
    rng = random.Random(14)
    events = []
    for person in range(9):
        device = ["desktop", "mobile", "tablet"][person % 3 if person < 6 else 0]
        anonymous = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        for visit in range(2):
            time = START + rng.randrange(3 * 86_400_000)
            known = person % 3 != 2 and visit == 1
            session = rng.randrange(10**9, 2 * 10**9)
            for _ in range(rng.randrange(3, 9)):
                time += rng.randrange(1_000, 300_000)
                kind = rng.choice(KINDS)
                items = []
                if kind in ("add_to_cart", "purchase"):
                    for _ in range(rng.randrange(1, 4) if kind == "purchase" else 1):
                        items.append((str(rng.randrange(1000, 1030)), rng.randrange(100, 9900) / 100, rng.randrange(1, 4)))
                events.append({
                    "kind": kind, "time": time, "user": f"u{person:03}" if known else None, "anonymous": anonymous,
                    "session": session, "person": person, "device": device, "items": items,
                    "path": "/search" if kind == "search" else f"/p/{rng.randrange(30):03}",
                    "dwell": rng.randrange(1, 60) if kind == "page_view" else None,
                    "id": str(uuid.UUID(int=rng.getrandbits(128), version=4))})
    return sorted(events, key=lambda event: event["time"])


def revenue(event):
    return round(sum(price * quantity for _, price, quantity in event["items"]), 2)


def url(event):
    return "https://shop.example" + event["path"]


def text_time(event, pattern="%Y-%m-%d %H:%M:%S"):
    return datetime.fromtimestamp(event["time"] // 1000, timezone.utc).strftime(pattern)


def iso(event):
    return f'{text_time(event, "%Y-%m-%dT%H:%M:%S")}.{event["time"] % 1000:03}Z'


def millis(event):
    return f'{text_time(event)}.{event["time"] % 1000:03}'


def lines(values):
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


def zipped(data):
    return gzip.compress(data, mtime=0)


def ga4(events):
    names = {"search": "view_search_results", "click": "select_content", "video_play": "video_start"}

    def row(event):
        params = [
            {"key": "page_location", "value": {"string_value": url(event)}},
            {"key": "ga_session_id", "value": {"int_value": str(event["session"])}}]
        if event["dwell"]:
            params.append({"key": "engagement_time_msec", "value": {"int_value": str(event["dwell"] * 1000)}})
        value = {
            "event_date": text_time(event, "%Y%m%d"), "event_timestamp": str(event["time"] * 1000),
            "event_name": names.get(event["kind"], event["kind"]), "event_params": params,
            "user_pseudo_id": event["anonymous"], "device": {"category": event["device"]}, "platform": "WEB",
            "items": [{"item_id": item, "price": price, "quantity": str(quantity)} for item, price, quantity in event["items"]]}
        if event["user"]:
            value["user_id"] = event["user"]
        if event["kind"] == "purchase":
            value["ecommerce"] = {"purchase_revenue": revenue(event), "transaction_id": event["id"]}
        return value

    return {"events_20250401-000000000000.json": lines(map(row, events))}


def calls(events, version):
    names = {
        "click": "Link Clicked", "search": "Products Searched", "add_to_cart": "Product Added",
        "purchase": "Order Completed", "video_play": "Video Playback Started"}

    def row(event, kind=None):
        context = {"page": {"url": url(event)}, "userAgent": AGENTS[event["device"]], "library": {"version": version}}
        properties = {}
        if event["kind"] == "add_to_cart":
            item, price, quantity = event["items"][0]
            properties = {"product_id": item, "price": price, "quantity": quantity}
        elif event["kind"] == "purchase":
            products = [{"product_id": item, "price": price, "quantity": quantity} for item, price, quantity in event["items"]]
            properties = {"order_id": event["id"], "revenue": revenue(event), "currency": "USD", "products": products}
        value = {
            "messageId": event["id"], "anonymousId": event["anonymous"], "userId": event["user"], "context": context,
            "timestamp": iso(event), "originalTimestamp": iso(event), "type": kind or "track", "properties": properties}
        if kind is None and event["kind"] == "page_view":
            value["type"] = "page"
        elif kind is None:
            value["event"] = names[event["kind"]]
        context["sessionId"] = event["session"]
        return value

    rows = []
    seen = set()
    for event in events:
        if event["user"] and event["user"] not in seen:
            seen.add(event["user"])
            rows.append(row(event, "identify"))
        rows.append(row(event))
    return zipped(lines(rows))


def segment(events):
    return {"1743465600000.gz": calls(events, "next-1.70.0")}


def rudderstack(events):
    return {"1743465600.json.gz": calls(events, "3.7.1")}


def flat(event):
    """Properties of an order in tools without a spec of their own."""
    if event["kind"] == "purchase":
        return {"revenue": revenue(event), "order_id": event["id"]}
    if event["kind"] == "add_to_cart":
        item, price, quantity = event["items"][0]
        return {"product_id": item, "price": price, "quantity": quantity}
    return {}


def amplitude(events):
    names = {
        "page_view": "[Amplitude] Page Viewed", "click": "[Amplitude] Element Clicked", "add_to_cart": "Product Added",
        "purchase": "Order Completed"}
    types = {"desktop": "Mac", "mobile": "Apple iPhone", "tablet": "Apple iPad"}
    return {"123456_2025-04-01_0#0.json.gz": zipped(lines({
        "event_type": names.get(event["kind"], event["kind"]), "event_time": millis(event) + "000",
        "user_id": event["user"], "device_id": event["anonymous"], "session_id": event["session"], "platform": "Web",
        "device_type": types[event["device"]], "$insert_id": event["id"],
        "event_properties": {"[Amplitude] Page URL": url(event)} | flat(event)} for event in events))}


def mixpanel(events):
    names = {"page_view": "$mp_web_page_view", "click": "$mp_click", "add_to_cart": "Add To Cart", "purchase": "Purchase"}
    systems = {"desktop": {"$os": "Linux"}, "mobile": {"$os": "iOS", "$device": "iPhone"}, "tablet": {"$os": "iOS", "$device": "iPad"}}
    return {"export.jsonl": lines({
        "event": names.get(event["kind"], event["kind"]),
        "properties": {
            "time": event["time"] // 1000, "distinct_id": event["user"] or "$device:" + event["anonymous"],
            "$device_id": event["anonymous"], "$current_url": url(event), "$insert_id": event["id"]}
        | systems[event["device"]] | ({"$duration": event["dwell"]} if event["dwell"] else {}) | flat(event)}
        for event in events)}


def posthog(events):
    names = {"page_view": "$pageview", "click": "$autocapture", "purchase": "Order Completed"}
    return {"2025-04-01.jsonl": lines({
        "uuid": event["id"], "event": names.get(event["kind"], event["kind"]), "timestamp": iso(event),
        "distinct_id": event["user"] or event["anonymous"], "team_id": 1,
        "properties": {
            "$current_url": url(event), "$session_id": str(event["session"]), "$device_type": event["device"].title(),
            "$event_type": "click" if event["kind"] == "click" else None}
        | ({"$prev_pageview_duration": event["dwell"]} if event["dwell"] else {}) | flat(event)} for event in events)}


def matomo(events):
    def action(event):
        value = {"url": url(event), "timestamp": event["time"] // 1000}
        if event["kind"] == "page_view":
            return value | {"type": "action", "timeSpent": event["dwell"]}
        if event["kind"] == "search":
            return value | {"type": "search", "siteSearchKeyword": "shoe"}
        if event["kind"] == "purchase":
            return value | {"type": "ecommerceOrder", "orderId": event["id"], "revenue": str(revenue(event))}
        if event["kind"] == "click":
            return value | {"type": "outlink"}
        return value | {"type": "event", "eventCategory": "Shop", "eventAction": event["kind"].replace("_", " ").title()}

    sessions = {}
    for event in events:
        sessions.setdefault(event["session"], []).append(event)
    types = {"desktop": "Desktop", "mobile": "Smartphone", "tablet": "Tablet"}
    rows = []
    for session, own in sessions.items():
        actions = [action(event) for event in own]
        if own[-1]["kind"] == "add_to_cart":
            actions.append({"type": "ecommerceAbandonedCart", "revenue": "1.00", "timestamp": own[-1]["time"] // 1000})
        rows.append({
            "idSite": "1", "idVisit": str(session), "visitorId": own[0]["anonymous"].replace("-", "")[:16],
            "userId": own[0]["user"], "deviceType": types[own[0]["device"]], "actionDetails": actions})
    return {"visits.json": json.dumps(rows, indent=1).encode()}


def snowplow(events):
    ecommerce = "iglu:com.snowplowanalytics.snowplow.ecommerce/"

    def unstruct(schema, data):
        return json.dumps({
            "schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
            "data": {"schema": schema, "data": data}})

    names = {"click": "link_click", "search": "site_search"}
    rows = []
    for index, event in enumerate(events):
        row = dict.fromkeys(SNOWPLOW, "")
        row |= {
            "app_id": "shop", "platform": "web", "event": "unstruct", "event_id": event["id"],
            "collector_tstamp": millis(event), "derived_tstamp": millis(event), "user_id": event["user"] or "",
            "domain_userid": event["anonymous"], "domain_sessionid": str(event["session"]), "page_url": url(event),
            "page_title": '"Best" of the shop', "event_name": names.get(event["kind"], event["kind"]),
            "dvce_type": {"desktop": "Computer"}.get(event["device"], event["device"].title())}
        if event["kind"] == "page_view":
            row["event"] = "page_view"
        elif event["kind"] == "add_to_cart":
            row["event_name"] = "snowplow_ecommerce_action"
            row["unstruct_event"] = unstruct(
                ecommerce + "snowplow_ecommerce_action/jsonschema/1-0-2", {"type": "add_to_cart"})
        elif event["kind"] == "purchase" and index % 3 == 0:
            row |= {"event": "transaction", "event_name": "transaction", "tr_total": str(revenue(event))}
        elif event["kind"] == "purchase" and index % 3 == 1:
            row["event_name"] = "snowplow_ecommerce_action"
            row["unstruct_event"] = unstruct(
                ecommerce + "snowplow_ecommerce_action/jsonschema/1-0-2", {"type": "transaction"})
            row["contexts"] = json.dumps({
                "schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
                "data": [
                    {"schema": "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0", "data": {"id": event["id"]}},
                    {"schema": ecommerce + "transaction/jsonschema/1-0-0",
                     "data": {"transaction_id": event["id"], "revenue": revenue(event), "currency": "USD"}}]})
        elif event["kind"] == "purchase":
            row["unstruct_event"] = unstruct("iglu:com.shop/purchase/jsonschema/1-0-0", {"revenue": revenue(event)})
        else:
            row["unstruct_event"] = unstruct(f'iglu:com.shop/{event["kind"]}/jsonschema/1-0-0', {})
        rows.append(row)
        if row["event"] == "transaction":
            for item, price, quantity in event["items"]:
                rows.append(row | {
                    "event": "transaction_item", "event_name": "transaction_item", "tr_total": "", "ti_sku": item,
                    "ti_price": str(price), "ti_quantity": str(quantity)})
    return {"enriched.tsv": "".join("\t".join(row.values()) + "\n" for row in rows).encode()}


def cloudfront(events):
    rows = []
    for event in events:
        if event["kind"] in ("click", "video_play"):
            continue
        row = dict.fromkeys(CLOUDFRONT, "-")
        row |= {
            "date": text_time(event, "%Y-%m-%d"), "time": text_time(event, "%H:%M:%S"), "x-edge-location": "FRA56-P1",
            "c-ip": f'203.0.113.{event["person"]}', "cs-method": "GET", "cs(Host)": "d111.cloudfront.net",
            "cs-uri-stem": event["path"], "sc-status": "200", "x-host-header": "shop.example", "cs-protocol": "https",
            "cs(User-Agent)": AGENTS[event["device"]].replace(" ", "%20"), "sc-content-type": "text/html;charset=utf-8"}
        if event["kind"] == "search":
            row["cs-uri-query"] = "q=shoe"
        elif event["kind"] != "page_view":
            row |= {"cs-method": "POST", "sc-status": "302", "sc-content-type": "-"}
            row["cs-uri-stem"] = "/cart/add" if event["kind"] == "add_to_cart" else "/checkout"
        rows.append(row)
        if event["kind"] == "page_view":
            rows.append(row | {"cs-uri-stem": "/logo.png", "sc-content-type": "image/png"})
            rows.append(row | {"cs-uri-stem": "/gone", "sc-status": "404"})
    text = "#Version: 1.0\n#Fields: " + " ".join(CLOUDFRONT) + "\n"
    text += "".join("\t".join(row.values()) + "\n" for row in rows)
    return {"E1.2025-04-01-00.1a2b3c4d.gz": zipped(text.encode())}


def table(header, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def kaggle(events):
    names = {"page_view": "view", "add_to_cart": "cart", "purchase": "purchase"}
    rows = []
    for event in events:
        for item, price, _ in event["items"] or [("1001", 9.99, 1)]:
            if event["kind"] in names:
                rows.append([
                    text_time(event) + " UTC", names[event["kind"]], item, "2103807459595387724", "", "apple", price,
                    520000000 + event["person"], event["session"]])
    header = ["event_time", "event_type", "product_id", "category_id", "category_code", "brand", "price", "user_id", "user_session"]
    return {"2025-Apr.csv": table(header, rows)}


def retailrocket(events):
    names = {"page_view": "view", "add_to_cart": "addtocart", "purchase": "transaction"}
    rows = []
    for event in events:
        for item, _, _ in event["items"] or [("1001", 0, 1)]:
            if event["kind"] in names:
                order = event["time"] % 100_000 if event["kind"] == "purchase" else ""
                rows.append([event["time"], event["person"], names[event["kind"]], item, order])
    return {"events.csv": table(["timestamp", "visitorid", "event", "itemid", "transactionid"], rows)}


TOOLS = [amplitude, cloudfront, ga4, kaggle, matomo, mixpanel, posthog, retailrocket, rudderstack, segment, snowplow]


def expected(tool, events):
    """What a right reading of a tool's export counts."""
    data_set = tool in (kaggle, retailrocket)
    if tool is cloudfront:
        events = [event for event in events if event["kind"] not in ("click", "video_play")]
    if data_set:
        # One row per item.
        events = [
            event | {"items": [item]} for event in events if event["kind"] in ("page_view", "add_to_cart", "purchase")
            for item in event["items"] or [("1001", 0, 1)]]

    def count(kind):
        return sum(event["kind"] == kind for event in events)

    purchases = [event for event in events if event["kind"] == "purchase"]
    money = sum(event["items"][0][1] if tool is kaggle else revenue(event) for event in purchases)
    by_person = data_set or tool is cloudfront
    return {
        "events": len(events),
        "users": len({event["person"] if by_person else event["user"] or event["anonymous"] for event in events}),
        "sessions": 0 if tool in (cloudfront, mixpanel, retailrocket) else len({event["session"] for event in events}),
        "page_views": count("page_view"), "clicks": count("click"), "searches": count("search"),
        "add_to_carts": count("add_to_cart"), "purchases": len(purchases),
        "revenue": 0 if tool in (cloudfront, retailrocket) else round(money, 2),
        "mobile": 0 if data_set else sum(event["device"] == "mobile" for event in events),
        "dwell_ms": sum((event["dwell"] or 0) * 1000 for event in events) if tool in (ga4, mixpanel, posthog, matomo) else 0,
        "pages": 1 if data_set else len({event["path"] for event in events if event["kind"] == "page_view"}),
        "first_second": events[0]["time"] // 1000, "last_second": events[-1]["time"] // 1000}


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "events"
    events = visits()
    for tool in TOOLS:
        (folder / tool.__name__).mkdir(parents=True, exist_ok=True)
        for name, data in tool(events).items():
            (folder / tool.__name__ / name).write_bytes(data)
    totals = {tool.__name__: expected(tool, events) for tool in TOOLS}
    (folder / "expected.json").write_text(json.dumps(totals, indent=1) + "\n")


if __name__ == "__main__":
    main()
