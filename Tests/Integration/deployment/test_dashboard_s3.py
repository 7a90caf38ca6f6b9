"""The dashboard reads the same data from an S3 server as from files, and only files listed in _SUCCESS."""

import sys

import pytest

from processes import generate_events, submit
from project import ROOT

sys.path.insert(0, str(ROOT / "deploy/dashboard"))
import queries  # noqa: E402
import store  # noqa: E402

DAYS = ["2025-04-05", "2025-04-06"]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("dashboard-s3")
    generate_events(root / "raw", 20_000, 500, days=6)
    for day in DAYS:
        submit([
            {"type": "features", "input": str(root / "raw"), "output": str(root / f"features/dt={day}"), "startDate": "2025-04-01",
             "endDate": day},
            {"type": "segment", "input": str(root / f"features/dt={day}"), "clusters": 3,
             "output": str(root / f"user_segments/dt={day}")}])
    return root


def test_from_s3(root, seaweed, monkeypatch):
    client = seaweed.client()
    client.create_bucket(Bucket="dashboard")
    for path in [*root.glob("features/**/*"), *root.glob("user_segments/**/*")]:
        if path.is_file():
            client.upload_file(str(path), "dashboard", f"some/prefix/{path.relative_to(root)}")
    # Files that no _SUCCESS lists are ignored.
    client.put_object(Bucket="dashboard", Key=f"some/prefix/user_segments/dt={DAYS[1]}/part-99999.parquet", Body=b"torn")
    client.put_object(Bucket="dashboard", Key="some/prefix/user_segments/dt=2025-04-07/part-00000.parquet", Body=b"no _SUCCESS yet")
    for name, value in {
        "AWS_ENDPOINT_URL": seaweed.endpoint, "AWS_ACCESS_KEY_ID": seaweed.access, "AWS_SECRET_ACCESS_KEY": seaweed.secret,
        "AWS_REGION": seaweed.region}.items():
        monkeypatch.setenv(name, value)
    there, here = store.Store("s3://dashboard/some/prefix/").runs(), store.Store(str(root)).runs()
    assert [run.name for run in there] == [run.name for run in here] == DAYS[::-1]
    assert there[0].model == here[0].model
    for name, runs in {"sizes": 1, "funnel": 1, "movement": 2, "quality": 1}.items():
        found, expected = (getattr(queries, name)(*runs_of[:runs]) for runs_of in (there, here))
        assert found.equals(expected) if name != "quality" else found == expected and all(passed for *_, passed in found)
    someone = queries.some_users(there[0], 0)["user_id"][0]
    assert queries.user(there[0], someone) == queries.user(here[0], someone)
    assert queries.user(there[0], "nobody") is None
