"""Prints a line per round, and a table at the end."""

import statistics
import sys


class Report:
    def __init__(self):
        self.rounds = {}
        self.failures = 0
        self.count = 0

    def add(self, round, seed, complaint):
        self.count += 1
        name = round.scenario.name
        self.rounds.setdefault(name, []).append((round.detection, round.recovery, complaint))
        times = "  ".join(
            f"{what} {seconds:.2f} s" for what, seconds in
            [("detected", round.detection), ("ended", round.recovery)] if seconds is not None)
        print(f"{self.count:4} {'FAILED' if complaint else 'ok':6} {name:32} {times}", flush=True)
        if complaint:
            self.failures += 1
            print("     " + complaint.strip().replace("\n", "\n     "))
            print(f"     logs: {round.folder}\n     repeat: ./scripts/chaos --only '{name}' --seed {seed}", flush=True)

    def print_table(self):
        print(f"\n{'fault@point':32} {'rounds':>6} {'failed':>6} {'detected: median':>16} {'max':>7} {'ended: median':>14} {'max':>7}")
        for name, rounds in sorted(self.rounds.items()):
            failed = sum(complaint is not None for *_, complaint in rounds)
            detections, recoveries = ([r[i] for r in rounds if r[i] is not None] for i in (0, 1))
            print(
                f"{name:32} {len(rounds):6} {failed:6} {self.median(detections):>16} {self.most(detections):>7} "
                f"{self.median(recoveries):>14} {self.most(recoveries):>7}")
        print(f"\n{self.count} rounds, {self.failures} failed")
        sys.stdout.flush()

    @staticmethod
    def median(seconds):
        return f"{statistics.median(seconds):.2f} s" if seconds else "-"

    @staticmethod
    def most(seconds):
        return f"{max(seconds):.2f} s" if seconds else "-"
