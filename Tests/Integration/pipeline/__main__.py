"""The whole pipeline as one run on this machine: swift-events, Kafka, ingest, S3, features, segments, dashboard and queries; the driver
is killed in the middle. See docs/operations.md."""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

os.environ["SWIFTLET_LOG_FORMAT"] = "text"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from browser import browser  # noqa: E402
from checks import Wrong  # noqa: E402
from course import Course  # noqa: E402
from eyes import Eyes  # noqa: E402
from place import Place  # noqa: E402
from report import Report  # noqa: E402


def options():
    parser = argparse.ArgumentParser(prog="pipeline", description="The whole pipeline on loopback, with real servers, checked.")
    parser.add_argument("--events", type=int, default=500_000, help="default: 500000")
    parser.add_argument("--rate", type=float, help="events a second; default: as fast as can be")
    parser.add_argument("--partitions", type=int, default=4, help="of the topic; default: 4")
    parser.add_argument("--output", type=Path, default=Path("data/pipeline"), help="for the pictures; default: data/pipeline")
    parser.add_argument("--limit", type=int, default=900, help="seconds for all of it; default: 900")
    parser.add_argument("--no-kill", action="store_true", help="leave the driver alone")
    parser.add_argument("--keep", action="store_true", help="leave all servers up at the end, until Ctrl-C")
    return parser.parse_args()


def end(number, _):
    raise KeyboardInterrupt if number != signal.SIGALRM else TimeoutError("the time for all of it is over (--limit)")


def keep(place, report):
    signal.alarm(0)
    print(f"""
  driver's page   {place.cluster.url}/      token: {place.token}
  dashboard       {place.dashboard.url}
  S3              {place.store.endpoint}   {place.root}, key {place.store.access}, secret {place.store.secret}
  Kafka           {place.broker.address}   topic {place.topic}
Ctrl-C ends them.""", flush=True)
    while True:
        time.sleep(3600)


def main():
    given = options()
    report = Report()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, end)
    signal.alarm(given.limit)
    folder = Path(tempfile.mkdtemp(prefix="swiftlet-pipeline-"))
    code, why = 0, None
    shutil.rmtree(given.output, ignore_errors=True)
    try:
        with Place(folder) as place:
            report.step("Kafka, S3, driver, workers and dashboard start")
            place.start(given.partitions)
            with browser() as driver:
                eyes = Eyes(driver, given.output.resolve())
                Course(place, eyes, report, given.events, given.rate).run(not given.no_kill)
            print(f"\nThe pipeline, {time.monotonic() - report.began:.0f} s\n{report.table()}")
            print(f"\nAll of it is right. Pictures: {eyes.folder}", flush=True)
            (eyes.folder / "summary.json").write_text(json.dumps(
                {"rows": dict(report.rows), "pictures": eyes.taken, "killed": not given.no_kill}, indent=1))
            if given.keep:
                keep(place, report)
    except KeyboardInterrupt:
        code = 130
    except (Wrong, TimeoutError) as error:
        code, why = 1, str(error)
    except Exception:
        code, why = 1, traceback.format_exc()
    finally:
        signal.alarm(0)
        if why is None:
            shutil.rmtree(folder, ignore_errors=True)
    if why:
        print(f"\npipeline: {why}\npipeline: what the servers wrote is in {folder}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
