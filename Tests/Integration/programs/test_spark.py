"""The same job file on Apache Spark: identical features, segments of the same quality."""

import ast
import gzip
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import duckdb
import pyarrow as pa
import pytest

from features_maker import Maker
from project import BIN

SUBMIT = BIN / "swift-submit"
LIMIT = 600
# spark-submit of pyspark, and the Python for the program.
ENVIRONMENT = {
    **os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}", "PYSPARK_PYTHON": sys.executable,
    "SPARK_LOCAL_IP": "127.0.0.1"}
FEATURES = {"type": "features", "startDate": "2025-04-01", "endDate": "2025-04-03", "maxRejectedShare": 0.5}


def submit(folder, steps, *options, conf=None, name="it's a \\ '''job'''"):
    job = folder / "job.json"
    job.write_text(json.dumps({"name": name, "steps": steps, "conf": conf or {}}))
    return subprocess.run([SUBMIT, *options, job], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=LIMIT)


def steps(output):
    return [
        {**FEATURES, "input": "raw", "output": f"{output}/features", "sessionGapMinutes": 20, "rejectedCap": 5},
        {"type": "segment", "input": f"{output}/features", "output": f"{output}/segments", "clusters": 4, "seed": 3}]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Events that are hard to parse, plain and compressed, and events of distinct kinds of users."""
    root = tmp_path_factory.mktemp("spark")
    (root / "raw/dt=2025-04-01").mkdir(parents=True)
    hard = Maker(11, extreme=False)
    (root / "raw/hard.jsonl").write_bytes(hard.file(2500, spoiled=0.05))
    (root / "raw/dt=2025-04-01/hard.jsonl.zst").write_bytes(
        pa.compress(hard.file(800), codec="zstd", asbytes=True) + pa.compress(hard.file(800), codec="zstd", asbytes=True))
    rand, lines = random.Random(5), []
    for user in range(400):
        kind = user % 4
        for _ in range(3 + 20 * kind):
            lines.append({
                "event_type": rand.choice(["page_view", "click", ["search", "purchase"][kind % 2]]), "user_id": f"k{user}",
                "timestamp": 1_743_465_600_000 + (rand.randrange(86_400_000) + 21_600_000 * kind) % (2 * 86_400_000),
                "price": 10.0 + kind, "duration_ms": 1000 * rand.random() * (kind + 1), "device": ["mobile", "desktop"][kind // 2]})
    (root / "raw/kinds.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    return root


def test_features_and_segments(root):
    ours = submit(root, steps("ours"), "--json", "--master", "local[2]")
    assert ours.returncode == 0, ours.stderr
    options = ("--json", "--master", "spark-local[2]")
    theirs = submit(root, steps("theirs"), *options, conf={"spark.ui.enabled": False})
    assert theirs.returncode == 0, theirs.stderr
    ours, theirs = json.loads(ours.stdout), json.loads(theirs.stdout)
    assert theirs["status"] == "done" and theirs["id"].startswith("local-")
    for name in ("recordsRead", "recordsRejected", "recordsOutsideRange", "rowsWritten", "rejectedByReason"):
        assert theirs["steps"][0][name] == ours["steps"][0][name], name
    assert ours["steps"][0]["recordsRejected"] > 50
    same_features(root)
    kept = (root / "theirs/features/_rejected/part-00000.jsonl").read_text().splitlines()
    assert len(kept) == 5 and all(json.loads(line)["reason"] in ours["steps"][0]["rejectedByReason"] for line in kept)
    # Quality and completeness are the same.
    assert theirs["steps"][1]["cost"] == pytest.approx(ours["steps"][1]["cost"], rel=0.01)
    assert theirs["steps"][1]["silhouette"] == pytest.approx(ours["steps"][1]["silhouette"], abs=0.02)
    models = [json.loads((root / one / "segments/_model.json").read_text()) for one in ("ours", "theirs")]
    assert models[0].keys() == models[1].keys() and models[0]["columns"] == models[1]["columns"]
    assert models[1]["mean"] == pytest.approx(models[0]["mean"]) and models[1]["scale"] == pytest.approx(models[0]["scale"])
    sizes = duckdb.sql(f"SELECT segment, count(*) FROM '{root}/theirs/segments/*.parquet' GROUP BY segment ORDER BY segment")
    assert [count for _, count in sizes.fetchall()] == models[1]["sizes"] == theirs["steps"][1]["sizes"]
    # A Swiftlet step reads Spark's output.
    again = submit(root, [{**steps("ours")[1], "input": "theirs/features", "output": "again"}], "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["steps"][0]["cost"] == pytest.approx(ours["steps"][1]["cost"])


def same_features(root):
    def rows(folder):
        instants = "epoch_ms(first_seen) AS first_seen, epoch_ms(last_seen) AS last_seen"
        relation = duckdb.sql(
            f"SELECT * REPLACE (encode(user_id) AS user_id, {instants}) FROM '{root}/{folder}/features/part-*.parquet'"
            " ORDER BY user_id")
        return relation.columns, list(map(str, relation.types)), relation.fetchall()

    names, kinds, ours = rows("ours")
    assert (names, kinds) == rows("theirs")[:2] and len(ours) > 500
    for one, other in zip(ours, rows("theirs")[2], strict=True):
        for name, a, b in zip(names, one, other):
            assert a == b or isinstance(a, float) and abs(a - b) <= 1e-9 * max(1, abs(b)), (name, one, other)


def test_explain_shows_the_program(root):
    done = submit(root, steps("x"), "--explain", "--master", "spark-local[2]", conf={"s3.secretAccessKey": "hush"})
    assert done.returncode == 0, done.stderr
    assert "hush" not in done.stdout and not (root / "x").exists()
    tree = ast.parse(done.stdout)
    [literal] = [one.value.args[0].value for one in tree.body if isinstance(one, ast.Assign) and getattr(one.targets[0], "id", "") == "JOB"]
    job = json.loads(literal)
    assert job["name"] == "it's a \\ '''job'''" and [step["type"] for step in job["steps"]] == ["features", "segment"]
    assert job["steps"][0]["input"] == str(root / "raw") and job["steps"][1]["tolerance"] == 1e-4


def test_failures_are_reported_like_ours(root, tmp_path):
    run = submit(root, [{**steps("bad")[0], "maxRejectedShare": 0.001}], "--json", "--master", "spark-local[1]")
    assert run.returncode == 1
    told = json.loads(run.stdout)
    assert told["status"] == "failed" and "lines of" in told["error"] and "maxRejectedShare 0.001" in told["error"]
    assert not (root / "bad/features").exists()
    bare = {**ENVIRONMENT, "PATH": "/nowhere", "SPARK_HOME": ""}
    job = root / "job.json"
    run = subprocess.run([SUBMIT, "--master", "spark://127.0.0.1:1", job], env=bare, capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and "spark-submit" in run.stderr
    wrong = [{"type": "segment", "input": "a", "output": "b", "clusters": 0}]
    assert submit(root, wrong, "--master", "spark-local[1]").returncode == 2
    assert submit(root, steps("x"), "--master", "spark-local[0]").returncode == 2


def test_foreign_files_are_not_replaced(root):
    """Spark's overwrite mode would delete foreign files. Only an earlier output may be replaced."""
    (root / "foreign").mkdir()
    (root / "foreign/mine.txt").write_text("mine")
    again, foreign = ({**steps("theirs")[1], "output": output} for output in ("theirs/segments", "foreign"))
    run = submit(root, [again, foreign], "--json", "--master", "spark-local[2]", conf={"spark.ui.enabled": False})
    told = json.loads(run.stdout)
    assert run.returncode == 1 and len(told["steps"]) == 1, run.stderr
    assert "contains 'mine.txt', which no complete run wrote" in told["error"]
    assert (root / "foreign/mine.txt").read_text() == "mine"


def test_interrupt_leaves_nothing_running(root):
    job = root / "job.json"
    job.write_text(json.dumps({"name": "stopped", "steps": steps("stopped")}))
    mark = f"swiftlet-test-{os.getpid()}"
    process = subprocess.Popen(
        [SUBMIT, "--json", "--master", "spark-local[1]", "--name", mark, job], cwd=root, env=ENVIRONMENT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + LIMIT
    # The launcher names the program; the program is its child.
    while not (program := next((word for words in running(mark) for word in words if word.endswith("/job.py")), None)):
        assert process.poll() is None and time.monotonic() < end, "spark-submit did not start"
        time.sleep(0.05)
    while not any("python" in words[0] for words in running(program)):
        assert process.poll() is None and time.monotonic() < end, "the program did not start"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and json.loads(output)["status"] == "cancelled"
    while left := running(mark) + running(program):
        assert time.monotonic() < end, left
        time.sleep(0.05)
    assert not pathlib.Path(program).parent.exists()


def running(mark):
    """Returns the command lines that contain a mark."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(mark in word for word in words):
            found.append(words)
    return found
