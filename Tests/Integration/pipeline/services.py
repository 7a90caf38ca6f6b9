"""The services of the pipeline on loopback: broker, S3 server, driver, workers, dashboard."""

import contextlib
import secrets
from concurrent.futures import ThreadPoolExecutor

from dashboard import Dashboard
from kafka_brokers import Noida
from project import BIN
from s3_servers import SeaweedFS
from web_cluster import WebCluster

BUCKET = "clicks"
TOPIC = "clicks"
WORKERS = 2


class Services(contextlib.ExitStack):
    """Stops the started services in reverse order when its context is left."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        self.root = f"s3://{BUCKET}"

    def start(self, partitions):
        with ThreadPoolExecutor(2) as pool:
            store = pool.submit(SeaweedFS, self.folder / "s3")
            broker = pool.submit(lambda: Noida(self.folder / "kafka").start())
            # Each one is stopped on exit, even if the other fails to start.
            self.callback(lambda: store.exception() or store.result().close())
            self.callback(lambda: broker.exception() or broker.result().stop())
            self.store, self.broker = store.result(), broker.result()
        self.objects = self.store.client()
        self.objects.create_bucket(Bucket=BUCKET)
        self.topic = self.broker.topic(TOPIC, partitions)
        self.env = {
            "AWS_ENDPOINT_URL": self.store.endpoint, "AWS_ACCESS_KEY_ID": self.store.access,
            "AWS_SECRET_ACCESS_KEY": self.store.secret, "AWS_REGION": self.store.region}
        self.secret = self.folder / "secret"
        self.secret.write_text(secrets.token_hex(16) + "\n")
        self.secret.chmod(0o600)
        self.token = secrets.token_hex(16)
        options = ["--secret-file", self.secret, "--event-log", self.folder / "log"]
        self.cluster = self.enter_context(
            WebCluster(self.folder, workers=0, token=self.token, options=options, env=self.env))
        for _ in range(WORKERS):
            self.cluster.worker("--secret-file", self.secret)
        self.dashboard = self.enter_context(Dashboard(self.root, self.folder / "dashboard.log", self.env))

    def submit(self, *arguments):
        """Runs swift-submit with this driver. Returns its output."""
        done = self.broker.run(
            BIN / "swift-submit", "--master", f"swiftlet://{self.cluster.address}", "--secret-file", self.secret, *arguments)
        return done.stdout.strip()

    def mirror(self):
        """Downloads all objects of the bucket with boto3. Returns the folder."""
        folder = self.folder / "mirror"
        pages = self.objects.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        for key in [one["Key"] for page in pages for one in page.get("Contents", [])]:
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            self.objects.download_file(BUCKET, key, str(path))
        return folder
