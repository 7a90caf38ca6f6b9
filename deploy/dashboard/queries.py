"""Questions to DuckDB. Each reads only the columns it needs, streams them, and gives back a few rows: a million users never
come into the page."""

import contextlib

import duckdb

# Steps from looking to buying: name and what a user has done to be there.
FUNNEL = [
    ("all users", "true"), ("viewed pages", "page_views > 0"), ("clicked", "clicks > 0"),
    ("filled a cart", "add_to_carts > 0"), ("bought", "purchases > 0")]


@contextlib.contextmanager
def database(**tables):
    """A database of its own for one question, with datasets as tables."""
    with duckdb.connect(config={"memory_limit": "1GB", "threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, output in tables.items():
            connection.register(name, output.table())
        yield connection


def sizes(run):
    with database(segments=run.segments) as db:
        return db.sql(
            "SELECT segment, count(*) AS users, avg(distance) AS mean_distance FROM segments GROUP BY segment ORDER BY segment"
        ).df()


def means(run, columns):
    """The mean of every column by segment."""
    listed = ", ".join(f"avg({quoted(name)}) AS {quoted(name)}" for name in columns)
    with database(segments=run.segments, features=run.features) as db:
        return db.sql(f"SELECT segment, {listed} FROM segments JOIN features USING (user_id) GROUP BY segment ORDER BY segment").df()


def funnel(run):
    """Users of each segment at each step. Later steps count those who did the earlier carts and purchases too."""
    listed = ", ".join(f"count_if({condition}) AS {quoted(name)}" for name, condition in FUNNEL)
    with database(segments=run.segments, features=run.features) as db:
        wide = db.sql(f"SELECT segment, {listed} FROM segments JOIN features USING (user_id) GROUP BY segment ORDER BY segment").df()
    return wide


def movement(before, after):
    """Users by their segments in two runs; -1 where they are not in a run."""
    with database(before=before.segments, latest=after.segments) as db:
        return db.sql(
            "SELECT coalesce(b.segment, -1) AS before, coalesce(n.segment, -1) AS after, count(*) AS users"
            " FROM before b FULL JOIN latest n USING (user_id) GROUP BY ALL ORDER BY users DESC, before, after").df()


def user(run, user_id):
    """One user's segment and features with their place among all; None where there is no such user."""
    with database(segments=run.segments) as db:
        found = db.execute("SELECT segment, distance FROM segments WHERE user_id = ?", [user_id]).fetchone()
        if found is None:
            return None
        segment, distance = found
        [nearer] = db.execute(
            "SELECT avg(CAST(distance <= ? AS double)) FROM segments WHERE segment = ?", [distance, segment]).fetchone()
    features = {}
    if run.features:
        with database(features=run.features) as db:
            rows = db.execute("SELECT * FROM features WHERE user_id = ?", [user_id])
            names, row = [column[0] for column in rows.description], rows.fetchone()
            features = dict(zip(names, row)) if row else {}
    return {"segment": segment, "distance": distance, "nearer": nearer, "features": features}


def some_users(run, segment, limit=20):
    """The users nearest to the centre of a segment: what a typical one is like."""
    with database(segments=run.segments) as db:
        return db.execute(
            "SELECT user_id, distance FROM segments WHERE segment = ? ORDER BY distance, user_id LIMIT ?", [segment, limit]).df()


def quality(run):
    """Facts of the tables that should hold, each as (what, found, expected, whether it does)."""
    facts = []
    with database(segments=run.segments) as db:
        rows, users, odd = db.execute(
            "SELECT count(*), count(DISTINCT user_id), count_if(user_id IS NULL OR segment IS NULL OR NOT isfinite(distance)) FROM segments"
        ).fetchone()
    facts.append(("rows of user_segments", rows, run.segments.manifest["rows"], rows == run.segments.manifest["rows"]))
    facts.append(("users that occur once", users, rows, users == rows))
    facts.append(("rows without user, segment or distance", odd, 0, odd == 0))
    facts.append(("sum of the sizes in the model", sum(run.model["sizes"]), rows, sum(run.model["sizes"]) == rows))
    if run.features:
        numbers = [f.name for f in run.features.table().schema if str(f.type) == "double"]
        bad = " OR ".join(f"{quoted(name)} IS NULL OR NOT isfinite({quoted(name)})" for name in numbers) or "false"
        with database(segments=run.segments, features=run.features) as db:
            count, bad, missing = db.execute(
                f"SELECT count(*), count_if({bad}), count_if(s.user_id IS NULL) FROM features f LEFT JOIN segments s USING (user_id)"
            ).fetchone()
        facts.append(("rows of features", count, run.features.manifest["rows"], count == run.features.manifest["rows"]))
        facts.append(("features that are no number", bad, 0, bad == 0))
        facts.append(("users with features and no segment", missing, 0, missing == 0))
    return facts


def quoted(name):
    return '"' + name.replace('"', '""') + '"'
