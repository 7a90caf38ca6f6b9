"""Waits for a job without holding a worker slot."""

import asyncio

from airflow.sdk import BaseHook
from airflow.triggers.base import BaseTrigger, TriggerEvent

from swiftlet_airflow.client import ENDED, Client, Refused, Unknown, Unreachable


class SwiftletJobTrigger(BaseTrigger):
    """Polls the job until it ends. If the driver is unreachable, it may be restarting: keeps trying for `patience_seconds`.

    The token stays in the Airflow connection; the trigger's row in the database contains no secrets."""

    def __init__(self, conn_id, job_id, poll_seconds=10.0, patience_seconds=900.0):
        super().__init__()
        self.conn_id = conn_id
        self.job_id = job_id
        self.poll_seconds = poll_seconds
        self.patience_seconds = patience_seconds

    def serialize(self):
        return (
            "swiftlet_airflow.trigger.SwiftletJobTrigger",
            {"conn_id": self.conn_id, "job_id": self.job_id, "poll_seconds": self.poll_seconds,
             "patience_seconds": self.patience_seconds})

    async def _client(self):
        return Client.of(await BaseHook.aget_connection(self.conn_id))

    async def run(self):
        clock = asyncio.get_running_loop().time
        heard = clock()
        try:
            client = await self._client()
            while True:
                try:
                    # Requests block, so run them on a thread.
                    job = await asyncio.to_thread(client.status, self.job_id)
                    heard = clock()
                    if job.get("state") in ENDED:
                        yield TriggerEvent({"job": job})
                        return
                except Unreachable as error:
                    if clock() - heard > self.patience_seconds:
                        yield TriggerEvent({"lost": str(error)})
                        return
                    self.log.warning("waiting for the driver: %s", error)
                await asyncio.sleep(self.poll_seconds)
        except (Refused, Unknown) as error:
            yield TriggerEvent({"lost": str(error)})

    async def on_kill(self):
        """Called when a user clears the task or sets its state while it waits. Cancels the job."""
        client = await self._client()
        self.log.info("cancelling job %s", self.job_id)
        try:
            await asyncio.to_thread(client.cancel, self.job_id)
        except Unknown:
            self.log.info("the driver no longer knows job %s", self.job_id)
