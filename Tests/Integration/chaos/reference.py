"""Reference runs without faults: the expected outputs of all rounds, and older outputs for them to replace."""

import shutil
import subprocess

import outputs
from cluster import Cluster, Failure
from timeouts import extended

EVENTS, DAYS = 30_000, 10
# The days of the older output.
OLDER = "2025-04-07"


class Reference:
    def __init__(self, folder, binaries):
        self.folder = folder
        self.raw = folder / "raw"
        subprocess.run(
            [binaries / "swift-events", "--events", str(EVENTS), "--users", "900", "--seed", "11", "--start-date",
             "2025-04-01", "--days", str(DAYS), "--format", "jsonl", "--output", self.raw],
            check=True, capture_output=True, timeout=extended(60))
        cluster = Cluster(0, folder, binaries, [], silence=None)
        try:
            (cluster.root / "raw").symlink_to(self.raw)
            cluster.start_driver()
            cluster.start_worker()
            self.seconds = self.run(cluster, "--set", f"endDate={OLDER}")
            shutil.copytree(cluster.root, folder / "older", symlinks=True)
            self.run(cluster)
            self.digest = outputs.read_all(cluster.root)
            cluster.stop()
        finally:
            cluster.close()

    @staticmethod
    def run(cluster, *options):
        client = cluster.submit(*options)
        if client.wait(extended(60)) != 0:
            raise Failure("the reference run failed:\n" + client.text)

    def place(self, root):
        """Copies the input and the older outputs to the root of a round."""
        shutil.copytree(self.folder / "older", root, symlinks=True, dirs_exist_ok=True)
