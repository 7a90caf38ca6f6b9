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


class JobError(Exception):
    """What went wrong, complete for a person."""


def tell(event, **more):
    """One line for whoever started this program."""
    print("SWIFTLET " + json.dumps({"event": event, **more}), flush=True)


def place(uri):
    """Where Hadoop finds what a job file names."""
    if uri.startswith("s3://"):
        return "s3a://" + uri.removeprefix("s3://")
    return "file:" + uri if uri.startswith("/") else uri


# What a run leaves in its output, here or under Swiftlet's own drivers.
PRODUCTS = re.compile(r"_SUCCESS|part-[^/]*|_rejected/part-[^/]*|_model\.json|_report\.html|\.[^/]*\.crc")


class Files:
    """Small files and listings, through the file systems that Spark itself uses."""

    def __init__(self, spark):
        self.jvm = spark._jvm
        self.conf = spark._jsc.hadoopConfiguration()

    def _open(self, uri):
        path = self.jvm.org.apache.hadoop.fs.Path(uri)
        return path.getFileSystem(self.conf), path

    def read(self, uri):
        """None where there is no such file."""
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
        """Files below a folder, or the one file; none whose name, or that of a folder on the way, begins with '_' or '.'."""
        system, path = self._open(uri)
        if not system.exists(path):
            raise JobError(f"{uri} is not there")
        root = system.getFileStatus(path).getPath().toString()
        found, listing = [], system.listFiles(path, True)
        while listing.hasNext():
            name = listing.next().getPath().toString()
            if not any(part.startswith(("_", ".")) for part in name[len(root):].split("/")):
                found.append(name)
        return sorted(found)

    def output(self, uri):
        """The folder for a step's output. Spark would replace whatever is there: what no run has left is an error instead."""
        system, path = self._open(uri)
        if not system.exists(path):
            return uri
        status = system.getFileStatus(path)
        if not status.isDirectory():
            raise JobError(f"{uri}: is a file; expected a folder for the output")
        root, names, listing = status.getPath().toString().rstrip("/"), [], system.listFiles(path, True)
        while listing.hasNext():
            names.append(listing.next().getPath().toString()[len(root) + 1:])
        # A run that was killed has left nothing but this.
        names = sorted(name for name in names if not name.startswith("_temporary/"))
        foreign = [name for name in names if "_SUCCESS" not in names or not PRODUCTS.fullmatch(name)]
        if foreign:
            raise JobError(
                f"{uri}: holds '{foreign[0]}', which no complete run wrote and a new output would remove; move or delete it, or"
                " choose another output folder")
        return uri

    def inputs(self, uri):
        """Exactly the files that the folder's _SUCCESS lists, where Swiftlet wrote it; else all there are."""
        manifest = self.read(uri.rstrip("/") + "/_SUCCESS") if not uri.endswith((".jsonl", ".zst", ".gz", ".parquet")) else None
        listed = json.loads(manifest).get("files") if manifest else None
        files = [f"{uri.rstrip('/')}/{one['name']}" for one in listed] if listed is not None else self.list(uri)
        if not files:
            raise JobError(f"{uri} holds no files")
        return files
