"""The daily pipeline: ingest events from the topic, compute features up to yesterday, segment, check quality, refresh tables.

Environment variables of Airflow's scheduler and workers:
SWIFTLET_ROOT (s3://bucket/prefix, or a folder shared by driver and workers), SWIFTLET_TOPIC (kafka://broker:9092/topic;
without it, the events must already be there), SWIFTLET_WINDOW_DAYS (21), SWIFTLET_CLUSTERS (a number or auto),
SWIFTLET_ATHENA_RESULTS (s3://bucket/prefix for Athena's results; without it, no table is refreshed).
The Airflow connection `swiftlet_default` has the driver's host and port, and its token as password."""

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

# `ds` is the day being processed. Each day has its own output folders, so that runs can be compared.
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
    # A run starts when its day is over, and `ds` is that day. With "@daily", `ds` would be the day that just started.
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=datetime(2025, 4, 1),
    catchup=False,
    # Ingest continues where the last run ended, so days must not overlap.
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
            "least_users": int(os.environ.get("SWIFTLET_LEAST_USERS", "1"))})
    if ATHENA:
        # current_segments shows a new day only after the quality check.
        from airflow.providers.amazon.aws.operators.athena import AthenaOperator

        refresh = AthenaOperator(
            task_id="refresh_tables", query=CURRENT, database="swiftlet", output_location=ATHENA, deferrable=True)
    else:
        # Nothing to refresh: readers follow the _SUCCESS of each folder.
        refresh = EmptyOperator(task_id="refresh_tables")
    ingest >> features >> segments >> quality >> refresh
