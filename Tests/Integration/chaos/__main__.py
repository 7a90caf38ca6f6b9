"""Faults against real processes; see docs/chaos.md. Run by scripts/chaos, in namespaces of its own."""

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

import patience
from cluster import Failure
from matrix import QUICK, scenarios
from network import is_apart
from quiet import Quiet
from report import Report
from round import Round


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, help="how many; default: each scenario once")
    parser.add_argument("--only", action="append", metavar="FAULT@POINT", help="these scenarios; * stands for anything")
    parser.add_argument("--seed", type=int, default=1, help="order of the scenarios and the choices in them")
    parser.add_argument("--jobs", type=int, default=4, help="rounds at a time")
    parser.add_argument(
        "--patience", type=float, default=1, metavar="FACTOR", help="waits may take this many times as long, on a busy machine")
    parser.add_argument("--quick", action="store_true", help="the rounds of ./scripts/test: one of each kind")
    parser.add_argument("--list", action="store_true", help="print the scenarios")
    return parser.parse_args()


def chosen(options):
    """(scenario, seed) of each round: the whole matrix in random order, then again with other choices."""
    if options.quick:
        return [(scenario, options.seed) for scenario in scenarios() if scenario.name in QUICK]
    found = [s for s in scenarios() if not options.only or any(fnmatch.fnmatch(s.name, o) for o in options.only)]
    if not found:
        sys.exit(f"no scenario is called {' or '.join(options.only)}; --list shows them")
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
    if not is_apart():
        sys.exit("start it with ./scripts/chaos")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    patience.factor = options.patience
    binaries = Path(os.environ["SWIFTLET_BIN"]).resolve()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    report = Report()
    try:
        rounds = chosen(options)
        (folder / "quiet").mkdir()
        quiet = Quiet(folder / "quiet", binaries)
        with ThreadPoolExecutor(options.jobs) as pool:
            waiting = {}
            for number, (scenario, seed) in enumerate(rounds, 1):
                round = Round(scenario, number, seed, folder / f"round{number}", binaries, quiet)
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
    """What was wrong, or None."""
    try:
        round.run()
    except Failure as failure:
        return str(failure)
    except Exception:
        return traceback.format_exc()


main()
