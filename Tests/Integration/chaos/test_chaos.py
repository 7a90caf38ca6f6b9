"""Some rounds of ./scripts/chaos: real processes on hosts made of network namespaces, one fault each, the same bytes."""

import os
import re
import subprocess

import pytest

from project import BIN, ROOT


def test_faults_change_nothing():
    apart = ["unshare", "--mount", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "true"]
    if subprocess.run(apart, capture_output=True).returncode != 0:
        pytest.fail(
            "this system lets nobody make network namespaces: expected root, or kernel.unprivileged_userns_clone = 1")
    done = subprocess.run(
        [ROOT / "scripts" / "chaos", "--quick", "--jobs", "4"], env={**os.environ, "SWIFTLET_BIN": str(BIN)},
        capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    rounds, failed = re.search(r"^(\d+) rounds, (\d+) failed$", done.stdout, re.MULTILINE).groups()
    assert int(rounds) >= 15 and int(failed) == 0
