"""Injects faults into real processes; see docs/chaos.md. scripts/chaos runs it in separate namespaces."""

import argparse
import fnmatch
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import timeouts
from cluster import Failure
from matrix import QUICK, scenarios
from network import is_isolated
from reference import Reference
from report import Report
from round import Round


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, help="number of rounds; default: each scenario once")
    parser.add_argument("--only", action="append", metavar="FAULT@POINT", help="only these scenarios; * matches anything")
    parser.add_argument("--seed", type=int, default=1, help="seed for the order of scenarios and their random choices")
    parser.add_argument("--jobs", type=int, default=4, help="concurrent rounds")
    parser.add_argument(
        "--patience", type=float, default=1, metavar="FACTOR", help="multiply time limits, for a busy machine")
    parser.add_argument("--quick", action="store_true", help="one round of each kind, as in ./scripts/test")
    parser.add_argument("--list", action="store_true", help="print the scenarios")
    return parser.parse_args()


def chosen(options):
    """Returns (scenario, seed) of each round: the whole matrix in random order, repeated with other seeds."""
    if options.quick:
        return [(scenario, options.seed) for scenario in scenarios() if scenario.name in QUICK]
    found = [s for s in scenarios() if not options.only or any(fnmatch.fnmatch(s.name, o) for o in options.only)]
    if not found:
        sys.exit(f"no scenario matches {' or '.join(options.only)}; see --list")
    rounds = []
    turn = 0
    while len(rounds) < (options.rounds or len(found)):
        seed = options.seed + turn
        order = sorted(found, key=lambda s: s.name)
        random.Random(seed).shuffle(order)
        rounds += [(scenario, seed) for scenario in order]
        turn += 1
    return rounds[: options.rounds or len(found)]


def main():
    options = arguments()
    if options.list:
        return print("\n".join(s.name for s in scenarios()))
    if not is_isolated():
        sys.exit("run this with ./scripts/chaos")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    timeouts.factor = options.patience
    binaries = Path(os.environ["SWIFTLET_BIN"]).resolve()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    report = Report()
    try:
        rounds = chosen(options)
        (folder / "reference").mkdir()
        reference = Reference(folder / "reference", binaries)
        with ThreadPoolExecutor(options.jobs) as pool:
            waiting = {}
            for number, (scenario, seed) in enumerate(rounds, 1):
                round = Round(scenario, number, seed, folder / f"round{number}", binaries, reference)
                waiting[pool.submit(attempt, round)] = (round, seed)
            for done in as_completed(waiting):
                round, seed = waiting[done]
                report.add(round, seed, done.result())
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        os._exit(130)  # All processes, networks and mounts end with this namespace.
    report.print_table()
    if not report.failures:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if report.failures else 0)


def attempt(round):
    """Runs a round. Returns the failure, or None."""
    try:
        round.run()
    except Failure as failure:
        return str(failure)
    except Exception:
        return traceback.format_exc()


main()
