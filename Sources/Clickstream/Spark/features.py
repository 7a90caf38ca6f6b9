DAY = 86_400_000
TYPES = {"page_view": 1, "click": 2, "search": 3, "add_to_cart": 4, "purchase": 5}
REASONS = [
    None, "malformed JSON", "not an object", "missing event_type", "wrong type event_type", "missing timestamp",
    "wrong type timestamp", "missing user_id", "wrong type user_id", "bad timestamp"]
EVENT = pa.schema([
    ("reason", pa.int32()), ("type", pa.int32()), ("ts", pa.int64()), ("user_id", pa.string()), ("session", pa.string()),
    ("page", pa.string()), ("mobile", pa.bool_()), ("duration", pa.float64()), ("price", pa.float64()),
    ("quantity", pa.float64()), ("ignored", pa.int32()), ("file", pa.string()), ("line", pa.string())])
EVENT_DDL = (
    "reason int, type int, ts bigint, user_id string, session string, page string, mobile boolean, duration double,"
    " price double, quantity double, ignored int, file string, line string")
# Optional fields whose values are left out if they have another type; the bits of `ignored`, in this order.
OPTIONAL = ["session_id", "page_url", "device", "duration_ms", "price", "quantity"]
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
BOM = b"\xef\xbb\xbf"
INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?)?", re.ASCII)


class Number(str):
    """A JSON number, kept as text."""


def days(year, month, day):
    """Returns the days since 1970, or None if the date does not exist."""
    lengths = [31, 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if not 1 <= month <= 12 or not 1 <= day <= lengths[month - 1]:
        return None
    # Years start in March, so that the leap day is the last day.
    march = year - (month <= 2)
    return march * 365 + march // 4 - march // 100 + march // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 719_469


def iso_milliseconds(text):
    match = INSTANT.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction, sign, east_hours, east_minutes = match.groups()[6:]
    east_hours, east_minutes = int(east_hours or 0), int(east_minutes or 0)
    date = days(year, month, day)
    if date is None or hour > 23 or minute > 59 or second > 59 or east_hours > 23 or east_minutes > 59:
        return None
    east = (east_hours * 60 + east_minutes) * (-1 if sign == "-" else 1)
    return date * DAY + (hour * 60 + minute - east) * 60_000 + second * 1000 + int(((fraction or "") + "000")[:3])


def integral(text):
    """Returns the exact value of a number if it is a 64-bit integer, else None."""
    mantissa, _, power = text.lower().partition("e")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    kept = digits.rstrip("0")
    if not kept:
        return 0
    magnitude = power.lstrip("+-").lstrip("0") or "0"
    if len(magnitude) > 12:
        return None
    scale = int(magnitude) * (-1 if power.startswith("-") else 1) - len(fraction) + len(digits) - len(kept)
    if scale < 0 or len(kept) + scale > 19:
        return None
    value = int(kept) * 10**scale * (-1 if mantissa.startswith("-") else 1)
    return value if -(2**63) <= value < 2**63 else None


def refuse(text):
    raise ValueError(text)


def whole_text(value):
    """Returns a string with lone surrogates replaced by U+FFFD. None if the value is not a string."""
    if type(value) is not str:
        return None
    try:
        value.encode()
        return value
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def finite(value):
    """A number, or the text of one; None for anything else, and for numbers beyond all finite doubles."""
    if type(value) is str and NUMBER.fullmatch(value):
        value = float(value)
    if type(value) is int or type(value) is float or type(value) is Number:
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    return None


def ascii_lower(text):
    return text.lower() if text.isascii() else text


def parser():
    """Returns a function from a line's bytes to a row, or None for a blank line. Created in the task, because it cannot be pickled."""
    quick = json.JSONDecoder(parse_constant=refuse).decode
    exact = json.JSONDecoder(parse_constant=refuse, parse_int=Number, parse_float=Number).decode

    def rejected(reason):
        return (reason,) + (None,) * 10

    def identity(value, name, text):
        """An id: a number is the digits of its integer, or its text as it was written."""
        if type(value) in (int, float, Number):
            written = exact(text)[name]
            whole = integral(written)
            return str(written if whole is None else whole)
        return whole_text(value)

    def parse(line):
        if not line.strip(b" \t\r\n"):
            return None
        try:
            text = line.decode()
            try:
                event = quick(text)
            except (ValueError, RecursionError):
                # Python refuses to convert very long integers, which are valid JSON.
                event = exact(text)
        except (ValueError, RecursionError):
            return rejected(1)
        if type(event) is not dict:
            return rejected(2)
        kind, when, user = event.get("event_type"), event.get("timestamp"), event.get("user_id")
        if type(kind) is not str:
            return rejected(4 if "event_type" in event else 3)
        if type(when) not in (str, int, float, Number):
            return rejected(6 if "timestamp" in event else 5)
        if type(user) not in (str, int, float, Number):
            return rejected(8 if "user_id" in event else 7)
        if user == "":
            return rejected(7)
        if type(when) is str:
            when = iso_milliseconds(when)
        elif type(when) is not int:
            # From the text, because a double is not exact.
            when = integral(exact(text)["timestamp"])
        elif not -(2**63) <= when < 2**63:
            when = None
        if when is None:
            return rejected(9)
        device = whole_text(event.get("device"))
        optional = (
            identity(event.get("session_id"), "session_id", text), whole_text(event.get("page_url")), device,
            finite(event.get("duration_ms")), finite(event.get("price")), finite(event.get("quantity")))
        ignored = sum(
            1 << bit for bit, (name, value) in enumerate(zip(OPTIONAL, optional))
            if value is None and event.get(name) is not None)
        return (
            0, TYPES.get(ascii_lower(kind), 0), when, identity(user, "user_id", text), *optional[:2],
            device is not None and ascii_lower(device) == "mobile", *optional[3:], ignored)

    return parse


def excerpt(line):
    """The first 4,096 bytes of a line, without its end and not ending inside a UTF-8 character."""
    line = line.removesuffix(b"\r")
    if len(line) <= 4096:
        return line
    return line[:next((end for end in range(4096, 4092, -1) if line[end] & 0xc0 != 0x80), 4096)]


def batches_of(lines, size=20_000):
    """Yields Arrow batches of events from (file, line) pairs."""
    parse, rows = parser(), []

    def batch():
        columns = list(zip(*rows))
        return pa.RecordBatch.from_arrays([pa.array(column, field.type) for column, field in zip(columns, EVENT)], schema=EVENT)

    for file, line in lines:
        row = parse(line)
        if row is None:
            continue
        rows.append(row + ((file, excerpt(line).decode(errors="replace")) if row[0] else (None, None)))
        if len(rows) == size:
            yield batch()
            rows = []
    if rows:
        yield batch()


def from_lines(batches):
    def lines():
        block = None
        for batch in batches:
            for line, file, start in zip(*(column.to_pylist() for column in batch.columns)):
                # The first line of a file.
                if (file, start) != block and start == 0:
                    line = line.removeprefix(BOM)
                block = file, start
                yield file, line

    return batches_of(lines())


def from_zstd(batches):
    """Reads lines from whole zstd files in one task, because Spark has no zstd codec for text."""

    def lines():
        for batch in batches:
            for file, content in zip(batch.column(0).to_pylist(), batch.column(1)):
                rest, is_first = b"", True
                with pa.input_stream(pa.BufferReader(content.as_buffer()), compression="zstd") as stream:
                    while block := stream.read(1 << 20):
                        if is_first:
                            block, is_first = block.removeprefix(BOM), False
                        *whole, rest = (rest + block).split(b"\n")
                        yield from ((file, line) for line in whole)
                if rest:
                    yield file, rest

    return batches_of(lines())


def read_events(spark, files):
    packed = [name for name in files if name.endswith(".zst")]
    plain = [name for name in files if not name.endswith(".zst")]
    parts = []
    if plain:
        # As bytes: lines that are not UTF-8 are rejected.
        lines = spark.read.option("lineSep", "\n").text(plain).select(
            F.col("value").cast("binary"), "_metadata.file_path", "_metadata.file_block_start")
        parts.append(lines.mapInArrow(from_lines, EVENT_DDL))
    if packed:
        whole = spark.read.format("binaryFile").load(packed).select("path", "content")
        parts.append(whole.mapInArrow(from_zstd, EVENT_DDL))
    return parts[0] if len(parts) == 1 else parts[0].unionByName(parts[1])


def sessions_of(events, gap):
    """Returns number and total length of each user's sessions: named ones, and others split at gaps over `gap` milliseconds."""
    named = (
        events.where("session IS NOT NULL").groupBy("user_id", "session").agg((F.max("ts") - F.min("ts")).alias("length"))
        .select("user_id", "length"))
    by_user = Window.partitionBy("user_id").orderBy("ts")
    away = F.col("ts") - F.lag("ts").over(by_user)
    idle = (
        events.where("session IS NULL").select("user_id", "ts", F.when(away <= gap, 0).otherwise(1).alias("begins"))
        .withColumn("number", F.sum("begins").over(by_user.rowsBetween(Window.unboundedPreceding, 0)))
        .groupBy("user_id", "number").agg((F.max("ts") - F.min("ts")).alias("length")).select("user_id", "length"))
    return named.unionByName(idle).groupBy("user_id").agg(F.count("*").alias("sessions"), F.sum("length").alias("length"))


def features_of(events, gap):
    def count(condition):
        return F.count(F.when(condition, 1))

    def share(condition):
        return count(condition) / F.count("*")

    def kind(name):
        return count(F.col("type") == TYPES[name])

    day = F.expr(f"(local - pmod(local, {DAY})) div {DAY}")
    quarter = F.expr(f"pmod(local, {DAY}) div {DAY // 4}")
    bought = F.when(F.col("type") == TYPES["purchase"], F.col("price") * F.coalesce("quantity", F.lit(1.0)))
    users = events.groupBy("user_id").agg(
        F.count("*").alias("events"), kind("page_view").alias("page_views"), kind("click").alias("clicks"),
        kind("search").alias("searches"), kind("add_to_cart").alias("add_to_carts"), kind("purchase").alias("purchases"),
        F.countDistinct("page").alias("distinct_pages"), F.countDistinct(day).alias("active_days"),
        F.coalesce(F.sum(bought), F.lit(0.0)).alias("revenue"), F.coalesce(F.avg("duration"), F.lit(0.0)).alias("avg_dwell_ms"),
        share(quarter == 0).alias("night_share"), share(quarter == 1).alias("morning_share"),
        share(quarter == 2).alias("afternoon_share"), share(quarter == 3).alias("evening_share"),
        # 1970-01-01 was a Thursday.
        share(F.pmod(day + 3, F.lit(7)) >= 5).alias("weekend_share"), share(F.col("mobile")).alias("mobile_share"),
        F.timestamp_millis(F.min("ts")).alias("first_seen"), F.timestamp_millis(F.max("ts")).alias("last_seen"))
    return users.join(sessions_of(events, gap), "user_id").select(
        "user_id", "events", "sessions", "page_views", "clicks", "searches", "add_to_carts", "purchases", "distinct_pages",
        "active_days", "revenue", (F.col("length") / 1000 / F.col("sessions")).alias("avg_session_seconds"),
        (F.col("events") / F.col("sessions")).alias("events_per_session"), "avg_dwell_ms", "night_share", "morning_share",
        "afternoon_share", "evening_share", "weekend_share", "mobile_share", "first_seen", "last_seen")


def dates_of(events):
    """The first and the last date of the events, for an error."""
    first, last, count = events.agg(F.min("local"), F.max("local"), F.count("*")).first()
    if not count:
        return "; it has no events"

    def date(milliseconds):
        try:
            return str(datetime.date(1970, 1, 1) + datetime.timedelta(milliseconds // DAY))
        except OverflowError:
            return f"{milliseconds} ms"

    return f"; it has {count} events from {date(first)} to {date(last)}"


def features_step(spark, step):
    files = Files(spark)
    output = files.output(hadoop_path(step["output"]))
    start, end = (days(*map(int, step[name].split("-"))) * DAY for name in ("startDate", "endDate"))
    zone = step.get("timeZone", "UTC")
    # Milliseconds since 1970 on the clocks of the time zone.
    local = F.col("ts") if zone == "UTC" else F.unix_millis(F.from_utc_timestamp(F.timestamp_millis("ts"), zone))
    parsed = (
        read_events(spark, files.inputs(hadoop_path(step["input"]))).withColumn("local", local)
        .persist(StorageLevel.MEMORY_AND_DISK))
    inside = (F.col("reason") == 0) & (F.col("local") >= start) & (F.col("local") < end + DAY)
    counts = {row["reason"]: row for row in parsed.groupBy("reason").agg(
        F.count("*").alias("lines"), F.count(F.when(inside, 1)).alias("inside")).collect()}
    read = sum(row["lines"] for row in counts.values())
    rejected = {REASONS[reason]: row["lines"] for reason, row in sorted(counts.items()) if reason}
    lines = parsed.where("reason > 0").select("file", "reason", "line")
    if sum(rejected.values()) > step["maxRejectedShare"] * read:
        first = "".join(f"\n  {row['file']}: {REASONS[row['reason']]}: {row['line'][:200]}" for row in lines.take(5))
        reasons = ", ".join(f"{reason} {count}" for reason, count in rejected.items())
        raise JobError(
            f"{sum(rejected.values())} of {read} lines of {step['input']} are not events, more than maxRejectedShare"
            f" {step['maxRejectedShare']} allows ({reasons}); the first:{first}")
    if not sum(row["inside"] for row in counts.values()):
        raise JobError(
            f"no event of {step['input']} is within {step['startDate']} to {step['endDate']} ({zone})"
            + dates_of(parsed.where("reason = 0")))
    ignored = parsed.where(inside).agg(*(
        F.count(F.when(F.col("ignored").bitwiseAND(1 << bit) != 0, 1)).alias(name) for bit, name in enumerate(OPTIONAL))).first()
    table = features_of(parsed.where(inside), step["sessionGapMinutes"] * 60_000)
    table.sortWithinPartitions("user_id").write.mode("overwrite").option("compression", "zstd").parquet(output)
    if rejected and step["rejectedCap"]:
        kept = lines.limit(step["rejectedCap"]).collect()
        text = "".join(
            json.dumps({"file": row["file"], "reason": REASONS[row["reason"]], "line": row["line"]}) + "\n" for row in kept)
        files.write(output.rstrip("/") + "/_rejected/part-00000.jsonl", text)
    parsed.unpersist()
    rows = spark.read.parquet(literal(output)).count()
    outside = (counts[0]["lines"] - counts[0]["inside"]) if 0 in counts else 0
    values = {
        "recordsRead": read, "recordsRejected": sum(rejected.values()), "recordsOutsideRange": outside, "rowsWritten": rows,
        "filesNotRead": 0, "ignoredValues": {name: count for name, count in ignored.asDict().items() if count},
        "rejectedByReason": rejected}
    return values, f"{rows} users from {read} events"


STEPS["features"] = features_step
