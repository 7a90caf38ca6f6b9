"""User features in plain Python, written from the specification."""

import calendar
import datetime
import decimal
import json
import math
import re
import zoneinfo

REASONS = [
    None, "malformed JSON", "not an object", "missing event_type", "wrong type event_type", "missing timestamp",
    "wrong type timestamp", "missing user_id", "wrong type user_id", "bad timestamp",
]
TYPES = {"page_view": 1, "click": 2, "search": 3, "add_to_cart": 4, "purchase": 5}
DAY = 86_400_000
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?)?",
    re.ASCII)


LOWER = {upper: upper + 32 for upper in range(65, 91)}


class Num(str):
    """A JSON number, kept as text."""


def refuse(text):
    raise ValueError(text)


def epoch_days(year, month, day):
    # The calendar repeats every 400 years (146097 days). Python's dates start in year 1.
    return (datetime.date(year + 400 if year < 400 else year, month, day) - datetime.date(1970, 1, 1)).days - (
        146_097 if year < 400 else 0)


def iso_millis(text):
    match = ISO.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction, sign, zone_hour, zone_minute = match.groups()[6:]
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year + 400, month)[1]:
        return None
    zone_hour, zone_minute = int(zone_hour or 0), int(zone_minute or 0)
    if hour > 23 or minute > 59 or second > 59 or zone_hour > 23 or zone_minute > 59:
        return None
    seconds = epoch_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
    seconds -= (zone_hour * 60 + zone_minute) * 60 * (-1 if sign == "-" else 1)
    return seconds * 1000 + int(((fraction or "") + "000")[:3])


def integral_millis(text):
    """Returns the exact value of a number if it is a 64-bit integer."""
    sign, digits, exponent = decimal.Decimal(text).as_tuple()
    digits = "".join(map(str, digits)).lstrip("0")
    exponent += len(digits) - len(digits.rstrip("0"))
    digits = digits.rstrip("0")
    if not digits:
        return 0
    if exponent < 0 or len(digits) + exponent > 19:
        return None
    value = int(digits) * 10**exponent * (-1 if sign else 1)
    return value if -(2**63) <= value < 2**63 else None


def utf8(text):
    """Encodes a string. JSON strings may contain surrogate pairs and lone surrogates, which have no UTF-8 form."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
OPTIONAL = ["session_id", "page_url", "device", "duration_ms", "price", "quantity"]


def finite(value):
    """A number, or the text of one; NaN for anything else."""
    is_number = isinstance(value, Num) or type(value) is str and NUMBER.fullmatch(value)
    number = float(value) if is_number else math.nan
    return number if math.isfinite(number) else math.nan


def identity(value):
    """An id as bytes: a number is the digits of its integer, or its text. None for anything else."""
    if isinstance(value, Num):
        whole = integral_millis(value)
        return (str(value) if whole is None else str(whole)).encode()
    return utf8(value) if type(value) is str else None


def scan(line):
    """Parses a line. Returns None for a blank line, else (rejection reason, event)."""
    if not line.strip(b" \t\r\n"):
        return None
    try:
        value = json.loads(line.decode("utf-8"), parse_int=Num, parse_float=Num, parse_constant=refuse)
    except ValueError:
        return 1, None
    if not isinstance(value, dict):
        return 2, None
    for reason, name in ((3, "event_type"), (5, "timestamp"), (7, "user_id")):
        if name not in value or name == "user_id" and value[name] == "":
            return reason, None
        if type(value[name]) is not str and (name == "event_type" or not isinstance(value[name], Num)):
            return reason + 1, None
    time = value["timestamp"]
    millis = integral_millis(time) if isinstance(time, Num) else iso_millis(time)
    if millis is None:
        return 9, None

    def text(name):
        return utf8(value[name]) if type(value.get(name)) is str else None

    event = {
        "type": TYPES.get(utf8(value["event_type"]).decode().translate(LOWER), 0), "timestamp": millis,
        "user": identity(value["user_id"]), "session": identity(value.get("session_id")), "page": text("page_url"),
        "mobile": (text("device") or b"").lower() == b"mobile", "duration": finite(value.get("duration_ms")),
        "price": finite(value.get("price")), "quantity": finite(value.get("quantity")),
    }
    used = [event["session"], event["page"], text("device"), *(event[name] for name in ("duration", "price", "quantity"))]
    event["ignored"] = [
        name for name, found in zip(OPTIONAL, used)
        if value.get(name) is not None and (found is None or type(found) is float and math.isnan(found))]
    return 0, event


def lines(data):
    """Yields (offset, line without newline) for each line."""
    offset = 0
    for line in data.split(b"\n"):
        yield offset, line
        offset += len(line) + 1


def local_clock(zone):
    """A function from a time to the milliseconds since 1970 that clocks in the zone show."""
    if zone == "UTC":
        return lambda time: time
    info = zoneinfo.ZoneInfo(zone)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

    def local(time):
        instant = epoch + datetime.timedelta(milliseconds=max(-60_000_000_000_000, min(time, 250_000_000_000_000)))
        return time + instant.astimezone(info).utcoffset() // datetime.timedelta(milliseconds=1)

    return local


def features(files, start, end, gap_minutes=30, zone="UTC"):
    """Returns rows by user_id, and counts. `files`: name → bytes, in reading order. `start`, `end`: first and last day as days since
    1970."""
    users, rejected, ignored = {}, [], {}
    local = local_clock(zone)
    read = outside = 0
    for name, data in files.items():
        for number, (offset, line) in enumerate(lines(data), 1):
            found = scan(line)
            if found is None:
                continue
            read += 1
            reason, event = found
            if reason:
                rejected.append((name, number, offset, REASONS[reason]))
            elif not start * DAY <= local(event["timestamp"]) < (end + 1) * DAY:
                outside += 1
            else:
                users.setdefault(event["user"], []).append(event)
                for field in event["ignored"]:
                    ignored[field] = ignored.get(field, 0) + 1
    rows = {user: row(user, events, gap_minutes * 60_000, local) for user, events in users.items()}
    return rows, {"recordsRead": read, "recordsOutsideRange": outside, "rejected": rejected, "ignored": ignored}


def row(user, events, gap, local):
    spans, idle = {}, []
    for event in events:
        time = event["timestamp"]
        if event["session"] is None:
            idle.append(time)
        else:
            first, last = spans.get(event["session"], (time, time))
            spans[event["session"]] = min(first, time), max(last, time)
    spans = list(spans.values())
    idle.sort()
    for index, time in enumerate(idle):
        if index == 0 or time - idle[index - 1] > gap:
            spans.append((time, time))
        else:
            spans[-1] = (spans[-1][0], time)
    count = len(events)
    dwell = [event["duration"] for event in events if not math.isnan(event["duration"])]
    revenue = sum(
        event["price"] * (1 if math.isnan(event["quantity"]) else event["quantity"])
        for event in events if event["type"] == 5 and not math.isnan(event["price"]))
    times = [event["timestamp"] for event in events]

    def share(test):
        return sum(1 for event in events if test(event)) / count

    def hours(quarter):
        return share(lambda event: local(event["timestamp"]) // 21_600_000 % 4 == quarter)

    def number(kind):
        return sum(1 for event in events if event["type"] == kind)

    return {
        "user_id": user, "events": count, "sessions": len(spans), "page_views": number(1), "clicks": number(2),
        "searches": number(3), "add_to_carts": number(4), "purchases": number(5),
        "distinct_pages": len({event["page"] for event in events if event["page"] is not None}),
        "active_days": len({local(time) // DAY for time in times}), "revenue": float(revenue),
        "avg_session_seconds": sum(last - first for first, last in spans) / len(spans) / 1000,
        "events_per_session": count / len(spans), "avg_dwell_ms": sum(dwell) / len(dwell) if dwell else 0.0,
        "night_share": hours(0), "morning_share": hours(1), "afternoon_share": hours(2), "evening_share": hours(3),
        # 1970-01-01 was a Thursday.
        "weekend_share": share(lambda event: (local(event["timestamp"]) // DAY + 3) % 7 >= 5),
        "mobile_share": share(lambda event: event["mobile"]),
        "first_seen": min(times), "last_seen": max(times),
    }
