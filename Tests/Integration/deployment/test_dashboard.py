"""deploy/dashboard in Streamlit's test harness, with a million users, and in a browser."""

import json
import os
import pathlib
import resource
import subprocess
import sys

import duckdb
import pyarrow.parquet
import pytest
from streamlit.testing.v1 import AppTest

from browser import Browser, colors
from dashboard import APP, Dashboard
from processes import generate_events, submit

SHOTS = os.environ.get("SWIFTLET_SCREENSHOTS")
DAYS = ["2025-04-13", "2025-04-14"]
LIMIT = 60


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("dashboard")
    generate_events(root / "raw", 120_000, 3000, days=14, malformed=0.01)
    for day, clusters in zip(DAYS, (4, 5)):
        submit([
            {"type": "features", "input": str(root / "raw"), "output": str(root / f"features/dt={day}"), "startDate": "2025-04-01",
             "endDate": day},
            {"type": "segment", "input": str(root / f"features/dt={day}"), "clusters": clusters, "seed": 1,
             "output": str(root / f"user_segments/dt={day}")}])
    return root


def app(root, monkeypatch):
    monkeypatch.syspath_prepend(str(APP.parent))
    monkeypatch.setenv("SWIFTLET_ROOT", str(root))
    monkeypatch.setattr(sys, "argv", [str(APP)])
    page = AppTest.from_file(str(APP), default_timeout=LIMIT).run()
    assert not page.exception
    return page


def view(page, name):
    page.sidebar.radio[0].set_value(name).run()
    assert not page.exception, page.exception
    return page


def table(root, kind, day):
    return pyarrow.parquet.read_table(sorted(root.glob(f"{kind}/dt={day}/*.parquet"))).to_pandas().drop(columns="dt").set_index("user_id")


def metrics(page):
    return {one.label: one.value for one in page.metric}


def test_every_view(root, monkeypatch):
    model = json.loads((root / f"user_segments/dt={DAYS[1]}/_model.json").read_text())
    segments, features = table(root, "user_segments", DAYS[1]), table(root, "features", DAYS[1])
    page = app(root, monkeypatch)
    assert page.sidebar.selectbox[0].options == DAYS[::-1]
    assert metrics(page)["Users"] == f"{len(segments):,}" and metrics(page)["Segments"] == "5"
    assert list(page.dataframe[0].value["users"]) == model["sizes"]

    view(page, "Segments").main.selectbox[0].set_value(3).run()
    assert not page.exception
    assert page.subheader[0].value.replace("\\", "") == model["segments"][3]["label"]
    typical = page.dataframe[0].value
    nearest = segments[segments["segment"] == 3].sort_values("distance")
    assert typical["distance"].iloc[0] == nearest["distance"].iloc[0] and len(typical) == 20

    someone = nearest.index[0]
    view(page, "User lookup").text_input[0].set_value(someone).run()
    assert not page.exception
    shown = page.dataframe[0].value.set_index("column")["this user"]
    assert list(shown.index) == model["columns"] and shown["events"] == features.loc[someone, "events"]
    page.text_input[0].set_value("nobody' OR 1=1 --").run()
    assert not page.exception and "No user" in page.warning[0].value

    view(page, "Funnel")
    funnel = page.dataframe[0].value.set_index("segment")
    joined = segments.join(features)
    assert list(funnel["bought"]) == list((joined["purchases"] > 0).groupby(joined["segment"]).sum())

    view(page, "Data quality")
    assert page.success[0].value == "All checks passed."
    success = json.loads((root / f"features/dt={DAYS[1]}/_SUCCESS").read_text())["extra"]
    rejected = sum(int(count) for name, count in success.items() if name.startswith("rejected: "))
    assert metrics(page)["Rejected"] == f"{rejected:,}" and rejected > 0


def test_movement(root, monkeypatch):
    page = view(app(root, monkeypatch), "Movement")
    before, now = (table(root, "user_segments", day) for day in DAYS)
    both = before.join(now, how="outer", suffixes=("_before", ""))
    moves = page.dataframe[0].value
    assert moves["users"].sum() == len(both)
    assert metrics(page)["New users"] == f"{both['segment_before'].isna().sum():,}"
    assert metrics(page)["Users who left"] == f"{both['segment'].isna().sum():,}"


def test_missing_data_is_reported(root, tmp_path, monkeypatch):
    page = app(tmp_path / "nothing", monkeypatch)
    assert "No complete run" in page.warning[0].value
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", root, copy], check=True)
    victim = next((copy / f"user_segments/dt={DAYS[1]}").glob("*.parquet"))
    victim.unlink()
    page = app(copy, monkeypatch)
    assert len(page.error) == 1 and victim.name in page.error[0].value.replace("\\", "")


def test_a_million_users(root, tmp_path, monkeypatch):
    """Views answer within seconds and use little memory, because rows stay in DuckDB."""
    model = (root / f"user_segments/dt={DAYS[1]}/_model.json").read_text()
    values = ", ".join(
        f"TIMESTAMP '2025-04-01' AS {name}" if name.endswith("_seen") else f"hash(i, '{name}') % 7 / 3.0 AS {name}"
        for name in table(root, "features", DAYS[1]).columns)
    for day, shift in zip(DAYS, (0, 7)):
        for kind, select in {
            "features": f"SELECT 'user-' || i AS user_id, {values} FROM range(1000000) t(i)",
            "user_segments":
                f"SELECT 'user-' || i AS user_id, ((i + i // 10 * {shift}) % 5)::int AS segment, hash(i) % 1000 / 100.0 AS distance"
                " FROM range(1000000) t(i)",
        }.items():
            folder = tmp_path / kind / f"dt={day}"
            folder.mkdir(parents=True)
            duckdb.execute(f"COPY ({select}) TO '{folder}/part-00000.parquet'")
            step = "features" if kind == "features" else "segment"
            (folder / "_SUCCESS").write_text(json.dumps(
                {"step": step, "fingerprint": day, "rows": 1000000, "files": [{"name": "part-00000.parquet"}]}))
    for day in DAYS:
        changed = json.loads(model) | {"sizes": [200000] * 5}
        (tmp_path / f"user_segments/dt={day}/_model.json").write_text(json.dumps(changed))
    page = app(tmp_path, monkeypatch)
    before = resource.getrusage(resource.RUSAGE_SELF)
    for name in ("Sizes", "Segments", "Movement", "Funnel", "Data quality"):
        view(page, name)
    view(page, "User lookup").text_input[0].set_value("user-123456").run()
    assert not page.exception and page.subheader
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime - before.ru_utime
    print(f"six views of a million users: {spent:.1f} s of CPU, peak memory +{(after.ru_maxrss - before.ru_maxrss) / 1024:.0f} MiB")
    assert spent < 60 and after.ru_maxrss - before.ru_maxrss < 1500 * 1024


def test_in_a_browser(root, tmp_path):
    with Dashboard(root, tmp_path / "log") as dashboard, Browser(1300, 1100) as browser:
        dashboard.wait()
        for name in ["Segments", "Movement", "Funnel"]:
            dashboard.show(browser, name)
            image = browser.screenshot(pathlib.Path(SHOTS) / f"dashboard-{name.replace(' ', '-')}.png" if SHOTS else None)
            assert colors(image) > 100
