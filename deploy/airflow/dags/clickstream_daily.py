"""Daily pipeline: ingest the topic, compute features and segments up to yesterday, check them, refresh the tables.

Settings are environment variables of the scheduler and the workers:
SWIFTLET_ROOT (s3://bucket/prefix or a folder shared by driver and workers), SWIFTLET_TOPIC (kafka://broker:9092/topic;
unset if the events already exist), SWIFTLET_WINDOW_DAYS (21), SWIFTLET_CLUSTERS (a number or auto),
SWIFTLET_MIN_USERS (1), SWIFTLET_ATHENA_RESULTS (s3://bucket/prefix for Athena's results; unset if there is no table to refresh).
The driver is the Airflow connection `swiftlet_default`: host, port, and the token as password."""

import os
from datetime import datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, CronDataIntervalTimetable

from swiftlet_airflow.operator import SwiftletJobOperator
from swiftlet_airflow.quality import check

ROOT = os.environ.get("SWIFTLET_ROOT", "/data").rstrip("/")
TOPIC = os.environ.get("SWIFTLET_TOPIC")
WINDOW = int(os.environ.get("SWIFTLET_WINDOW_DAYS", "21"))
CLUSTERS = os.environ.get("SWIFTLET_CLUSTERS", "auto")
ATHENA = os.environ.get("SWIFTLET_ATHENA_RESULTS")
POLL = float(os.environ.get("SWIFTLET_POLL_SECONDS", "10"))
RETRY = timedelta(seconds=float(os.environ.get("SWIFTLET_RETRY_SECONDS", "120")))

# `ds` is the day that a run covers. Each day has its own output folder, so earlier runs stay available for comparison.
FEATURES = "${root}/features/dt={{ ds }}/"
SEGMENTS = "${root}/user_segments/dt={{ ds }}/"
CURRENT = """
CREATE OR REPLACE VIEW swiftlet.current_segments AS
SELECT s.user_id, s.segment, s.distance, s.dt FROM swiftlet.user_segments s WHERE s.dt = '{{ ds }}'
"""


def job(name, step):
    return {"name": "%s-{{ ds }}" % name, "variables": {"root": ROOT}, "steps": [step]}


def swiftlet(task_id, step):
    return SwiftletJobOperator(task_id=task_id, job=job(task_id, step), poll_seconds=POLL)


with DAG(
    "clickstream_daily",
    # A run starts when its day is over, and `ds` is that day. With "@daily", `ds` would be the day that is just starting.
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=datetime(2025, 4, 1),
    catchup=False,
    # Ingest continues where the last run ended, so runs must not overlap.
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": RETRY, "execution_timeout": timedelta(hours=12)},
    tags=["swiftlet"],
    doc_md=__doc__,
) as dag:
    if TOPIC:
        ingest = swiftlet("ingest", {"type": "ingest", "input": TOPIC, "output": "${root}/raw/"})
    else:
        ingest = EmptyOperator(task_id="ingest")
    features = swiftlet(
        "features",
        {"type": "features", "input": "${root}/raw/", "output": FEATURES,
         "startDate": "{{ macros.ds_add(ds, %d) }}" % (1 - WINDOW), "endDate": "{{ ds }}"})
    segments = swiftlet(
        "segments",
        {"type": "segment", "input": FEATURES, "output": SEGMENTS, "seed": 42,
         "clusters": CLUSTERS if CLUSTERS == "auto" else int(CLUSTERS)})
    quality = PythonOperator(
        task_id="quality_check", python_callable=check, retries=0,
        op_kwargs={
            "features": features.output, "segments": segments.output,
            "min_users": int(os.environ.get("SWIFTLET_MIN_USERS", "1"))})
    if ATHENA:
        # The view current_segments shows a new day only after it passed the check.
        from airflow.providers.amazon.aws.operators.athena import AthenaOperator

        refresh = AthenaOperator(
            task_id="refresh_tables", query=CURRENT, database="swiftlet", output_location=ATHENA, deferrable=True)
    else:
        # Nothing to refresh: dashboard and queries read the files listed in _SUCCESS.
        refresh = EmptyOperator(task_id="refresh_tables")
    ingest >> features >> segments >> quality >> refresh
