"""Swiftlet beside its peers: the same work on the same files, in turn, each as a process of its own.

Prints a table (median, ratio to Swiftlet, peak memory of the largest process) and writes it to bench/results.json."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = Path(os.environ.get("SWIFTLET_BIN", ".build/release")).resolve()
DATA = HERE.parent / "data" / "bench"


def timed(command):
    """Wall seconds, peak resident bytes and stdout of a command; ends the benchmark if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output = process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{errors.decode()}{output.decode()}")
    return seconds, usage.ru_maxrss * 1024, output.decode()


def compare(title, contestants, runs):
    """Runs the contestants in turn, one warm-up round first. {name: (median seconds, peak bytes, last stdout)}"""
    samples = {name: [] for name in contestants}
    peaks, outputs = {}, {}
    for round in range(runs + 1):
        for name, make in contestants.items():
            seconds, peak, outputs[name] = timed(make())
            peaks[name] = max(peaks.get(name, 0), peak)
            if round > 0:
                samples[name].append(seconds)
        print(f"{title}: round {round} of {runs}", file=sys.stderr)
    result = {name: (statistics.median(times), peaks[name], outputs[name]) for name, times in samples.items()}
    own = next(iter(result.values()))[0]
    print(f"\n{title}")
    for name, (seconds, peak, _) in result.items():
        # Spark's memory is its Java process's, which is no child of ours: not shown rather than wrong.
        memory = "" if "Spark" in name else f"{peak / 2**20:7.0f} MiB"
        print(f"  {name:<34} {seconds:9.3f} s {seconds / own:7.1f} ×  {memory}")
    return result


def events(count, form):
    folder = DATA / f"{form}-{count}"
    if not (folder / "_SUCCESS").exists():
        subprocess.run(
            [BIN / "swift-events", "--events", str(count), "--users", str(max(count // 40, 1)), "--seed", "7",
             "--start-date", "2025-04-01", "--days", "16", "--format", form, "--output", folder], check=True)
    return folder


def job(name, *steps):
    path = DATA / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"name": name, "steps": list(steps)}))
    return path


def submit(path, slots=2):
    return [BIN / "swift-submit", "--quiet", "--force", "--master", f"local[{slots}]", path]


def peer(script, *arguments):
    return [sys.executable, HERE / script, *arguments]


def features(options):
    results = {}
    for form in ["jsonl", "jsonl.zst"]:
        raw = events(options.events, form)
        out = DATA / f"features-{form}"
        ours = job(
            f"features-{form}",
            {"type": "features", "input": str(raw), "output": str(out), "startDate": "2025-04-01", "endDate": "2025-04-16"})
        theirs = DATA / f"features-{form}-duckdb.parquet"
        contestants = {
            "Swiftlet local[2]": lambda: submit(ours),
            "DuckDB, 2 threads": lambda: peer("duckdb_features.py", raw, theirs, "2"),
        }
        if form == "jsonl":
            contestants["Swiftlet local[1]"] = lambda: submit(ours, 1)
            contestants["DuckDB, 1 thread"] = lambda: peer("duckdb_features.py", raw, theirs, "1")
            if options.spark:
                spark = DATA / "features-spark"
                contestants["PySpark local[2]"] = lambda: peer("spark_features.py", raw, spark)
        results |= record(f"features, {options.events:,} events, {form}", compare(
            f"features from {options.events:,} events, {form}, {sum(f.stat().st_size for f in raw.glob('dt=*/*')) / 1e9:.2f} GB",
            contestants, options.runs))
        subprocess.run(peer("same_features.py", out, theirs), check=True)
    return results


def segments(options):
    raw = events(options.events, "jsonl.zst")
    table = DATA / "features-for-segments"
    made = job(
        "make-features",
        {"type": "features", "input": str(raw), "output": str(table), "startDate": "2025-04-01", "endDate": "2025-04-16"})
    subprocess.run([BIN / "swift-submit", "--quiet", made], check=True)
    out = DATA / "segments"
    ours = job("segments", {"type": "segment", "input": str(table), "output": str(out), "clusters": 6, "seed": 42})
    contestants = {
        "Swiftlet local[2]": lambda: submit(ours),
        "scikit-learn, best of 10": lambda: peer("sklearn_segments.py", table, "6"),
    }
    if options.spark:
        contestants["PySpark MLlib local[2]"] = lambda: peer("spark_segments.py", table, "6")
    result = compare(f"6 segments of {options.events // 40:,} users, with silhouette", contestants, options.runs)
    own = json.loads((out / "_model.json").read_text())["cost"]
    best = json.loads(result["scikit-learn, best of 10"][2])["cost"]
    print(f"  cost {own:,.1f}, scikit-learn's {best:,.1f}: {own / best - 1:+.3%}")
    if own > 1.01 * best:
        sys.exit("the cost is more than 1 % over scikit-learn's")
    return record("segments", result)


def start(options):
    raw = events(100, "jsonl")
    out = DATA / "start"
    ours = job("start", {
        "type": "features", "input": str(raw), "output": str(out), "startDate": "2025-04-01", "endDate": "2025-04-16"})
    return record("start", compare(
        "a job of almost nothing, process start to exit", {"Swiftlet local[2]": lambda: submit(ours)}, 4 * options.runs))


def record(title, result):
    return {title: {name: {"seconds": seconds, "peakBytes": peak} for name, (seconds, peak, _) in result.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="features, segments, start; default: all")
    parser.add_argument("--events", type=int, default=4_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-spark", dest="spark", action="store_false", help="leave PySpark out")
    options = parser.parse_args()
    parts = {"features": features, "segments": segments, "start": start}
    for name in options.parts:
        if name not in parts:
            parser.error(f"unknown part '{name}'; known: {', '.join(parts)}")
    if shutil.disk_usage(HERE).free < 8 << 30:
        sys.exit("needs 8 GB of free disk")
    results = {}
    for name in options.parts or parts:
        results |= parts[name](options)
    (HERE / "results.json").write_text(json.dumps({"cores": os.cpu_count(), "results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
