"""Every day: events of the topic into files, features of the days up to yesterday, segments, a check, then the tables.

Settings are environment variables of the scheduler and the workers:
SWIFTLET_ROOT (s3://bucket/prefix or a folder that driver and workers share), SWIFTLET_TOPIC (kafka://broker:9092/topic;
without it the events are there already), SWIFTLET_WINDOW_DAYS (21), SWIFTLET_CLUSTERS (a number or auto),
SWIFTLET_ATHENA_RESULTS (s3://bucket/prefix for Athena's results; without it there is no table to refresh).
The driver is the Airflow connection `swiftlet_default`: host, port, and its token as password."""

import os
from datetime import datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

from swiftlet_airflow.operator import SwiftletJobOperator
from swiftlet_airflow.quality import check

ROOT = os.environ.get("SWIFTLET_ROOT", "data").rstrip("/")
TOPIC = os.environ.get("SWIFTLET_TOPIC")
WINDOW = int(os.environ.get("SWIFTLET_WINDOW_DAYS", "21"))
CLUSTERS = os.environ.get("SWIFTLET_CLUSTERS", "auto")
ATHENA = os.environ.get("SWIFTLET_ATHENA_RESULTS")
POLL = float(os.environ.get("SWIFTLET_POLL_SECONDS", "10"))
RETRY = timedelta(seconds=float(os.environ.get("SWIFTLET_RETRY_SECONDS", "120")))

# `ds` is the day that a run is about. Outputs are a folder a day, so that yesterday's stay and movement can be seen.
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
    schedule="@daily",
    start_date=datetime(2025, 4, 1),
    catchup=False,
    # Ingest goes on where the last run ended: one day at a time.
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
        # Who asks for current_segments sees a new day only once it passed the check.
        from airflow.providers.amazon.aws.operators.athena import AthenaOperator

        refresh = AthenaOperator(
            task_id="refresh_tables", query=CURRENT, database="swiftlet", output_location=ATHENA, deferrable=True)
    else:
        # Nothing to tell: pages and queries take what the _SUCCESS of a folder lists.
        refresh = EmptyOperator(task_id="refresh_tables")
    ingest >> features >> segments >> quality >> refresh
