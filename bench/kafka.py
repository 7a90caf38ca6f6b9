"""Compares ingest from Kafka to .jsonl.zst with kcat, which reads the same topic with the same librdkafka and discards it.

Starts a broker on loopback, publishes the events, then runs both in turn. Ends with an error where ingest reaches less than 60 % of
kcat's rate."""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests/Integration/support"))
from kafka_brokers import BIN, Noida  # noqa: E402

GOAL = 0.6


def timed(command, output=subprocess.PIPE):
    """Returns a program's wall seconds, CPU seconds and output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run([str(part) for part in command], stdout=output, stderr=subprocess.PIPE, timeout=600)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr.decode()}")
    return seconds, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="swiftlet-bench-"))
    try:
        with Noida(folder / "broker") as broker:
            topic = broker.topic("clicks", 4)
            print(broker.events(topic, "--events", options.events, timeout=600).stderr.strip(), file=sys.stderr)
            job = folder / "ingest.json"
            job.write_text(json.dumps({"name": "bench", "steps": [
                {"type": "ingest", "input": f"kafka://{broker.address}/{topic}", "output": str(folder / "raw")}]}))
            samples = {"kcat -C > /dev/null": [], "ingest, local[2]": []}
            for round in range(options.runs + 1):
                kcat = timed(["kcat", "-C", "-q", "-e", "-b", broker.address, "-t", topic], subprocess.DEVNULL)
                shutil.rmtree(folder / "raw", ignore_errors=True)
                ours = timed([BIN / "swift-submit", "--json", "--master", "local[2]", job])
                assert json.loads(ours[2])["steps"][0]["rowsWritten"] == options.events
                if round > 0:
                    for values, sample in zip(samples.values(), [kcat, ours]):
                        values.append(sample)
                print(f"round {round} of {options.runs}: kcat {kcat[0]:.2f} s, ingest {ours[0]:.2f} s", file=sys.stderr)
            size = sum(path.stat().st_size for path in (folder / "raw").rglob("*.zst"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{options.events:,} events from 4 partitions, zstd batches; {size / 1e6:.0f} MB of .jsonl.zst")
    walls = {}
    for name, values in samples.items():
        walls[name] = statistics.median(wall for wall, _, _ in values)
        cpu = statistics.median(cpu for _, cpu, _ in values)
        print(f"  {name:<24} {walls[name]:7.2f} s {options.events / walls[name]:12,.0f} events/s   {cpu:6.2f} s of CPU")
    kcat, ours = walls.values()
    print(f"  ingest reaches {kcat / ours:.0%} of kcat's rate (goal: {GOAL:.0%})")
    if kcat / ours < GOAL:
        sys.exit(1)


if __name__ == "__main__":
    main()
