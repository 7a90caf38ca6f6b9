"""Inputs of the benchmark, generated once under data/bench, and jobs on them."""

import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = Path(os.environ.get("SWIFTLET_BIN", ".build/release")).resolve()
DATA = Path(os.environ.get("SWIFTLET_BENCH_DATA", HERE.parent / "data" / "bench")).resolve()
DAYS = {"startDate": "2025-04-01", "endDate": "2025-04-16"}


def events(count, form="jsonl"):
    folder = DATA / f"{form}-{count}"
    if not (folder / "_SUCCESS").exists():
        subprocess.run(
            [BIN / "swift-events", "--events", str(count), "--users", str(max(count // 40, 1)), "--seed", "7",
             "--start-date", "2025-04-01", "--days", "16", "--format", form, "--output", folder], check=True)
    return folder


def size(folder):
    return sum(file.stat().st_size for file in folder.glob("dt=*/*"))


def points(rows, columns, clusters):
    """Returns a Parquet file of float32 points around `clusters` centroids, and a JSON file of initial centroids."""
    path, start = DATA / f"points-{rows}x{columns}.parquet", DATA / f"start-{rows}x{columns}-{clusters}.json"
    if not (path.exists() and start.exists()):
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as parquet

        DATA.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(5)
        # Clusters overlap, so that points keep changing cluster.
        centres = random.normal(size=(clusters, columns)) * 1.5
        values = (centres[random.integers(0, clusters, rows)] + random.normal(size=(rows, columns))).astype(np.float32)
        start.write_text(json.dumps(values[random.choice(rows, clusters, replace=False)].astype(float).tolist()))
        names = {f"c{column:02}": values[:, column] for column in range(columns)}
        parquet.write_table(
            pa.table({"user_id": np.arange(rows), **names}), path, row_group_size=rows // 16, compression="none",
            use_dictionary=False)
    return path, start


def job(name, *steps):
    path = DATA / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"name": name, "steps": list(steps)}))
    return path


def features(raw, output):
    return {"type": "features", "input": str(raw), "output": str(output), **DAYS}


def submit(path, master="local[2]", *options):
    return [BIN / "swift-submit", "--quiet", "--force", *options, "--master", master, path]
