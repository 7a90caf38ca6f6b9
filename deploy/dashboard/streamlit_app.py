"""Dashboard of user segments. Run: streamlit run streamlit_app.py -- s3://bucket/prefix
The argument may be a local folder; the default is SWIFTLET_ROOT."""

import os
import sys

import altair as alt
import pandas as pd
import queries
import streamlit as st
from store import Store, StoreError

# Colors of all charts: orange is above average, blue below.
HIGH, LOW = "#d9730d", "#2f6fba"
# Heights in pixels of one bar and of the axis in a bar chart.
ROW, AXIS = 30, 70


@st.cache_resource
def open_store(root):
    return Store(root)


@st.cache_resource(ttl=60, show_spinner="Looking for runs…")
def find_runs(root):
    return {run.name: run for run in open_store(root).runs()}


@st.cache_data(max_entries=200, show_spinner="Running the query…")
def cached_query(name, key, _runs, *arguments):
    """Runs a query. Cached by name, data and arguments."""
    return getattr(queries, name)(*_runs, *arguments)


def query(name, *runs, arguments=()):
    return cached_query(name, tuple(run.key for run in runs), runs, *arguments)


def plain(text):
    """Escapes Markdown in text from data."""
    return "".join("\\" + c if c in "\\`*_{}[]()#+-.!|~$<>:" else c for c in text)


def labels(run):
    return {one["segment"]: f"{one['segment']} · {one['label']}" for one in run.model["segments"]}


def traits_of(label):
    """Returns the set of traits in a segment label, without its number."""
    return frozenset(label.split(" · ")[-1].split(", "))


def grouped(*columns):
    """Returns a column config that shows counts as 1,234."""
    return {name: st.column_config.NumberColumn(format="localized") for name in columns}


def counts(manifest, prefix):
    """Returns the counts in the extra of a _SUCCESS whose names start with a prefix, such as `rejected: `."""
    extra = manifest.get("extra", {})
    return {name.removeprefix(prefix): int(count) for name, count in extra.items() if name.startswith(prefix)}


def rejections(manifest):
    """Returns the number of records read and the rejected records by reason, from a _SUCCESS."""
    return int(manifest.get("extra", {}).get("recordsRead", 0)), counts(manifest, "rejected: ")


def describe(trait):
    """Formats a trait: `purchases 6.2× the average`, `night_share 0.61 vs 0.18`."""
    value, overall = trait["value"], trait["overall"]
    if overall > 0 and value >= 0 and not trait["column"].endswith("_share") and not 0.67 < value / overall < 1.5:
        return f"{trait['column']} {value / overall:.3g}× the average"
    return f"{trait['column']} {value:.3g} vs {overall:.3g}"


def show_sizes(run):
    model, names = run.model, labels(run)
    table = query("sizes", run)
    table["label"] = table["segment"].map(names)
    table["share"] = table["users"] / table["users"].sum()
    users, count, silhouette = st.columns(3)
    users.metric("Users", f"{table['users'].sum():,}")
    count.metric("Segments", len(table))
    silhouette.metric("Simplified silhouette", "–" if model.get("silhouette") is None else f"{model['silhouette']:.3f}")
    bars = alt.Chart(table).mark_bar(color=LOW).encode(
        x=alt.X("users:Q", title="users"), y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)),
        tooltip=["label", "users", alt.Tooltip("share:Q", format=".1%"), alt.Tooltip("mean_distance:Q", format=".3f")])
    st.altair_chart(bars, width="stretch", height=ROW * len(table) + AXIS)
    st.dataframe(
        table[["segment", "label", "users", "share", "mean_distance"]], hide_index=True,
        column_config=grouped("users") | {
            "share": st.column_config.NumberColumn(format="percent"),
            "mean_distance": st.column_config.NumberColumn("mean distance to center", format="%.3f")})
    if model.get("choice"):
        st.caption(plain(f"Number of segments: {model['choice']['why']}."))


def show_segments(run):
    names = labels(run)
    segment = st.selectbox("Segment", list(names), format_func=names.get)
    one = run.model["segments"][segment]
    st.subheader(plain(one["label"]))
    strongest = [describe(trait) for trait in one["distinctive"] if abs(trait["z"]) >= 0.35][:4]
    summary = " · ".join(strongest) or "Close to the average user."
    st.write(plain(f"{one['size']:,} users, {one['share']:.1%} of all. {summary}"))
    traits = pd.DataFrame(one["distinctive"])
    if len(traits):
        bars = alt.Chart(traits).mark_bar().encode(
            x=alt.X("z:Q", title="standard deviations from the average user"),
            y=alt.Y("column:N", sort=None, title=None, axis=alt.Axis(labelLimit=300)),
            color=alt.condition(alt.datum.z > 0, alt.value(HIGH), alt.value(LOW)),
            tooltip=[
                "column", alt.Tooltip("value:Q", format=",.3f"), alt.Tooltip("overall:Q", format=",.3f"),
                alt.Tooltip("z:Q", format="+.2f")])
        st.altair_chart(bars, width="stretch", height=ROW * len(traits) + AXIS)
    st.caption("Most typical users (closest to the center)")
    st.dataframe(
        query("some_users", run, arguments=(segment,)), hide_index=True,
        column_config={"distance": st.column_config.NumberColumn(format="%.3f")})


def show_movement(run, runs):
    others = [name for name in runs if name != run.name]
    if not others:
        st.info("Movement needs at least two runs; there is only one.")
        return
    earlier = [name for name in others if name < run.name] or others
    before = runs[st.selectbox("Compare with", others, index=others.index(earlier[0]))]
    moves = query("movement", before, run)
    old, new = labels(before), labels(run)
    moves["from"] = moves["before"].map(lambda one: old.get(one, "(new)"))
    moves["to"] = moves["after"].map(lambda one: new.get(one, "(left)"))
    both = moves[(moves["before"] >= 0) & (moves["after"] >= 0)]
    # Segment numbers depend on the sizes in each run, so segments are matched by their traits.
    same = both[both["from"].map(traits_of) == both["to"].map(traits_of)]["users"].sum()
    stayed, arrived, left = st.columns(3)
    stayed.metric("Same segment", f"{same / max(1, both['users'].sum()):.1%}")
    arrived.metric("New users", f"{moves[moves['before'] < 0]['users'].sum():,}")
    left.metric("Users who left", f"{moves[moves['after'] < 0]['users'].sum():,}")
    base = alt.Chart(moves).encode(
        x=alt.X("to:N", title=run.name, sort="ascending", axis=alt.Axis(labelLimit=200, labelAngle=-30, labelOverlap=False)),
        y=alt.Y("from:N", title=before.name, sort="ascending", axis=alt.Axis(labelLimit=260)))
    squares = base.mark_rect().encode(
        color=alt.Color("users:Q", scale=alt.Scale(scheme="blues", type="symlog")), tooltip=["from", "to", "users"])
    st.altair_chart(squares, width="stretch", height=80 + 44 * moves["from"].nunique())
    st.dataframe(moves[["from", "to", "users"]].head(200), hide_index=True, column_config=grouped("users"))


def show_user(run):
    user_id = st.text_input("User ID", max_chars=1000).strip()
    if not user_id:
        st.caption("The Segments view lists IDs of typical users.")
        return
    found = query("user", run, arguments=(user_id,))
    if found is None:
        st.warning(plain(f"No user '{user_id}' in the run of {run.name}."))
        return
    name = labels(run)[found["segment"]]
    st.subheader(plain(name))
    st.write(f"Closer to the center than {found['farther']:.0%} of the segment (distance {found['distance']:.3g}).")
    model = run.model
    rows = []
    for index, column in enumerate(model["columns"]):
        if column in found["features"]:
            center = model["centersOriginal"][found["segment"]][index]
            overall = sum(c[index] * size for c, size in zip(model["centersOriginal"], model["sizes"])) / sum(model["sizes"])
            rows.append({"column": column, "this user": float(found["features"][column]), "segment": center, "all users": overall})
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=38 * (len(rows) + 1))
    seen = {"first seen": found["features"].get("first_seen"), "last seen": found["features"].get("last_seen")}
    st.caption(", ".join(f"{what}: {when:%Y-%m-%d %H:%M} UTC" for what, when in seen.items() if when))


def show_funnel(run):
    if not run.features:
        st.info("This run has no features.")
        return
    wide = query("funnel", run)
    names = [name for name, _ in queries.FUNNEL]
    long = wide.melt("segment", names, "step", "users")
    long["label"] = long["segment"].map(labels(run))
    long["share"] = long["users"] / long["segment"].map(wide.set_index("segment")[names[0]])
    chart = alt.Chart(long).mark_bar(color=LOW).encode(
        x=alt.X("share:Q", title=None, axis=alt.Axis(format="%")), y=alt.Y("step:N", sort=names, title=None),
        facet=alt.Facet("label:N", columns=2, title=None, sort="ascending", header=alt.Header(labelLimit=340)),
        tooltip=["label", "step", "users", alt.Tooltip("share:Q", format=".1%")]).properties(width=300, height=120)
    st.altair_chart(chart)
    st.dataframe(wide, hide_index=True, column_config=grouped(*names))


def show_quality(run):
    checks = pd.DataFrame(query("quality", run), columns=["check", "found", "expected", "passed"])
    if checks["passed"].all():
        st.success("All checks passed.")
    else:
        st.error(f"{(~checks['passed']).sum()} checks failed.")
    st.dataframe(checks, hide_index=True, column_config=grouped("found", "expected"))
    if not run.features:
        return
    read, reasons = rejections(run.features.manifest)
    extra = run.features.manifest.get("extra", {})
    lines, outside, rejected = st.columns(3)
    lines.metric("Lines read", f"{read:,}")
    outside.metric("Outside the dates", f"{int(extra.get('recordsOutsideRange', 0)):,}")
    rejected.metric("Rejected", f"{sum(reasons.values()):,}", share(reasons, read), delta_color="off", delta_arrow="off")
    if reasons:
        show_counts(reasons, "reason", "lines")
        st.dataframe(pd.DataFrame(run.features.rejected(100)), hide_index=True)
    if ignored := counts(run.features.manifest, "ignored: "):
        st.subheader("Ignored values of optional fields")
        show_counts(ignored, "field", "values")
    raw = run.segments.store.output("raw")
    if raw is None or raw.manifest.get("step") != "ingest":
        return
    st.subheader("Ingest (all runs)")
    read, reasons = rejections(raw.manifest)
    messages, rejected, _ = st.columns(3)
    messages.metric("Messages read", f"{read:,}")
    rejected.metric("Rejected messages", f"{sum(reasons.values()):,}", share(reasons, read), delta_color="off", delta_arrow="off")
    if reasons:
        show_counts(reasons, "reason", "messages")


def share(reasons, read):
    return f"{sum(reasons.values()) / max(1, read):.3%}"


def show_counts(counted, name, unit):
    rows = sorted(counted.items(), key=lambda one: -one[1])
    st.dataframe(pd.DataFrame(rows, columns=[name, unit]), hide_index=True, column_config=grouped(unit))


def main():
    st.set_page_config(page_title="User segments", layout="wide")
    root = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SWIFTLET_ROOT", "data")
    st.title("User segments")
    try:
        runs = find_runs(root)
    except OSError as error:
        st.error(f"Cannot read the data: {plain(str(error))}")
        return
    if not runs:
        st.warning("No complete run yet: user_segments/ has no _SUCCESS.")
        return
    run = runs[st.sidebar.selectbox("Run", list(runs))]
    views = {
        "Sizes": show_sizes, "Segments": show_segments, "Movement": lambda run: show_movement(run, runs),
        "User lookup": show_user, "Funnel": show_funnel, "Data quality": show_quality}
    view = st.sidebar.radio("View", list(views))
    st.header(f"{view}, {run.name}" if run.name != "latest" else view)
    try:
        views[view](run)
    except (StoreError, OSError) as error:
        st.error(f"{view}: {plain(str(error))}")


main()
