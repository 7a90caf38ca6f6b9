"""Tests of the DAG and its operator in a real Airflow: structure, and runs against a fake and a real driver.
Run by scripts/check-airflow in a separate Python environment."""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from fake_driver import FakeDriver

ROOT = pathlib.Path(__file__).resolve().parents[3]
AIRFLOW = ROOT / "deploy/airflow"
BIN = pathlib.Path(os.environ["SWIFTLET_BIN"]).resolve()
DAY = "2025-04-14"
LIMIT = 300


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The home folder of an Airflow with an empty database."""
    home = tmp_path_factory.mktemp("airflow")
    done = airflow(home, "db", "migrate")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def environment(home, url="http://127.0.0.1:9", token="token", **more):
    host, port = url.removeprefix("http://").split(":")
    connection = {"conn_type": "http", "host": host, "port": int(port), "schema": "http", "password": token}
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SWIFTLET_"))},
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__DAGS_FOLDER": str(AIRFLOW / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(AIRFLOW / "plugins"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW_CONN_SWIFTLET_DEFAULT": json.dumps(connection), "SWIFTLET_POLL_SECONDS": "0.2", "SWIFTLET_RETRY_SECONDS": "0",
        "PYTHONDONTWRITEBYTECODE": "1", **more}


def airflow(home, *arguments, **more):
    program = pathlib.Path(sys.executable).parent / "airflow"
    return subprocess.run(
        [program, *arguments], env=environment(home, **more), capture_output=True, text=True, timeout=LIMIT)


def python(home, text, **more):
    """Runs Python code in the environment of an Airflow, with the plugins on the path. Returns the last line of its output."""
    more["PYTHONPATH"] = str(AIRFLOW / "plugins")
    done = subprocess.run(
        [sys.executable, "-c", text], env=environment(home, **more), capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


STRUCTURE = """
import json
from airflow.dag_processing.dagbag import DagBag
bag = DagBag()
assert not bag.import_errors, bag.import_errors
dag = bag.dags["clickstream_daily"]
print(json.dumps({
    "next": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
    "kinds": {task.task_id: type(task).__name__ for task in dag.tasks},
    "retries": {task.task_id: task.retries for task in dag.tasks},
    "timetable": type(dag.timetable).__name__,
    "active": dag.max_active_runs, "catchup": dag.catchup,
    "templates": list(dag.get_task("features").template_fields), "deferrable": dag.get_task("features").deferrable}))
"""


def test_structure(home):
    dag = json.loads(python(home, STRUCTURE, SWIFTLET_TOPIC="kafka://broker:9092/events"))
    order = ["ingest", "features", "segments", "quality_check", "refresh_tables"]
    assert all(after in dag["next"][before] for before, after in zip(order, order[1:]))
    assert sorted(dag["next"]) == sorted(order) and dag["next"]["refresh_tables"] == []
    assert [dag["kinds"][name] for name in order[:3]] == ["SwiftletJobOperator"] * 3
    assert dag["retries"]["features"] == 2 and dag["retries"]["quality_check"] == 0
    # A run starts when its day is over; `ds` is the start of the interval.
    assert dag["timetable"] == "CronDataIntervalTimetable"
    assert dag["active"] == 1 and not dag["catchup"] and dag["deferrable"] and "job" in dag["templates"]


def test_run_against_a_fake_driver(home):
    with FakeDriver() as driver:
        driver.outage = 1
        done = airflow(
            home, "dags", "test", "clickstream_daily", DAY, url=driver.url, SWIFTLET_TOPIC="kafka://broker:9092/events",
            SWIFTLET_ROOT="s3://bucket/x")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        ingest, features, segments = (job["body"] for job in driver.jobs.values())
        assert ingest["job"]["steps"] == [{"type": "ingest", "input": "kafka://broker:9092/events", "output": "${root}/raw/"}]
        assert features["job"]["variables"] == {"root": "s3://bucket/x"}
        [step] = features["job"]["steps"]
        assert (step["startDate"], step["endDate"], step["output"]) == ("2025-03-25", DAY, "${root}/features/dt=%s/" % DAY)
        [step] = segments["job"]["steps"]
        assert (step["input"], step["output"]) == ("${root}/features/dt=%s/" % DAY, "${root}/user_segments/dt=%s/" % DAY)
        for body in (ingest, features, segments):
            assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", body["id"]) and body["id"].endswith("-1")
        assert "token" not in re.findall(r"Bearer (\w+)", done.stdout + done.stderr)


@pytest.mark.parametrize("state, message, tries", [("failed", "disk full", 3), ("cancelled", "was cancelled", 1)])
def test_failed_or_cancelled_job_fails_the_task(home, state, message, tries):
    with FakeDriver(ends={"segment": [state]}) as driver:
        done = airflow(home, "dags", "test", "clickstream_daily", "2025-04-15", url=driver.url)
        assert done.returncode != 0 and message in done.stdout + done.stderr
        kinds = [job["body"]["job"]["steps"][0]["type"] for job in driver.jobs.values()]
        # A failed job is retried as a new job. A cancelled one is not.
        assert kinds == ["features"] + ["segment"] * tries


OPERATOR = """
import types
from datetime import timedelta
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred
from swiftlet_airflow.operator import SwiftletJobOperator, job_id
from swiftlet_airflow.trigger import SwiftletJobTrigger

def task(number):
    run = "scheduled__2025-04-14T00:00:00+00:00"
    return types.SimpleNamespace(dag_id="d", task_id="t", run_id=run, map_index=-1, try_number=number)

def operator(step={"type": "segment"}, **more):
    return SwiftletJobOperator(task_id="t", job={"name": "n", "steps": [step]}, poll_seconds=0.05, **more)

def deferred(number):
    try:
        operator().execute({"ti": task(number)})
    except TaskDeferred as waiting:
        return waiting.trigger
    raise AssertionError("not deferred")

def failure(call):
    try:
        call()
    except AirflowException as error:
        return error
    raise AssertionError("did not fail")
"""


def test_retry_finds_the_job_of_an_earlier_try(home):
    with FakeDriver(polls=100) as driver:
        python(home, OPERATOR + """
first = deferred(1)
# The Airflow worker died after submitting: the same try and the next one find the job.
assert deferred(1).job_id == first.job_id == job_id(task(1), 1)
assert deferred(2).job_id == first.job_id
assert len(first.job_id) <= 64
kind, fields = first.serialize()
assert kind.endswith("SwiftletJobTrigger") and "token" not in str(fields), fields
""", url=driver.url)
        assert len(driver.jobs) == 1
        [job] = driver.jobs.values()
        job["shown"]["state"] = "failed"
        python(home, OPERATOR + "assert deferred(3).job_id == job_id(task(3), 3)", url=driver.url)
        assert len(driver.jobs) == 2


def test_final_and_retried_errors(home):
    with FakeDriver(polls=1, ends={"segment": ["failed", "cancelled", "done"]}) as driver:
        python(home, OPERATOR + """
error = failure(lambda: operator({"type": "segment", "wrong": 1}).execute({"ti": task(1)}))
assert isinstance(error, AirflowFailException) and "steps[0].wrong: unknown key" in str(error), error
error = failure(lambda: operator(deferrable=False).execute({"ti": task(1)}))
assert not isinstance(error, AirflowFailException) and "disk full" in str(error), error
error = failure(lambda: operator(deferrable=False).execute({"ti": task(2)}))
assert isinstance(error, AirflowFailException) and "cancelled" in str(error), error
assert operator(deferrable=False).execute({"ti": task(3)})["steps"][0]["sizes"] == [6, 4]
error = failure(lambda: operator(limit=timedelta(seconds=-1), deferrable=False).execute({"ti": task(4)}))
assert "did not finish within" in str(error), error
""", url=driver.url)
        assert [one for one in driver.requests if one[1].endswith("/cancel")]
        python(home, OPERATOR + """
error = failure(lambda: operator().execute({"ti": task(9)}))
assert isinstance(error, AirflowFailException) and "401" in str(error) and "wrong-token" not in str(error), error
""", url=driver.url, token="wrong-token")


def test_kill_cancels(home):
    with FakeDriver(polls=100) as driver:
        python(home, OPERATOR + """
import asyncio
trigger = deferred(1)
asyncio.run(trigger.on_kill())
one = operator(deferrable=False)
one._running = job_id(task(1), 1)
one.on_kill()
""", url=driver.url)
        [job] = driver.jobs.values()
        assert job["shown"]["state"] == "cancelled" and len([one for one in driver.requests if one[1].endswith("/cancel")]) == 2


def test_trigger_waits_through_an_outage(home):
    with FakeDriver(polls=3) as driver:
        python(home, OPERATOR + """
import asyncio
from swiftlet_airflow import client
client.TRIES = 1
trigger = deferred(1)
async def first():
    async for event in trigger.run():
        return event.payload
import urllib.request
async def main():
    waiting = asyncio.create_task(first())
    return await asyncio.wait_for(waiting, 60)
assert asyncio.run(main())["job"]["state"] == "done"
""", url=driver.url)


def test_run_against_a_real_driver(home, tmp_path):
    """Features and segments of one day on a real driver and worker."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        port, http = one.getsockname()[1], two.getsockname()[1]
    subprocess.run(
        [BIN / "swift-events", "--events", "20000", "--users", "300", "--days", "14", "--output", tmp_path / "raw"],
        check=True, capture_output=True, timeout=LIMIT)
    (tmp_path / "token").write_text("a-token\n")
    (tmp_path / "token").chmod(0o600)
    with (tmp_path / "log").open("w") as log:
        processes = [subprocess.Popen(
            [BIN / "swift-driver", "--listen", f"127.0.0.1:{port}", "--http", f"127.0.0.1:{http}", "--token-file",
             tmp_path / "token"], stdout=log, stderr=log, cwd=tmp_path)]
        try:
            wait_for(f"http://127.0.0.1:{http}/healthz", processes[0], tmp_path / "log")
            processes.append(subprocess.Popen(
                [BIN / "swift-worker", "--driver", f"127.0.0.1:{port}", "--cores", "2"], stdout=log, stderr=log, cwd=tmp_path))
            wait_for(f"http://127.0.0.1:{http}/readyz", processes[1], tmp_path / "log")
            for _ in range(2):
                # In the second run all outputs are up to date.
                done = airflow(
                    home, "dags", "test", "clickstream_daily", DAY, url=f"http://127.0.0.1:{http}", token="a-token",
                    SWIFTLET_ROOT=str(tmp_path), SWIFTLET_WINDOW_DAYS="14", SWIFTLET_CLUSTERS="4")
                assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait(60)
    model = json.loads((tmp_path / f"user_segments/dt={DAY}/_model.json").read_text())
    features = json.loads((tmp_path / f"features/dt={DAY}/_SUCCESS").read_text())
    assert len(model["sizes"]) == 4 and sum(model["sizes"]) == features["rows"] == 300
    assert features["parameters"]["startDate"] == "2025-04-01" and features["parameters"]["endDate"] == DAY


def wait_for(url, process, log):
    end = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5)
        except OSError:
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.05)
