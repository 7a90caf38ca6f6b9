"""What is told of a run: progress while it goes on, a table at its end."""

import sys
import time


class Report:
    def __init__(self):
        self.began = time.monotonic()
        self.rows = []

    def step(self, text):
        print(f"{time.monotonic() - self.began:6.1f} s  {text}", file=sys.stderr, flush=True)

    def row(self, what, found):
        self.rows.append((what, found))
        self.step(f"{what}: {found}")

    def table(self):
        width = max(len(what) for what, _ in self.rows)
        return "\n".join(f"  {what:<{width}}  {found}" for what, found in self.rows)
