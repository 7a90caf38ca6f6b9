"""One Swiftlet job as an Airflow task."""

import hashlib
import re
import time
from datetime import timedelta

from airflow.sdk import BaseHook, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from swiftlet_airflow.client import ENDED, Client, Refused, Unknown, Unreachable
from swiftlet_airflow.trigger import SwiftletJobTrigger


class SwiftletJobOperator(BaseOperator):
    """Submits a job over the REST API and waits until it ends, deferred by default. Pushes the steps and their results as XCom.

    Idempotent: the job id contains the run and the try number. When a task is retried after its Airflow worker died, it waits for the
    job of the earlier try if that is still running. Failed jobs are retried by the task's retries. Jobs that were cancelled or
    rejected by the driver fail the task without a retry."""

    template_fields = ("job", "variables", "conf")
    template_fields_renderers = {"job": "json"}

    def __init__(
        self, *, job, variables=None, conf=None, force=False, conn_id="swiftlet_default", deferrable=True, poll_seconds=10.0,
        limit=timedelta(hours=12), **kwargs):
        super().__init__(**kwargs)
        self.job = job
        self.variables = variables or {}
        self.conf = conf or {}
        self.force = force
        self.conn_id = conn_id
        self.deferrable = deferrable
        self.poll_seconds = poll_seconds
        self.limit = limit
        self._running = None

    def execute(self, context):
        client = Client.of(BaseHook.get_connection(self.conn_id))
        try:
            job = self._submitted(client, context["ti"])
        except Refused as error:
            raise AirflowFailException(str(error)) from None
        except (Unreachable, Unknown) as error:
            raise AirflowException(str(error)) from None
        self._running = job["id"]
        self.log.info("job %s is %s", job["id"], job["state"])
        if job["state"] in ENDED:
            return self._result(job)
        if self.deferrable:
            self.defer(
                trigger=SwiftletJobTrigger(self.conn_id, job["id"], self.poll_seconds), method_name="resume", timeout=self.limit)
        return self._result(self._wait(client, job["id"]))

    def resume(self, context, event):
        if "lost" in event:
            raise AirflowException(event["lost"])
        return self._result(event["job"])

    def on_kill(self):
        """Cancels the job when the task is killed while running on a worker."""
        if self._running:
            self.log.info("cancelling job %s", self._running)
            try:
                Client.of(BaseHook.get_connection(self.conn_id)).cancel(self._running)
            except (Refused, Unknown, Unreachable) as error:
                self.log.warning("cannot cancel job %s: %s", self._running, error)

    def _submitted(self, client, task):
        """Returns the job of an earlier try if it is still running, else submits a new one."""
        for earlier in range(task.try_number - 1, 0, -1):
            try:
                job = client.status(job_id(task, earlier))
            except Unknown:
                continue
            if job["state"] not in ENDED:
                self.log.info("waiting for job %s of try %d", job["id"], earlier)
                return job
            break
        name = job_id(task, task.try_number)
        return {"id": name} | client.submit(name, self.job, self.variables, self.conf, self.force)

    def _wait(self, client, name):
        end = time.monotonic() + self.limit.total_seconds()
        while time.monotonic() < end:
            try:
                job = client.status(name)
            except (Refused, Unknown, Unreachable) as error:
                raise AirflowException(str(error)) from None
            if job["state"] in ENDED:
                return job
            time.sleep(self.poll_seconds)
        client.cancel(name)
        raise AirflowException(f"job {name} did not finish within {self.limit} and was cancelled")

    def _result(self, job):
        if job["state"] == "cancelled":
            raise AirflowFailException(f"job {job['id']} was cancelled")
        if job["state"] == "failed":
            raise AirflowException(f"job {job['id']} failed: {job.get('error') or 'no error message'}")
        return {"id": job["id"], "steps": job.get("steps", [])}


def job_id(task, number):
    """Returns a readable job id of at most 64 characters that is unique per run, task, mapped index and try."""
    run = f"{task.dag_id}/{task.task_id}/{getattr(task, 'map_index', -1)}/{task.run_id}"
    readable = re.sub(r"[^A-Za-z0-9]+", "-", f"{task.dag_id}-{task.task_id}-{task.run_id}").strip("-")[:44].rstrip("-")
    return f"{readable}-{hashlib.sha256(run.encode()).hexdigest()[:10]}-{number}"
