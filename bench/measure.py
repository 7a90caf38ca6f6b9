"""Times commands in turn and measures the memory of all their processes."""

import os
import statistics
import subprocess
import sys
import threading
import time

PAGE = os.sysconf("SC_PAGE_SIZE")


def tree_memory(root):
    """Returns the resident bytes of a process and all of its descendants."""
    children, resident = {}, {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(name))
        resident[int(name)] = int(fields[21]) * PAGE
    total, todo = 0, [root]
    while todo:
        process = todo.pop()
        total += resident.get(process, 0)
        todo += children.get(process, [])
    return total


class Watch(threading.Thread):
    """Samples the memory of a process tree every 50 ms, including PySpark's Java process."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.peak, self.ended = root, 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.05):
            self.peak = max(self.peak, tree_memory(self.root))


def timed(command, environment=None):
    """Returns wall seconds, CPU seconds, peak resident bytes and stdout of a command. Exits if the command fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})})
    watch = Watch(process.pid)
    watch.start()
    errors = []
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    reader.start()
    output = process.stdout.read()
    reader.join()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = status
    watch.ended.set()
    watch.join()
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{errors[0].decode()}{output.decode()}")
    # For one process the kernel's exact peak; for several, that would be only the largest one's.
    peak = max(watch.peak, usage.ru_maxrss * 1024)
    return seconds, usage.ru_utime + usage.ru_stime, peak, output.decode()


class Contestant:
    """A command and its measured value: by default the seconds from start to exit."""

    def __init__(self, name, command, value=None, environment=None):
        self.name, self.command, self.value, self.environment = name, command, value, environment
        self.samples, self.cpu, self.peak, self.output = [], [], 0, ""

    def run(self, counts):
        seconds, cpu, peak, self.output = timed(self.command(), self.environment)
        self.peak = max(self.peak, peak)
        if counts:
            self.samples.append(self.value(self.output) if self.value else seconds)
            self.cpu.append(cpu)

    @property
    def median(self):
        return statistics.median(self.samples)


def in_turn(title, contestants, runs, warm_up=1):
    """Runs the contestants in turn, so that background load affects all of them alike."""
    for turn in range(runs + warm_up):
        for contestant in contestants:
            contestant.run(counts=turn >= warm_up)
        print(f"{title}: turn {turn + 1} of {runs + warm_up}", file=sys.stderr)
    return contestants
