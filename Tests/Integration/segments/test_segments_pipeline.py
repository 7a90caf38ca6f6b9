"""Features and segments of 200,000 generated users, compared with scikit-learn."""

import json

import duckdb
import numpy as np
import pytest
from sklearn.cluster import KMeans

from processes import generate_events, submit

USERS = 200_000
CLUSTERS = 6


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    root = tmp_path_factory.mktemp("pipeline")
    generate_events(root / "raw", 12 * USERS, USERS, seed=3, start_date="2025-04-01", days=14)
    [step] = submit([
        {"type": "features", "input": str(root / "raw"), "output": str(root / "features"), "startDate": "2025-04-01",
         "endDate": "2025-04-14"}], "--master", "local[2]", limit=300)["steps"]
    assert step["recordsRead"] == 12 * USERS
    frame = duckdb.sql(f"SELECT * EXCLUDE (first_seen, last_seen) FROM '{root}/features/*.parquet' ORDER BY user_id").df()
    assert len(frame) == step["rowsWritten"] > 0.99 * USERS
    return root, frame


def standardized(frame):
    data = frame.drop(columns="user_id").to_numpy(dtype=np.float64)
    mean, scale = data.mean(axis=0), data.std(axis=0)
    return (data - mean) / np.where(scale > 0, scale, 1), mean, scale


def segment(root, name, **parameters):
    [step] = submit(
        [{"type": "segment", "input": str(root / "features"), "output": str(root / name), "clusters": CLUSTERS, **parameters}],
        "--master", "local[2]", limit=300)["steps"]
    model = json.loads((root / name / "_model.json").read_text())
    labels = duckdb.sql(f"SELECT segment FROM '{root}/{name}/*.parquet' ORDER BY user_id").fetchnumpy()["segment"]
    return step, model, labels


def test_lloyd_equals_sklearn(table):
    root, frame = table
    data, mean, scale = standardized(frame)
    start = data[np.random.default_rng(5).choice(len(data), CLUSTERS, replace=False)]
    (root / "start.json").write_text(json.dumps((start * scale + mean).tolist()))
    _, model, labels = segment(root, "from_start", initialCenters=str(root / "start.json"))
    peer = KMeans(CLUSTERS, init=start, n_init=1, algorithm="lloyd", tol=1e-4, max_iter=100).fit(data)
    ours = np.array(model["centers"])
    # Our segments are ordered by size, so match each with the peer's nearest centroid.
    nearest = np.linalg.norm(ours[:, None] - peer.cluster_centers_[None], axis=2).argmin(axis=1)
    assert sorted(nearest) == list(range(CLUSTERS))
    assert np.abs(ours - peer.cluster_centers_[nearest]).max() < 1e-5
    assert np.array_equal(nearest[labels], peer.labels_)


def test_own_start_is_as_good_as_sklearns_best_of_ten(table):
    root, frame = table
    data, _, _ = standardized(frame)
    step, model, labels = segment(root, "own_start", seed=1)
    best = KMeans(CLUSTERS, n_init=10, random_state=0).fit(data.astype(np.float32)).inertia_
    assert model["cost"] <= 1.01 * best
    assert list(np.bincount(labels)) == step["sizes"] == sorted(step["sizes"], reverse=True)
