"""Benchmarks Swiftlet and its peers in turn: the same work on the same files, each in a separate process. Prints a table and writes it
as JSON: median, ratio to Swiftlet, peak memory of all processes, goals met and missed."""

import argparse
import json
import os
import shutil
import sys

import work_features
import work_kmeans
import work_tasks
from data import DATA, HERE

ROWS = {
    "features": work_features.jsonl, "features-zst": work_features.zst, "features-1": work_features.one,
    "kmeans-small": work_kmeans.small, "kmeans-large": work_kmeans.large, "pipeline": work_kmeans.pipeline,
    "noop-tasks": work_tasks.noop, "start": work_tasks.start, "local-cluster": work_features.local_cluster,
    "scaling": work_features.scaling,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(ROWS)}; default: all")
    parser.add_argument("--events", type=int, default=4_000_000)
    parser.add_argument("--runs", type=int, default=5, help="after a warm-up")
    parser.add_argument("--no-spark", dest="spark", action="store_false", help="leave PySpark out: it takes most of the time")
    parser.add_argument("--json", default=HERE / "results.json", help="file for the results; keeps its other rows")
    options = parser.parse_args()
    for name in options.names:
        if name not in ROWS:
            parser.error(f"unknown row '{name}'; known: {', '.join(ROWS)}")
    DATA.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(DATA).free < 8 << 30:
        sys.exit("needs 8 GB of free disk")
    results = {}
    if os.path.exists(options.json):
        with open(options.json) as file:
            results = json.load(file).get("rows", {})
    for name in options.names or ROWS:
        row = ROWS[name](options)
        row.show()
        results[name] = row.json() | {"cores": os.cpu_count(), "load": os.getloadavg()[0]}
        with open(options.json, "w") as file:
            json.dump({"rows": results}, file, indent=2)
            file.write("\n")


if __name__ == "__main__":
    main()
