"""Holds processes at points: each reports the point it has reached and continues when it is released."""

import json
import queue
import socket
import threading
from dataclasses import dataclass, field

GO, NEVER_AGAIN = b"g", b"n"


@dataclass
class Hit:
    point: str
    pid: int
    detail: str
    connection: socket.socket = field(repr=False)

    def release(self, answer=GO):
        try:
            self.connection.sendall(answer)
        except OSError:
            pass  # The process was killed, which may be the fault itself.
        self.connection.close()


class Rendezvous:
    """Holds the n-th process that reaches a point, once per (point, n). Others continue."""

    def __init__(self, path):
        self.path = str(path)
        self.lock = threading.Lock()
        self.traps = {}
        self.counts = {}
        self.hits = queue.Queue()
        self.gates = {}
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(128)
        threading.Thread(target=self.accept, daemon=True).start()

    def set(self, point, nth=1, detail=""):
        """Holds the n-th process that reaches this point from now on and whose detail contains a text."""
        with self.lock:
            self.traps[point] = (nth, detail)
            self.counts[point] = 0

    def shut(self, point):
        """Holds all processes that reach this point until it is opened."""
        with self.lock:
            self.gates[point] = []

    def open(self, point):
        with self.lock:
            waiting = self.gates.pop(point, [])
        for hit in waiting:
            hit.release()

    def wait(self, limit):
        """Waits for the next held process. Returns None after the time limit."""
        try:
            return self.hits.get(timeout=limit)
        except queue.Empty:
            return None

    def close(self):
        self.listener.close()
        for point in list(self.gates):
            self.open(point)
        while not self.hits.empty():
            self.hits.get().release(NEVER_AGAIN)

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=[connection], daemon=True).start()

    def answer(self, connection):
        with connection.makefile("rb") as lines:
            line = lines.readline()
        if not line:
            return connection.close()
        hit = Hit(connection=connection, **json.loads(line))
        with self.lock:
            nth, detail = self.traps.get(hit.point, (0, ""))
            matches = nth > 0 and detail in hit.detail
            if matches:
                self.counts[hit.point] += 1
            held = matches and self.counts[hit.point] == nth
            gated = not held and hit.point in self.gates
            if held:
                del self.traps[hit.point]
            elif gated:
                self.gates[hit.point].append(hit)
        if held:
            self.hits.put(hit)
        elif not gated:
            hit.release()
