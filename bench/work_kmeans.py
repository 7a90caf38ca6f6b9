"""kmeans-small, kmeans-large, pipeline: k-means against scikit-learn and MLlib, and both steps against PySpark."""

import json
import sys
from pathlib import Path

from data import DATA, events, features, job, points, submit
from environments import peer, python
from measure import Contestant, in_turn, timed
from table import Row


def iteration(name, title, rows, columns, clusters, iterations, goals, options):
    """Milliseconds per iteration: the difference between a run of several iterations and a run of one, so that reading does not count."""
    table, start = points(rows, columns, clusters)
    output = DATA / f"segments-{name}"

    def segment(passes):
        return job(f"{name}-{passes}", {
            "type": "segment", "input": str(table), "output": str(output), "clusters": clusters, "standardize": False,
            "initialCenters": str(start), "maxIterations": passes, "tolerance": 0})

    short, long = segment(1), segment(1 + iterations)

    def command():
        return [sys.executable, __file__, "difference", str(short), str(long)]

    milliseconds = lambda output: json.loads(output)["milliseconds"]
    contestants = [Contestant("Swiftlet local[2]", command, milliseconds)]
    for peer_name, kind, environment in [("scikit-learn", "own", None), ("scikit-learn-intelex", "intelex", "intelex")]:
        if python(environment):
            contestants.append(Contestant(
                peer_name, lambda kind=kind, environment=environment: peer(
                    "sklearn_kmeans.py", table, start, str(iterations), kind, environment=environment), milliseconds))
    if options.spark:
        contestants.append(Contestant(
            "MLlib", lambda: peer("spark_kmeans.py", table, str(clusters), str(min(iterations, 5))), milliseconds))
    row = Row(name, title, "ms")
    row.add(in_turn(name, contestants, min(options.runs, 3), warm_up=0))
    for peer_name, factor in goals:
        row.faster_than(peer_name, factor)
    agree(row, *(json.loads(contestant.output) for contestant in contestants[:2]))
    return row


def agree(row, ours, theirs):
    """Compares centroids after one iteration, and costs after the last. A point that float32 cannot decide between two centroids may go to
    either, and later iterations diverge from there."""
    import numpy as np

    found, wanted = (np.array(sorted(one["first"])) for one in (ours, theirs))
    if found.shape != wanted.shape or ours["iterations"] != theirs["iterations"]:
        sys.exit(f"the number of iterations differs from scikit-learn's: {ours['iterations']} and {theirs['iterations']}")
    distance, cost = float(np.abs(found - wanted).max()), ours["cost"] / theirs["cost"] - 1
    if distance > 5e-3 or abs(cost) > 1e-3:
        sys.exit(f"centroids differ from scikit-learn's by up to {distance}, cost {cost:+.2%}")
    row.notes.append(
        f"centroids within {distance:.1e} of scikit-learn's after one iteration, cost {cost:+.4%} after {ours['iterations']}")


def small(options):
    return iteration(
        "kmeans-small", "one Lloyd iteration, 2,000,000 × 16, k = 8, two threads", 2_000_000, 16, 8, 20,
        [("scikit-learn", 3), ("scikit-learn-intelex", 3), ("MLlib", 15)], options)


def large(options):
    return iteration(
        "kmeans-large", "one Lloyd iteration, 1,000,000 × 32, k = 100, two threads, mean over 20", 1_000_000, 32, 100, 20,
        [("scikit-learn", 3), ("MLlib", 50)], options)


def pipeline(options):
    """Features and segments, in one swift-submit and in PySpark."""
    raw = events(options.events)
    table, output, spark = DATA / "pipeline-features", DATA / "pipeline-segments", DATA / "pipeline-spark"
    path = job("pipeline", features(raw, table), {
        "type": "segment", "input": str(table), "output": str(output), "clusters": 6, "seed": 42})
    row = Row("pipeline", f"features of {options.events:,} events and 6 segments of their users, process start to exit")
    contestants = [Contestant("Swiftlet local[2]", lambda: submit(path))]
    if options.spark:
        contestants.append(Contestant("PySpark", lambda: peer("spark_pipeline.py", raw, spark, "6")))
    row.add(in_turn("pipeline", contestants, min(options.runs, 3)))
    row.faster_than("PySpark", 50)
    if options.spark:
        own = json.loads((output / "_model.json").read_text())["cost"]
        other = json.loads(contestants[1].output)["cost"]
        row.notes.append(f"cost {own:,.0f}, MLlib's {other:,.0f} (different starts; lower is better)")
    return row


def difference(short, long):
    def run(path):
        _, _, _, told = timed(submit(path, "local[2]", "--json"))
        return json.loads(told)["steps"][0]

    few = [run(short) for _ in range(3)]
    with open(short) as file:
        model = Path(json.load(file)["steps"][0]["output"]) / "_model.json"
    first = json.loads(model.read_text())["centersOriginal"]
    many = [run(long) for _ in range(3)]
    passes = many[0]["iterations"] - few[0]["iterations"]
    seconds = min(step["seconds"] for step in many) - min(step["seconds"] for step in few)
    print(json.dumps({
        "milliseconds": seconds / passes * 1e3, "iterations": many[0]["iterations"], "cost": many[0]["cost"],
        "first": first}))


if __name__ == "__main__" and sys.argv[1] == "difference":
    difference(*sys.argv[2:])
