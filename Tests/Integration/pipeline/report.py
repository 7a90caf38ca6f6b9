"""Progress of a run on stderr, and a table of results."""

import sys
import time


class Report:
    def __init__(self):
        self.began = time.monotonic()
        self.rows = []

    def step(self, text):
        print(f"{time.monotonic() - self.began:6.1f} s  {text}", file=sys.stderr, flush=True)

    def row(self, name, result):
        self.rows.append((name, result))
        self.step(f"{name}: {result}")

    def table(self):
        width = max(len(name) for name, _ in self.rows)
        return "\n".join(f"  {name:<{width}}  {result}" for name, result in self.rows)
