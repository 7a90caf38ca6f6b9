"""Runs the whole pipeline on this machine: swift-events, Kafka, ingest, S3, features, segments, dashboard and queries. Kills the driver
during the run. See docs/operations.md."""

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
from browser import Browser  # noqa: E402
from checks import CheckFailed  # noqa: E402
from report import Report  # noqa: E402
from scenario import Scenario  # noqa: E402
from screenshots import Screenshots  # noqa: E402
from services import Services  # noqa: E402


def options():
    parser = argparse.ArgumentParser(prog="pipeline", description="Runs the whole pipeline on loopback with real servers and checks it.")
    parser.add_argument("--events", type=int, default=500_000, help="default: 500000")
    parser.add_argument("--rate", type=float, help="events per second; default: unlimited")
    parser.add_argument("--partitions", type=int, default=4, help="partitions of the topic; default: 4")
    parser.add_argument("--output", type=Path, default=Path("data/pipeline"), help="folder for screenshots; default: data/pipeline")
    parser.add_argument("--limit", type=int, default=900, help="time limit in seconds; default: 900")
    parser.add_argument("--no-kill", action="store_true", help="do not kill the driver")
    parser.add_argument("--keep", action="store_true", help="keep all servers running until Ctrl-C")
    return parser.parse_args()


def interrupt(number, _):
    raise KeyboardInterrupt if number != signal.SIGALRM else TimeoutError("time limit exceeded (--limit)")


def keep_running(services):
    signal.alarm(0)
    print(f"""
  driver's page   {services.cluster.url}/      token: {services.token}
  dashboard       {services.dashboard.url}
  S3              {services.store.endpoint}   {services.root}, key {services.store.access}, secret {services.store.secret}
  Kafka           {services.broker.address}   topic {services.topic}
Press Ctrl-C to stop.""", flush=True)
    while True:
        time.sleep(3600)


def main():
    arguments = options()
    report = Report()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, interrupt)
    signal.alarm(arguments.limit)
    folder = Path(tempfile.mkdtemp(prefix="swiftlet-pipeline-"))
    code, problem = 0, None
    shutil.rmtree(arguments.output, ignore_errors=True)
    try:
        with Services(folder) as services:
            report.step("starting Kafka, S3, driver, workers and dashboard")
            services.start(arguments.partitions)
            with Browser() as browser:
                screenshots = Screenshots(browser, arguments.output.resolve())
                Scenario(services, browser, screenshots, report, arguments.events, arguments.rate).run(not arguments.no_kill)
            print(f"\nPipeline finished in {time.monotonic() - report.began:.0f} s\n{report.table()}")
            print(f"\nAll checks passed. Screenshots: {screenshots.folder}", flush=True)
            (screenshots.folder / "summary.json").write_text(json.dumps(
                {"rows": dict(report.rows), "screenshots": screenshots.names, "killed": not arguments.no_kill}, indent=1))
            if arguments.keep:
                keep_running(services)
    except KeyboardInterrupt:
        code = 130
    except (CheckFailed, TimeoutError) as error:
        code, problem = 1, str(error)
    except Exception:
        code, problem = 1, traceback.format_exc()
    finally:
        signal.alarm(0)
        if problem is None:
            shutil.rmtree(folder, ignore_errors=True)
    if problem:
        print(f"\npipeline: {problem}\npipeline: logs and data are in {folder}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
