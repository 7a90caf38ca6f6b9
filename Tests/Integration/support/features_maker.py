"""Generates event files that are hard to parse: every way to write a field, and corrupted lines."""

import random

import features_oracle as oracle


class Maker:
    """Generates events and corrupts some of them."""

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
        # No numbers whose sums depend on the order of addition beyond the last bits.
        self.numbers = self.NUMBERS if extreme else ["0", "-0", "1", "12.5", "1e3", "-1.5E-2", "1e400", "1e-400", "0.1"]

    def string(self, text):
        """Returns one of the many JSON forms of a string."""
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
            millis = 1_743_465_600_000 + self.random.randrange(-oracle.DAY // 2, 4 * oracle.DAY)
            if style < 0.1:
                return "%d.0e0" % millis
            return str(millis - millis % self.random.choice([1, 1000, 1_800_000]))
        if style < 0.9:
            return self.string(self.random.choice(self.DATES))
        return self.random.choice(self.TIMES)

    def event(self):
        rand = self.random
        fields = [
            ("event_type", self.string(rand.choice(list(oracle.TYPES) + ["scroll", "purchase", "Purchase", "CLICK"]))),
            ("timestamp", self.timestamp()),
            ("user_id", self.string("u%d" % (rand.paretovariate(0.6) % 200) if rand.random() < 0.97 else rand.choice(self.WORDS))),
        ]
        if rand.random() < 0.6:
            fields.append(("session_id", rand.choice([self.string("s%d" % rand.randrange(4)), "%d" % rand.randrange(9)])))
        if rand.random() < 0.8:
            fields.append(("page_url", self.string(rand.choice(self.WORDS[1:] + ["/p/%d" % rand.randrange(30)]))))
        if rand.random() < 0.8:
            fields.append(("device", self.string(rand.choice(["mobile", "desktop", "tablet", "Mobile", "MOBILE"]))))
        for name in ("duration_ms", "price", "quantity"):
            if rand.random() < 0.5:
                plain = rand.choice([str(rand.randrange(1000)), "%.2f" % (rand.random() * 100), "-%d" % rand.randrange(9)])
                fields.append((name, plain if rand.random() < 0.97 else rand.choice(self.numbers)))
        for name in ("event_id", "referrer", "os", "context", "user_ID", "pricE"):
            if rand.random() < 0.2:
                fields.append((name, self.value()))
        if rand.random() < 0.05:
            fields.append((rand.choice(fields)[0], rand.choice(["null", "7", "-0.0", "1.5e1", "\"x\"", "\"\"", "\"7.5\"", "true", "[]", "{}", "\"2025-04-02\""])))
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
        """Makes a few small changes. The result is often still valid."""
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
