"""k-means compared with scikit-learn: the same result from the same start, and an equal cost from our own start."""

import json
import pathlib
import subprocess

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import datasets
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from project import BIN

REAL = {
    "iris": (datasets.load_iris, 3),
    "digits": (datasets.load_digits, 10),
    "wine": (datasets.load_wine, 3),
    "breast_cancer": (datasets.load_breast_cancer, 2),
}


def segment(*flags, check=True, **step):
    """Runs one `segment` step. Returns its report, or the error message."""
    step = {key: str(value) if isinstance(value, pathlib.Path) else value for key, value in step.items()}
    run = subprocess.run(
        [BIN / "kmeans-check", json.dumps(step), *flags], capture_output=True, text=True, timeout=300
    )
    if not check:
        assert run.returncode == 1, run.stdout
        return run.stderr
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout) | {"text": run.stderr}


def write_table(folder, data, files=1, row_group=None, ids=None):
    """Writes a feature table as `files` files, in row order."""
    folder.mkdir()
    frame = pd.DataFrame(data, columns=[f"x{index:03}" for index in range(data.shape[1])])
    frame.insert(0, "user_id", [f"u{index}" for index in range(len(frame))] if ids is None else ids)
    for index, rows in enumerate(np.array_split(np.arange(len(frame)), files)):
        table = pa.Table.from_pandas(frame.iloc[rows], preserve_index=False)
        pq.write_table(table, folder / f"part-{index:05}.parquet", row_group_size=row_group)
    return folder


def read_segments(folder):
    files = sorted(folder.glob("part-*.parquet"))
    return pa.concat_tables([pq.read_table(file) for file in files])


def read_model(folder):
    return json.loads((folder / "_model.json").read_text())


def mixture(rows=200_000, columns=16, kinds=6, seed=7):
    """Generates users of several kinds with counts, skewed amounts and shares, like clickstream features."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(kinds, rows, p=rng.dirichlet(np.full(kinds, 4.0)))
    level = rng.gamma(2.0, 1.0, (kinds, columns))
    activity = rng.lognormal(0, 0.4, (rows, 1))
    counts = rng.poisson(level[kind][:, :8] * activity * 6)
    amounts = level[kind][:, 8:12] * rng.gamma(3.0, 1.0, (rows, 4))
    shares = rng.beta(1 + 3 * level[kind][:, 12:], 4)
    return np.hstack([counts, amounts, shares]).astype(np.float64)


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    data = mixture()
    return data, write_table(tmp_path_factory.mktemp("users") / "in", data, files=4, row_group=20_000)


def standardized(data):
    return StandardScaler().fit_transform(data)


def same_as_sklearn(data, folder, out, k, standardize, seed=3):
    """From the same start: the same labels, centroids, iterations and cost."""
    rng = np.random.default_rng(seed)
    start = data[rng.choice(len(data), k, replace=False)]
    (out.parent / "start.json").write_text(json.dumps(start.tolist()))
    scaler = StandardScaler().fit(data)
    if not standardize:
        scaler.mean_, scaler.scale_ = np.zeros(data.shape[1]), np.ones(data.shape[1])
    points = (data - scaler.mean_) / scaler.scale_
    expected = KMeans(k, init=(start - scaler.mean_) / scaler.scale_, n_init=1, max_iter=100, tol=1e-4).fit(points)
    report = segment(
        input=folder, output=out, clusters=k, standardize=standardize, initialCenters=out.parent / "start.json"
    )
    model = read_model(out)
    sizes = np.bincount(expected.labels_, minlength=k)
    # Segments are ordered by size, so match them by centroids.
    centroids = np.array(model["centers"])
    match = [int(np.argmin(((expected.cluster_centers_ - centroid) ** 2).sum(axis=1))) for centroid in centroids]
    assert sorted(match) == list(range(k))
    spread = np.maximum(1, np.abs(expected.cluster_centers_).max())
    assert np.abs(expected.cluster_centers_[match] - centroids).max() <= 1e-5 * spread
    original = expected.cluster_centers_[match] * scaler.scale_ + scaler.mean_
    np.testing.assert_allclose(np.array(model["centersOriginal"]), original, rtol=1e-5, atol=1e-5 * spread)
    found = read_segments(out)
    assert found["user_id"].to_pylist() == [f"u{index}" for index in range(len(data))]
    labels = np.array(match)[found["segment"].to_numpy()]
    np.testing.assert_array_equal(labels, expected.labels_)
    np.testing.assert_array_equal(report["sizes"], sizes[match])
    assert report["sizes"] == sorted(report["sizes"], reverse=True)
    assert report["cost"] == pytest.approx(expected.inertia_, rel=1e-6)
    assert report["iterations"] == expected.n_iter_
    distance = np.sqrt(((points - expected.cluster_centers_[labels]) ** 2).sum(axis=1))
    np.testing.assert_allclose(found["distance"].to_numpy(), distance, rtol=1e-4, atol=1e-5 * spread)
    assert [str(field.type) for field in found.schema] == ["string", "int32", "double"]


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("name", REAL)
def test_lloyd_equals_sklearn(name, standardize, tmp_path):
    load, k = REAL[name]
    data = load().data
    same_as_sklearn(data, write_table(tmp_path / "in", data, files=3), tmp_path / "out", k, standardize)


def test_lloyd_equals_sklearn_on_users(users, tmp_path):
    data, folder = users
    same_as_sklearn(data, folder, tmp_path / "out", 8, True)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", REAL)
def test_cost_of_own_start(name, seed, tmp_path):
    load, k = REAL[name]
    data = load().data
    best = KMeans(k, n_init=10, random_state=0).fit(standardized(data)).inertia_
    report = segment(input=write_table(tmp_path / "in", data, files=2), output=tmp_path / "out", clusters=k, seed=seed)
    assert report["cost"] <= 1.01 * best


@pytest.mark.parametrize("k", [5, 8, 12])
def test_cost_of_own_start_on_users(users, k, tmp_path):
    data, folder = users
    best = KMeans(k, n_init=10, random_state=0).fit(standardized(data)).inertia_
    report = segment(input=folder, output=tmp_path / "out", clusters=k, seed=1)
    print(k, report["cost"] / best, report["seconds"])
    assert report["cost"] <= 1.01 * best


def test_same_seed_same_result(users, tmp_path):
    _, folder = users
    outs = [tmp_path / "a", tmp_path / "b"]
    for out in outs:
        segment(input=folder, output=out, clusters=6, seed=5)
    assert (outs[0] / "_model.json").read_bytes() == (outs[1] / "_model.json").read_bytes()
    assert read_segments(outs[0]).equals(read_segments(outs[1]))


def test_simplified_silhouette(tmp_path):
    data = standardized(datasets.load_iris().data)
    report = segment(input=write_table(tmp_path / "in", data), output=tmp_path / "out", clusters=3)
    distances = np.sort(
        np.sqrt(((data[:, None] - np.array(read_model(tmp_path / "out")["centers"])[None]) ** 2).sum(axis=2))
    )
    assert report["silhouette"] == pytest.approx((1 - distances[:, 0] / distances[:, 1]).mean(), abs=1e-5)


@pytest.mark.parametrize("kinds", [3, 5, 8])
def test_auto_finds_separate_blobs(kinds, tmp_path):
    data, truth = datasets.make_blobs(3000, n_features=6, centers=kinds, cluster_std=1.0, random_state=kinds)
    report = segment(input=write_table(tmp_path / "in", data), output=tmp_path / "out", clusters="auto")
    assert report["clusters"] == kinds
    assert adjusted_rand_score(truth, read_segments(tmp_path / "out")["segment"].to_numpy()) > 0.99
    choice = read_model(tmp_path / "out")["choice"]
    assert [row["clusters"] for row in choice["tried"]] == list(range(2, 11))
    assert choice["clusters"] == kinds and choice["why"]


OUTLIER_CASES = {
    "high": (1e12, 1.0),
    "low": (-1e12, 1.0),
    "large_scale": (1e12, 1e4),
    "far": (1e15, 1.0),
}


@pytest.mark.parametrize("case", OUTLIER_CASES)
def test_outliers_do_not_blur_the_rest(case, tmp_path):
    """Four users at 1e12 must not round 996 users at 50 to 160 to one value."""
    outlier, scale = OUTLIER_CASES[case]
    random = np.random.default_rng(5)
    bulk = np.concatenate([random.uniform(50, 60, 498), random.uniform(150, 160, 498)]) * scale
    data = np.concatenate([bulk, np.full(4, outlier)]).reshape(-1, 1)
    features = write_table(tmp_path / "features", data, files=2)
    report = segment(input=features, output=tmp_path / "out", clusters=3, seed=42)
    assert sorted(report["sizes"]) == [4, 498, 498]
    centers = sorted(center[0] for center in read_model(tmp_path / "out")["centersOriginal"])
    expected = sorted([bulk[:498].mean(), bulk[498:].mean(), outlier])
    np.testing.assert_allclose(centers, expected, rtol=1e-6)
    if case == "far":
        return  # StandardScaler itself blurs the bulk here: its mean is 4e12.
    peer = KMeans(3, n_init=10, random_state=1).fit(StandardScaler().fit_transform(data))
    assert sorted(np.bincount(peer.labels_)) == sorted(report["sizes"])


def test_complete_output_is_up_to_date(tmp_path):
    folder = write_table(tmp_path / "in", datasets.load_iris().data)
    step = dict(input=folder, output=tmp_path / "out", clusters=3)
    first = segment(**step)
    again = segment(**step)
    assert not first["skipped"] and again["skipped"]
    assert {key: again[key] for key in ("sizes", "cost", "text")} == {key: first[key] for key in ("sizes", "cost", "text")}
    assert not segment("--force", **step)["skipped"]
    assert not segment(**step | {"seed": 9})["skipped"]


def feature_frame(rows=500):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "user_id": [f"user-{index}" for index in range(rows)],
            "events": rng.poisson(30, rows).astype("int64"),
            "revenue": rng.gamma(1, 20, rows),
            "night_share": rng.random(rows).astype("float32"),
            "last_seen": pd.Timestamp("2025-04-01") + pd.to_timedelta(rng.integers(0, 10**6, rows), "s"),
        }
    )


@pytest.mark.parametrize("writer", ["pyarrow", "duckdb", "spark"])
def test_tables_from_other_writers(writer, tmp_path):
    frame = feature_frame()
    folder = tmp_path / "in"
    if writer == "spark":
        sql = pytest.importorskip("pyspark.sql")
        spark = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
        try:
            spark.createDataFrame(frame).repartition(2).write.parquet(str(folder))
        finally:
            spark.stop()
    else:
        folder.mkdir()
        if writer == "pyarrow":
            pq.write_table(pa.Table.from_pandas(frame), folder / "a.parquet", row_group_size=100, compression="gzip")
        else:
            duckdb.sql(f"COPY (SELECT * FROM frame) TO '{folder}/a.parquet' (FORMAT parquet)")
    segment(input=folder, output=tmp_path / "out", clusters=4)
    assert read_model(tmp_path / "out")["columns"] == ["events", "revenue", "night_share"]
    found = read_segments(tmp_path / "out")
    assert sorted(found["user_id"].to_pylist()) == sorted(frame["user_id"])
    joined = duckdb.sql(f"SELECT count(*), count(DISTINCT segment) FROM '{tmp_path}/out/part-*.parquet'").fetchall()
    assert joined == [(500, 4)]


def test_errors_are_located(tmp_path):
    frame = feature_frame(100)
    frame.loc[7, "revenue"] = None
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(pa.Table.from_pandas(frame), folder / "a.parquet", row_group_size=5)
    step = dict(input=folder, output=tmp_path / "out", clusters=3)
    error = segment(**step, check=False)
    assert "a.parquet, row 7" in error and "'revenue'" in error and "fill" in error
    assert not (tmp_path / "out").exists()
    segment(**step | {"fill": 0})
    error = segment(**step | {"columns": ["evnts"]}, check=False)
    assert "steps[0].columns[0]" in error and "did you mean 'events'" in error
    assert "timestamp" in segment(**step | {"columns": ["last_seen"]}, check=False)
    assert "steps[0].clusters" in segment(**step | {"clusters": 101}, check=False)
    assert f"{tmp_path}/nothing: cannot read its status" in segment(**step | {"input": tmp_path / "nothing"}, check=False)
    assert "idColumn" in segment(**step | {"idColumn": "userid"}, check=False)
