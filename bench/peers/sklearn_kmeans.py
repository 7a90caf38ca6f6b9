"""Milliseconds per Lloyd iteration in scikit-learn, and the final centroids. Arguments: Parquet file, JSON file of initial centroids,
iterations, "intelex" for Intel's implementation. Takes the difference between a long and a short run, so that only iterations count."""

import json
import sys
import time

path, start, iterations, kind = sys.argv[1:]
if kind == "intelex":
    from sklearnex import patch_sklearn

    patch_sklearn(verbose=False)

import numpy as np
import pyarrow.parquet as parquet
from sklearn.cluster import KMeans

table = parquet.read_table(path)
names = [name for name in table.column_names if name != "user_id"]
data = np.ascontiguousarray(np.column_stack([table[name].to_numpy() for name in names]).astype(np.float32))
del table
centres = np.array(json.load(open(start)), dtype=np.float32)


def fit(count):
    model = KMeans(len(centres), init=centres, n_init=1, max_iter=count, tol=0, algorithm="lloyd")
    begin = time.perf_counter()
    model.fit(data)
    return time.perf_counter() - begin, model


first = fit(1)[1].cluster_centers_.tolist()
short, long = [], []
for _ in range(3):
    short.append(fit(1)[0])
    seconds, model = fit(1 + int(iterations))
    long.append(seconds)
print(json.dumps({
    "milliseconds": (min(long) - min(short)) / (model.n_iter_ - 1) * 1e3, "iterations": model.n_iter_,
    "cost": float(model.inertia_), "first": first}))
