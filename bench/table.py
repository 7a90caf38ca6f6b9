"""The rows of the benchmark: measurements and goals."""


class Row:
    """One row. The first contestant is Swiftlet; ratios are relative to it."""

    def __init__(self, name, title, unit="s", lower_is_better=True):
        self.name, self.title, self.unit, self.lower_is_better = name, title, unit, lower_is_better
        self.entries, self.goals, self.notes = [], [], []

    def add(self, contestants):
        for one in contestants:
            self.entries.append({"name": one.name, "median": one.median, "peakBytes": one.peak})
        own = self.entries[0]["median"]
        for entry in self.entries:
            entry["ratio"] = entry["median"] / own if self.lower_is_better else own / entry["median"]

    def entry(self, name):
        return next((entry for entry in self.entries if entry["name"].startswith(name)), None)

    def goal(self, text, met, found):
        self.goals.append({"goal": text, "met": bool(met), "found": found})

    def faster_than(self, name, factor):
        entry = self.entry(name)
        if entry:
            self.goal(f"≥ {factor} × {name}", entry["ratio"] >= factor, f"{entry['ratio']:.2f} ×")

    def leaner_than(self, name):
        entry, own = self.entry(name), self.entries[0]
        if entry:
            self.goal(
                f"peak memory ≤ {name}'s", own["peakBytes"] <= entry["peakBytes"],
                f"{own['peakBytes'] / 2**20:.0f} of {entry['peakBytes'] / 2**20:.0f} MiB")

    def show(self):
        print(f"\n{self.title}")
        for entry in self.entries:
            peak = f"{entry['peakBytes'] / 2**20:8.0f} MiB" if entry["peakBytes"] else ""
            value = f"{entry['median']:10.4g} {self.unit}"
            print(f"  {entry['name']:<38} {value:<16} {entry['ratio']:8.2f} ×  {peak}")
        for goal in self.goals:
            print(f"  goal {goal['goal']}: {goal['found']} – {'met' if goal['met'] else 'missed'}")
        for note in self.notes:
            print(f"  {note}")

    def json(self):
        return {"title": self.title, "unit": self.unit, "entries": self.entries, "goals": self.goals, "notes": self.notes}
