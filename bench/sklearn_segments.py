"""k-means with silhouette by scikit-learn on a feature table: folder, clusters."""

import json
import sys

import numpy as np
import pyarrow.parquet as parquet
from sklearn.cluster import KMeans

folder, clusters = sys.argv[1:]
table = parquet.read_table(folder)
columns = [f.name for f in table.schema if f.type in ("int64", "double")]
data = np.column_stack([table[name].to_numpy() for name in columns])
scale = data.std(axis=0)
data = ((data - data.mean(axis=0)) / np.where(scale > 0, scale, 1)).astype(np.float32)
model = KMeans(int(clusters), n_init=10, random_state=0).fit(data)
distances = np.sort(model.transform(data), axis=1)[:, :2]
print(json.dumps({"cost": float(model.inertia_), "silhouette": float(np.mean(1 - distances[:, 0] / distances[:, 1]))}))
