"""Queries of the dashboard. DuckDB streams only the needed columns and returns a few rows, so memory does not grow with the number of
users."""

import contextlib

import duckdb

# Steps of the funnel: name and SQL condition on the features.
FUNNEL = [
    ("all users", "true"), ("viewed pages", "page_views > 0"), ("clicked", "clicks > 0"),
    ("filled a cart", "add_to_carts > 0"), ("bought", "purchases > 0")]


@contextlib.contextmanager
def database(**tables):
    """Opens a DuckDB database for one query, with the outputs as tables."""
    with duckdb.connect(config={"memory_limit": "1GB", "threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, output in tables.items():
            connection.register(name, output.table())
        yield connection


def sizes(run):
    """Returns the number of users and the mean distance per segment."""
    with database(segments=run.segments) as db:
        return db.sql(
            "SELECT segment, count(*) AS users, avg(distance) AS mean_distance FROM segments"
            " GROUP BY segment ORDER BY segment").df()


def funnel(run):
    """Returns the number of users per segment and funnel step."""
    columns = ", ".join(f"count_if({condition}) AS {quoted(name)}" for name, condition in FUNNEL)
    with database(segments=run.segments, features=run.features) as db:
        return db.sql(by_segment(columns)).df()


def by_segment(columns):
    return f"SELECT segment, {columns} FROM segments JOIN features USING (user_id) GROUP BY segment ORDER BY segment"


def movement(before, after):
    """Returns the number of users per pair of segments in two runs. -1 means absent from that run."""
    with database(before=before.segments, latest=after.segments) as db:
        return db.sql(
            "SELECT coalesce(b.segment, -1) AS before, coalesce(n.segment, -1) AS after, count(*) AS users"
            " FROM before b FULL JOIN latest n USING (user_id) GROUP BY ALL ORDER BY users DESC, before, after").df()


def user(run, user_id):
    """Returns a user's segment, distance, share of the segment that is farther from the center, and features. None if unknown."""
    with database(segments=run.segments) as db:
        found = db.execute("SELECT segment, distance FROM segments WHERE user_id = ?", [user_id]).fetchone()
        if found is None:
            return None
        segment, distance = found
        [farther] = db.execute(
            "SELECT avg(CAST(distance > ? AS double)) FROM segments WHERE segment = ?", [distance, segment]).fetchone()
    features = {}
    if run.features:
        with database(features=run.features) as db:
            rows = db.execute("SELECT * FROM features WHERE user_id = ?", [user_id])
            names, row = [column[0] for column in rows.description], rows.fetchone()
            features = dict(zip(names, row)) if row else {}
    return {"segment": segment, "distance": distance, "farther": farther, "features": features}


def some_users(run, segment, limit=20):
    """Returns the users closest to the center of a segment."""
    with database(segments=run.segments) as db:
        return db.execute(
            "SELECT user_id, distance FROM segments WHERE segment = ? ORDER BY distance, user_id LIMIT ?", [segment, limit]).df()


def quality(run):
    """Checks the tables. Returns a list of (check, found, expected, passed)."""
    checks = []
    with database(segments=run.segments) as db:
        rows, users, incomplete = db.execute(
            "SELECT count(*), count(DISTINCT user_id),"
            " count_if(user_id IS NULL OR segment IS NULL OR NOT isfinite(distance)) FROM segments").fetchone()
    checks.append(("rows of user_segments", rows, run.segments.manifest["rows"], rows == run.segments.manifest["rows"]))
    checks.append(("distinct users in user_segments", users, rows, users == rows))
    checks.append(("rows without user, segment or distance", incomplete, 0, incomplete == 0))
    checks.append(("sum of segment sizes in the model", sum(run.model["sizes"]), rows, sum(run.model["sizes"]) == rows))
    if run.features:
        numbers = [f.name for f in run.features.table().schema if str(f.type) == "double"]
        bad = " OR ".join(f"{quoted(name)} IS NULL OR NOT isfinite({quoted(name)})" for name in numbers) or "false"
        with database(segments=run.segments, features=run.features) as db:
            count, bad, missing = db.execute(
                f"SELECT count(*), count_if({bad}), count_if(s.user_id IS NULL)"
                " FROM features f LEFT JOIN segments s USING (user_id)").fetchone()
        checks.append(("rows of features", count, run.features.manifest["rows"], count == run.features.manifest["rows"]))
        checks.append(("rows with missing or non-finite features", bad, 0, bad == 0))
        checks.append(("users with features but no segment", missing, 0, missing == 0))
    return checks


def quoted(name):
    return '"' + name.replace('"', '""') + '"'
