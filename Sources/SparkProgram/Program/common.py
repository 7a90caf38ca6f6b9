import datetime
import json
import math
import re
import sys
import time
import traceback

import numpy as np
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F


# By type: a function of the Spark session and the step's fields, which returns the report's values and text.
STEPS = {}


class JobError(Exception):
    """An error with a complete message for the user."""


def report(event, **more):
    """Writes an event for the process that started this program."""
    print("SWIFTLET " + json.dumps({"event": event, **more}), flush=True)


def hadoop_path(uri):
    """Converts a path or URI from a job file to one that Hadoop understands."""
    if uri.startswith("s3://"):
        return "s3a://" + uri.removeprefix("s3://")
    return "file:" + uri if uri.startswith("/") else uri


# Files that a run writes to its output, on Spark or on Swiftlet.
PRODUCTS = re.compile(r"_SUCCESS|part-[^/]*|_rejected/part-[^/]*|_model\.json|_report\.html|\.[^/]*\.crc")


# On S3, a file of a run that was not committed or that a later run replaced.
UNPUBLISHED = re.compile(r"-[0-9a-f]{16}(\.[^/]*)?$")


def literal(path):
    """Escapes a path for Spark's readers, which take it as a glob."""
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", path)


class Files:
    """Small files and listings through Spark's own file systems."""

    def __init__(self, spark):
        self.jvm = spark._jvm
        self.conf = spark._jsc.hadoopConfiguration()

    def _open(self, uri):
        path = self.jvm.org.apache.hadoop.fs.Path(uri)
        return path.getFileSystem(self.conf), path

    def read(self, uri):
        """Returns the text of a file, or None if it does not exist."""
        system, path = self._open(uri)
        if not system.exists(path):
            return None
        stream = system.open(path)
        try:
            return self.jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8")
        finally:
            stream.close()

    def write(self, uri, text):
        system, path = self._open(uri)
        stream = system.create(path, True)
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()

    def list(self, uri):
        """Returns all files in a folder, or the file itself. Skips names that start with '_' or '.', of files and of folders."""
        system, path = self._open(uri)
        if not system.exists(path):
            raise JobError(f"{uri} does not exist")
        root = system.getFileStatus(path).getPath().toString()
        found, listing = [], system.listFiles(path, True)
        while listing.hasNext():
            name = listing.next().getPath().toString()
            if not any(part.startswith(("_", ".")) for part in name[len(root):].split("/")):
                found.append(name)
        return sorted(found)

    def output(self, uri):
        """Checks and returns the output folder. Spark would delete foreign files in it, so they are an error."""
        system, path = self._open(uri)
        if not system.exists(path):
            return uri
        status = system.getFileStatus(path)
        if not status.isDirectory():
            raise JobError(f"{uri}: is a file; expected a folder for the output")
        root, names, listing = status.getPath().toString().rstrip("/"), [], system.listFiles(path, True)
        while listing.hasNext():
            names.append(listing.next().getPath().toString()[len(root) + 1:])
        # Left by a killed run.
        names = sorted(name for name in names if not name.startswith("_temporary/"))
        foreign = [name for name in names if "_SUCCESS" not in names or not PRODUCTS.fullmatch(name)]
        if foreign:
            raise JobError(
                f"{uri}: contains '{foreign[0]}', which no complete run wrote and a new output would remove; move or delete it, or"
                " choose another output folder")
        return uri

    def inputs(self, uri):
        """Returns the files of an input as Spark reads them. A file that a Swiftlet _SUCCESS lists must exist; others are read too."""
        folder = uri.rstrip("/")
        manifest = self.read(folder + "/_SUCCESS") if not uri.endswith((".jsonl", ".zst", ".gz", ".parquet")) else None
        listed = json.loads(manifest).get("files") if manifest else None
        files = self.list(uri)
        if listed is not None:
            listed = [f"{folder}/{one['name']}" for one in listed]
            gone = sorted(set(listed) - set(files))
            if gone:
                raise JobError(f"{gone[0]} is listed in _SUCCESS but does not exist")
            files = [name for name in files if name in listed or not (name.startswith("s3") and UNPUBLISHED.search(name))]
        if not files:
            raise JobError(f"{uri} has no files")
        return [literal(name) for name in files]
