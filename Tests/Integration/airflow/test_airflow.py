"""Tests of deploy/airflow that do not need Airflow: the REST client, the quality checks, the jobs of the DAG.
scripts/check-airflow runs the rest in a real Airflow."""

import ast
import json
import sys

import pytest

from project import ROOT

sys.path.insert(0, str(ROOT / "deploy/airflow/plugins"))
from swiftlet_airflow import client as rest  # noqa: E402
from swiftlet_airflow import quality  # noqa: E402

from fake_driver import FakeDriver  # noqa: E402

JOB = {"name": "x", "steps": [{"type": "segment"}]}


def test_client():
    with FakeDriver(polls=2) as driver:
        client = rest.Client(driver.url + "/", "token")
        assert client.submit("one", JOB, {}, {}, False)["state"] == "queued"
        assert client.submit("one", JOB, {}, {}, False)["id"] == "one" and len(driver.jobs) == 1
        with pytest.raises(rest.Refused, match="409"):
            client.submit("one", {**JOB, "name": "y"}, {}, {}, False)
        with pytest.raises(rest.Refused, match="steps\\[0\\].wrong: unknown key"):
            client.submit("two", {"name": "x", "steps": [{"type": "segment", "wrong": 1}]}, {}, {}, False)
        assert [client.status("one")["state"] for _ in range(2)] == ["running", "done"]
        with pytest.raises(rest.Unknown):
            client.status("no/such?job")
        client.submit("three", JOB, {}, {}, False)
        client.cancel("three")
        assert client.status("three")["state"] == "cancelled"
        with pytest.raises(rest.Refused, match="401") as refused:
            rest.Client(driver.url, "guess-work").cancel("one")
        assert "guess-work" not in str(refused.value)


def test_client_retries(monkeypatch):
    waits = []
    monkeypatch.setattr(rest.time, "sleep", waits.append)
    with FakeDriver() as driver:
        driver.outage = 2
        assert rest.Client(driver.url, "token").submit("one", JOB, {}, {}, False)["state"] == "queued"
        assert waits == [1, 2]
        driver.outage = rest.TRIES
        with pytest.raises(rest.Unreachable, match="503 starting"):
            rest.Client(driver.url, "token").status("one")
    with pytest.raises(rest.Unreachable):
        rest.Client(driver.url, "token").status("one")
    with pytest.raises(rest.Refused, match="expected the driver's address"):
        rest.Client("driver:8080")


GOOD = ({"recordsRead": 100, "recordsRejected": 5, "rowsWritten": 10}, {"sizes": [6, 4]})


@pytest.mark.parametrize("change, found", [
    ({}, []),
    ({"recordsRejected": 6}, ["6 of 100 lines rejected"]),
    ({"rowsWritten": 0}, ["0 users", "sizes sum to 10"]),
    ({"rowsWritten": 11}, ["sizes sum to 10, expected 11, the users with features"]),
])
def test_quality(change, found):
    messages = quality.problems({**GOOD[0], **change}, GOOD[1], 1, 0.05, 0.0)
    assert len(messages) == len(found) and all(part in text for part, text in zip(found, messages)), messages


def test_quality_of_small_segments_and_missing_steps():
    assert "smallest has 4" in quality.problems(*GOOD, 1, 0.05, 0.5)[0]
    assert len(quality.problems(quality.step(None, "features"), quality.step({"steps": []}, "segment"), 1, 0.05, 0.0)) == 1
    assert quality.step({"steps": [{"type": "features", "values": {"rowsWritten": 7}}]}, "features")["rowsWritten"] == 7


def test_dag_steps_match_the_job_schema():
    """Each step in the DAG has only keys of the job file schema, and all required ones."""
    schema = json.loads((ROOT / "jobs/job.schema.json").read_text())["$defs"]
    tree = ast.parse((ROOT / "deploy/airflow/dags/clickstream_daily.py").read_text())
    steps = {}
    for node in ast.walk(tree):
        keys = [key.value for key in node.keys if isinstance(key, ast.Constant)] if isinstance(node, ast.Dict) else []
        if "type" in keys:
            steps[node.values[keys.index("type")].value] = set(keys)
    assert steps.keys() == {"ingest", "features", "segment"}
    for kind in steps.keys() & schema.keys():
        assert steps[kind] <= schema[kind]["properties"].keys() and set(schema[kind]["required"]) <= steps[kind]
    assert {"features", "segment"} <= schema.keys()
