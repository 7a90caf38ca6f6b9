"""Waits for a job without occupying an Airflow worker slot."""

import asyncio

from airflow.sdk import BaseHook
from airflow.triggers.base import BaseTrigger, TriggerEvent

from swiftlet_airflow.client import ENDED, Client, Refused, Unknown, Unreachable


class SwiftletJobTrigger(BaseTrigger):
    """Polls the job until it ends. Waits up to `patience_seconds` for a driver that does not respond, because it may be restarting.

    The token stays in the connection. The serialized trigger contains no secrets."""

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
        last_answer = clock()
        try:
            client = await self._client()
            while True:
                try:
                    # Requests block, so they run on a thread.
                    job = await asyncio.to_thread(client.status, self.job_id)
                    last_answer = clock()
                    if job.get("state") in ENDED:
                        yield TriggerEvent({"job": job})
                        return
                except Unreachable as error:
                    if clock() - last_answer > self.patience_seconds:
                        yield TriggerEvent({"lost": str(error)})
                        return
                    self.log.warning("waiting for the driver: %s", error)
                await asyncio.sleep(self.poll_seconds)
        except (Refused, Unknown) as error:
            yield TriggerEvent({"lost": str(error)})

    async def on_kill(self):
        """Cancels the job when the task was cleared or its state was set while it waited."""
        client = await self._client()
        self.log.info("cancelling job %s", self.job_id)
        try:
            await asyncio.to_thread(client.cancel, self.job_id)
        except Unknown:
            self.log.info("the driver no longer knows job %s", self.job_id)
