"""Finds pipeline runs in a local folder or s3://bucket/prefix. features/ and user_segments/ hold either one output or one folder per day
(dt=2025-04-21/)."""

import dataclasses
import functools
import json
import os
import re

import pyarrow.dataset
import pyarrow.fs

DAY = re.compile(r"dt=(\d{4}-\d\d-\d\d)$")
SUCCESS = "_SUCCESS"


class StoreError(Exception):
    """A problem with the data. The message is shown on the page."""


@dataclasses.dataclass(frozen=True)
class Output:
    """A complete output folder. Only files listed in its _SUCCESS belong to it."""

    store: "Store"
    folder: str
    manifest: dict

    @property
    def fingerprint(self):
        return self.manifest["fingerprint"]

    def table(self):
        """Returns the Parquet files as a dataset that DuckDB can stream. Reads nothing yet."""
        files = [f"{self.store.path}/{self.folder}/{one['name']}" for one in self.manifest["files"]]
        if not files:
            raise StoreError(f"{self.folder} has no files")
        return pyarrow.dataset.dataset(files, format="parquet", filesystem=self.store.files)

    def json(self, name):
        text = self.store.read(f"{self.folder}/{name}")
        if text is None:
            raise StoreError(f"{self.folder}/{name} is missing; was this output written by the segment step?")
        return json.loads(text)

    def rejected(self, limit):
        """Returns up to `limit` of the saved rejected lines."""
        lines = []
        for one in self.manifest.get("sideFiles", []):
            if one["name"].startswith("_rejected/") and len(lines) < limit:
                lines += (self.store.read(f"{self.folder}/{one['name']}") or b"").splitlines()
        return [json.loads(line) for line in lines[:limit]]


@dataclasses.dataclass(frozen=True)
class Run:
    """Segments and the features they were computed from."""

    name: str
    segments: Output
    features: Output | None

    @property
    def key(self):
        """Identifies the data: equal keys mean equal data."""
        features = self.features and self.features.fingerprint
        return (self.segments.store.path, self.segments.folder, self.segments.fingerprint, features)

    @functools.cached_property
    def model(self):
        return self.segments.json("_model.json")


class Store:
    def __init__(self, root):
        if root.startswith("s3://"):
            # Credentials come from the default AWS chain: environment, profile, instance.
            endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
            scheme, _, host = endpoint.rpartition("://")
            options = {"endpoint_override": host, "scheme": scheme or "https"} if host else {}
            if region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
                options["region"] = region
            self.files = pyarrow.fs.S3FileSystem(connect_timeout=10, request_timeout=60, **options)
            self.path = root.removeprefix("s3://").rstrip("/")
        else:
            self.files = pyarrow.fs.LocalFileSystem()
            self.path = os.path.abspath(root.removeprefix("file://").removeprefix("file:"))

    def read(self, name):
        """Returns the bytes of a file, or None if it does not exist."""
        try:
            with self.files.open_input_stream(f"{self.path}/{name}") as stream:
                return stream.read()
        except FileNotFoundError:
            return None

    def output(self, folder):
        """Returns the output in a folder, or None if it is incomplete."""
        text = self.read(f"{folder}/{SUCCESS}")
        # An empty _SUCCESS comes from another program.
        return Output(self, folder, json.loads(text)) if text else None

    def days(self, folder):
        """Returns the dates of the dt=… folders, newest first."""
        selector = pyarrow.fs.FileSelector(f"{self.path}/{folder}", allow_not_found=True)
        found = (DAY.search(one.path.rstrip("/")) for one in self.files.get_file_info(selector))
        return sorted((match[1] for match in found if match), reverse=True)

    def runs(self, limit=60):
        """Returns up to `limit` runs, newest first."""
        names = [(day, f"/dt={day}") for day in self.days("user_segments")[:limit]] or [("latest", "")]
        runs = []
        for name, suffix in names:
            segments = self.output(f"user_segments{suffix}")
            if segments and segments.manifest.get("step") == "segment":
                runs.append(Run(name, segments, self.output(f"features{suffix}")))
        return runs
