"""features, features-zst, features-1, local-cluster, scaling: from raw events to the table of user features."""

import re
import subprocess
import sys

from data import BIN, DATA, DAYS, HERE, events, features, job, size, submit
from environments import peer
from measure import Contestant, in_turn
from table import Row


def same(ours, theirs):
    subprocess.run([sys.executable, HERE / "same_features.py", ours, theirs], check=True)


def against_duckdb(name, form, options, threads, more=lambda raw: []):
    raw = events(options.events, form)
    ours, theirs = DATA / f"features-{form}", DATA / f"features-{form}-duckdb.parquet"
    path = job(f"features-{form}", features(raw, ours))
    row = Row(name, f"features from {options.events:,} events, {form}, {size(raw) / 1e9:.2f} GB, {threads} thread(s)")
    contestants = [
        Contestant(f"Swiftlet local[{threads}]", lambda: submit(path, f"local[{threads}]")),
        Contestant("DuckDB", lambda: peer("duckdb_features.py", raw, theirs, str(threads))), *more(raw)]
    row.add(in_turn(name, contestants, options.runs))
    same(ours, theirs)
    return row, ours


def jsonl(options):
    polars, spark = DATA / "features-polars.parquet", DATA / "features-spark"

    def more(raw):
        peers = [
            Contestant("Polars", lambda: peer("polars_features.py", raw, polars), environment={"POLARS_MAX_THREADS": "2"})]
        if options.spark:
            peers.append(Contestant("PySpark", lambda: peer("spark_features.py", raw, spark)))
        return peers

    row, ours = against_duckdb("features", "jsonl", options, 2, more)
    same(ours, polars)
    if options.spark:
        same(ours, f"{spark}/part-*.parquet")
    for name, factor in [("DuckDB", 5), ("Polars", 8), ("PySpark", 40)]:
        row.faster_than(name, factor)
    row.leaner_than("DuckDB")
    return row


def zst(options):
    def bound(raw):
        files = sorted(str(file) for file in raw.glob("dt=*/*"))
        return [Contestant("zstd -dc, two files at a time", lambda: [
            "sh", "-c", "printf '%s\\n' \"$@\" | xargs -P 2 -n 1 zstd -dqc > /dev/null", "zstd", *files])]

    row, _ = against_duckdb("features-zst", "jsonl.zst", options, 2, bound)
    row.faster_than("DuckDB", 5)
    alone, duckdb = row.entry("zstd"), row.entry("DuckDB")
    row.notes.append(
        f"decompression alone takes {alone['median']:.2f} s: with two threads, no reader can be more than "
        f"{duckdb['median'] / alone['median']:.1f} × faster than DuckDB")
    return row


def one(options):
    row, _ = against_duckdb("features-1", "jsonl", options, 1)
    row.faster_than("DuckDB", 4)
    return row


def local_cluster(options):
    """The cost of processes and the network: the same job on two threads and on two worker processes."""
    raw = events(options.events)
    path = job("features-cluster", features(raw, DATA / "features-cluster"))
    row = Row("local-cluster", f"features from {options.events:,} events on threads and on processes")
    row.add(in_turn("local-cluster", [
        Contestant("Swiftlet local[2]", lambda: submit(path)),
        Contestant("Swiftlet local-cluster[2]", lambda: submit(path, "local-cluster[2]"))], options.runs))
    ratio = row.entries[1]["ratio"]
    row.goal("local-cluster[2] ≤ 15 % slower than local[2]", ratio <= 1.15, f"{ratio - 1:+.1%}")
    return row


def scaling(options):
    """1, 2, 4 and 8 times the events on one slot: time and shuffled bytes per event."""
    row = Row("scaling", "features from 1, 2, 4, 8 × the events, one slot", "s")
    counts = [options.events // 8 * factor for factor in (1, 2, 4, 8)]
    contestants, shuffled = [], []
    for count in counts:
        raw = events(count)
        path = job(f"features-{count}", features(raw, DATA / "features-scaling"))
        contestants.append(Contestant(f"Swiftlet, {count:,} events", lambda path=path: submit(path, "local[1]")))
        told = subprocess.run(
            [BIN / "features-check", "run", raw, DATA / "features-scaling-check", DAYS["startDate"], DAYS["endDate"], "force=1"],
            check=True, capture_output=True, text=True).stderr
        shuffled.append(int(re.search(r"(\d+) bytes shuffled", told)[1]))
    row.add(in_turn("scaling", contestants, options.runs))
    times = [entry["median"] for entry in row.entries]
    for count, time, total in zip(counts, times, shuffled):
        row.notes.append(f"{count:>12,} events: {time / count * 1e9:6.0f} ns and {total / count:5.2f} bytes shuffled an event")
    growth = times[3] / times[2] / (counts[3] / counts[2])
    row.goal("twice the events, twice the time (within 15 %)", growth <= 1.15, f"{growth:.2f} of linear")
    growth = shuffled[3] / shuffled[2] / (counts[3] / counts[2])
    row.goal("twice the events, twice the bytes shuffled (within 15 %)", growth <= 1.15, f"{growth:.2f} of linear")
    return row
