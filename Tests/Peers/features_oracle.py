"""User features in plain Python, straight from the words of the format, and makers of hostile event files."""

import calendar
import decimal
import json
import math
import random
import re

REASONS = [
    None, "malformed JSON", "not an object", "missing event_type", "wrong type event_type", "missing timestamp",
    "wrong type timestamp", "missing user_id", "wrong type user_id", "bad timestamp",
]
TYPES = {"page_view": 1, "click": 2, "search": 3, "add_to_cart": 4, "purchase": 5}
DAY = 86_400_000
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?)?",
    re.ASCII)


class Num(str):
    """A number as its text."""


def refuse(text):
    raise ValueError(text)


def epoch_days(year, month, day):
    # The calendar repeats every 400 years of 146097 days; Python's begins with the year 1.
    import datetime
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
    """A number's exact value, if it is an integer of 64 bits."""
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
    """Strings may hold pairs of surrogates and single ones, which have no UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def finite(value):
    number = float(value) if isinstance(value, Num) else math.nan
    return number if math.isfinite(number) else math.nan


def scan(line):
    """None for a blank line, else (reason, event)."""
    if not line.strip(b" \t\r\n"):
        return None
    try:
        value = json.loads(line.decode("utf-8"), parse_int=Num, parse_float=Num, parse_constant=refuse)
    except ValueError:
        return 1, None
    if not isinstance(value, dict):
        return 2, None
    for reason, name in ((3, "event_type"), (5, "timestamp"), (7, "user_id")):
        if name not in value:
            return reason, None
        right = type(value[name]) is str or name == "timestamp" and isinstance(value[name], Num)
        if not right:
            return reason + 1, None
    time = value["timestamp"]
    millis = integral_millis(time) if isinstance(time, Num) else iso_millis(time)
    if millis is None:
        return 9, None

    def text(name):
        return utf8(value[name]) if type(value.get(name)) is str else None

    return 0, {
        "type": TYPES.get(utf8(value["event_type"]).decode(), 0), "timestamp": millis, "user": text("user_id"),
        "session": text("session_id"), "page": text("page_url"), "mobile": text("device") == b"mobile",
        "duration": finite(value.get("duration_ms")), "price": finite(value.get("price")),
        "quantity": finite(value.get("quantity")),
    }


def lines(data):
    """(offset, line without its newline) of each line."""
    offset = 0
    for line in data.split(b"\n"):
        yield offset, line
        offset += len(line) + 1


def features(files, start, end, gap_minutes=30):
    """Rows by user_id, and counts. `files`: name → bytes, in the order that they are read in. `start`, `end`: first and
    last day, days since 1970."""
    users, rejected = {}, []
    read = outside = 0
    for name, data in files.items():
        for offset, line in lines(data):
            found = scan(line)
            if found is None:
                continue
            read += 1
            reason, event = found
            if reason:
                rejected.append((name, offset, REASONS[reason]))
            elif not start * DAY <= event["timestamp"] < (end + 1) * DAY:
                outside += 1
            else:
                users.setdefault(event["user"], []).append(event)
    rows = {user: row(user, events, gap_minutes * 60_000) for user, events in users.items()}
    return rows, {"recordsRead": read, "recordsOutsideRange": outside, "rejected": rejected}


def row(user, events, gap):
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
        return share(lambda event: event["timestamp"] // 21_600_000 % 4 == quarter)

    def number(kind):
        return sum(1 for event in events if event["type"] == kind)

    return {
        "user_id": user, "events": count, "sessions": len(spans), "page_views": number(1), "clicks": number(2),
        "searches": number(3), "add_to_carts": number(4), "purchases": number(5),
        "distinct_pages": len({event["page"] for event in events if event["page"] is not None}),
        "active_days": len({time // DAY for time in times}), "revenue": float(revenue),
        "avg_session_seconds": sum(last - first for first, last in spans) / len(spans) / 1000,
        "events_per_session": count / len(spans), "avg_dwell_ms": sum(dwell) / len(dwell) if dwell else 0.0,
        "night_share": hours(0), "morning_share": hours(1), "afternoon_share": hours(2), "evening_share": hours(3),
        # 1970-01-01 was a Thursday.
        "weekend_share": share(lambda event: (event["timestamp"] // DAY + 3) % 7 >= 5),
        "mobile_share": share(lambda event: event["mobile"]),
        "first_seen": min(times), "last_seen": max(times),
    }


class Maker:
    """Makes events and spoils them."""

    WORDS = ["", "a", "/p/1", "/p/2?x=ä", "日本", "😀", "q\"uo\\te", "tab\tnew\nline", "\u0000", "/" * 70, "\u2028", "\x7f"]
    NUMBERS = [
        "0", "-0", "1", "12.5", "1e3", "-1.5E-2", "9007199254740993", "9223372036854775807", "1e400", "-1e400", "1e-400",
        "123456789012345678901234567890", "0.1", "2.2250738585072011e-308", "4.9e-324", "1.7976931348623157e308",
        "0.000000000000000000000000000000001", "3.14159265358979323846264338327950288",
    ]
    TIMES = [
        "0", "-1", "1.7436e12", "1743500000000.0", "1743500000000.5", "17435e8", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1e18", "1e19", "1e-1", "0e99999", "10e-1",
        "1.743500000000000000000e12", "17435000000000000000000000000000e-19", "1e400", "1e-400",
    ]
    DATES = [
        "2025-04-01", "2025-04-01T12:30:00Z", "2025-04-02 23:59:59.9999999", "2025-04-03T10:00:00+02:00",
        "2025-04-03T10:00:00,5-0530", "2025-04-03t10:00z", "2025-04-03T10:00+14", "2024-02-29", "2025-02-29", "1900-02-29",
        "2000-02-29T00:00:00Z", "2025-13-01", "2025-00-01", "2025-04-31", "2025-04-01T24:00:00Z", "2025-04-01T23:60:00Z",
        "2025-04-01T23:59:60Z", "2025-04-01T", "2025-04-01T10", "2025-04-01T10:00:", "2025-04-01T10:00:00.",
        "2025-04-01T10:00:00+24:00", "2025-04-01T10:00:00+00:60", "2025-04-01T10:00:00+1", "2025-04-01T10:00:00Z ",
        " 2025-04-01", "0000-01-01", "0000-02-29T00:00:00+23:59", "9999-12-31T23:59:59.999-23:59", "1969-12-31T23:59:59.9999Z",
        "20250401", "2025-4-1", "", "now", "2025-04-01Z", "٢٠٢٥-04-01", "+2025-04-01", "2025-04-01T10:00:00.123456789012345678Z",
    ]

    def __init__(self, seed, extreme=True):
        self.random = random.Random(seed)
        # Without numbers whose sums depend on the order of the additions in more than the last bits.
        self.numbers = self.NUMBERS if extreme else ["0", "-0", "1", "12.5", "1e3", "-1.5E-2", "1e400", "1e-400", "0.1"]

    def string(self, text):
        """One of the many ways to write a string."""
        out = []
        for unit in text:
            style = self.random.random()
            if unit in "\"\\" or ord(unit) < 0x20 or style < 0.06:
                short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "/": "\\/", "\b": "\\b", "\f": "\\f", "\r": "\\r"}
                if unit in short and self.random.random() < 0.5:
                    out.append(short[unit])
                else:
                    for code in [unit] if ord(unit) < 0x10000 else self.pair(unit):
                        digits = "%04x" % ord(code)
                        out.append("\\u" + (digits.upper() if self.random.random() < 0.5 else digits))
            else:
                out.append(unit)
        if self.random.random() < 0.01:
            out.append(self.random.choice(["\\ud800", "\\udc00\\ud800", "\\ud83d\\u0041", "\\ud800\\ud83d\\ude00"]))
        return '"' + "".join(out) + '"'

    @staticmethod
    def pair(scalar):
        code = ord(scalar) - 0x10000
        return chr(0xD800 + (code >> 10)), chr(0xDC00 + (code & 0x3FF))

    def space(self):
        return self.random.choice([""] * 12 + [" ", "  ", "\t", "\r", " \t "])

    def value(self, depth=0):
        kind = self.random.randrange(9 if depth < 4 else 6)
        if kind < 2:
            return self.random.choice(self.NUMBERS)
        if kind < 4:
            return self.string(self.random.choice(self.WORDS))
        if kind < 6:
            return self.random.choice(["true", "false", "null"])
        count = self.random.randrange(4)
        if kind == 6:
            return "[" + ",".join(self.space() + self.value(depth + 1) + self.space() for _ in range(count)) + "]"
        fields = [
            (self.random.choice(self.WORDS + ["user_id", "timestamp"]), self.value(depth + 1)) for _ in range(count)]
        return self.object(fields)

    def object(self, fields):
        inside = ",".join(
            self.space() + self.string(name) + self.space() + ":" + self.space() + value + self.space()
            for name, value in fields)
        return "{" + (inside or self.space()) + "}"

    def timestamp(self):
        style = self.random.random()
        if style < 0.8:
            millis = 1_743_465_600_000 + self.random.randrange(-DAY // 2, 4 * DAY)
            if style < 0.1:
                return "%d.0e0" % millis
            return str(millis - millis % self.random.choice([1, 1000, 1_800_000]))
        if style < 0.9:
            return self.string(self.random.choice(self.DATES))
        return self.random.choice(self.TIMES)

    def event(self):
        rand = self.random
        fields = [
            ("event_type", self.string(rand.choice(list(TYPES) + ["scroll", "purchase"]))),
            ("timestamp", self.timestamp()),
            ("user_id", self.string("u%d" % (rand.paretovariate(0.6) % 200) if rand.random() < 0.97 else rand.choice(self.WORDS))),
        ]
        if rand.random() < 0.6:
            fields.append(("session_id", self.string("s%d" % rand.randrange(4))))
        if rand.random() < 0.8:
            fields.append(("page_url", self.string(rand.choice(self.WORDS[1:] + ["/p/%d" % rand.randrange(30)]))))
        if rand.random() < 0.8:
            fields.append(("device", self.string(rand.choice(["mobile", "desktop", "tablet", "Mobile"]))))
        for name in ("duration_ms", "price", "quantity"):
            if rand.random() < 0.5:
                plain = rand.choice([str(rand.randrange(1000)), "%.2f" % (rand.random() * 100), "-%d" % rand.randrange(9)])
                fields.append((name, plain if rand.random() < 0.97 else rand.choice(self.numbers)))
        for name in ("event_id", "referrer", "os", "context", "user_ID", "pricE"):
            if rand.random() < 0.2:
                fields.append((name, self.value()))
        if rand.random() < 0.05:
            fields.append((rand.choice(fields)[0], rand.choice(["null", "7", "\"x\"", "true", "[]", "{}", "\"2025-04-02\""])))
        rand.shuffle(fields)
        if rand.random() < 0.01:
            fields.pop()
        if rand.random() < 0.003:
            return (self.space() + self.value()).encode()
        return (self.space() + self.object(fields) + self.space()).encode()

    BYTES = [bytes([b]) for b in b"{}[]:,\"\\ \t\r019.-+eEtfnu/a'\x00\x01\x0b\x0c\x1a\x1f\x7f\x80\xc3\xed\xa0\xff"] + [
        b"null", b"true", b"tru", b"NaN", b"Infinity", b"-", b"\\u12", b"\\x", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80",
        b"\xf5\x80\x80\x80", b"\xe2\x82", b"\"\"", b"//", b"{}", b"[]", b",,", b"01", b"1.", b".5", b"+1", b"0x10", b"1e"]

    def spoil(self, line):
        """A few small changes; the result is often still good."""
        line = bytearray(line)
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            at = self.random.randrange(len(line) + 1)
            upto = min(len(line), at + self.random.choice([0, 1, 1, 2, 8]))
            line[at:upto] = self.random.choice([b"", self.random.choice(self.BYTES), bytes(line[at:upto]) * 2])
        return bytes(line).replace(b"\n", b" ")

    def file(self, count, spoiled=0.02, newline=(b"\n", b"\r\n", b"\n\n", b"\n \t\r\n")):
        out = bytearray()
        for index in range(count):
            line = self.event()
            out += self.spoil(line) if self.random.random() < spoiled else line
            if index < count - 1 or self.random.random() < 0.5:
                out += self.random.choice(newline)
        return bytes(out)
