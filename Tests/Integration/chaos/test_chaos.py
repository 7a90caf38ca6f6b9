"""A quick run of ./scripts/chaos: one round of each kind."""

import os
import re
import subprocess

import pytest

from project import BIN, ROOT


def test_faults_change_nothing():
    isolated = ["unshare", "--mount", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "true"]
    if subprocess.run(isolated, capture_output=True).returncode != 0:
        pytest.fail(
            "cannot create network namespaces: expected root, or kernel.unprivileged_userns_clone = 1")
    done = subprocess.run(
        [ROOT / "scripts" / "chaos", "--quick", "--jobs", "4"], env={**os.environ, "SWIFTLET_BIN": str(BIN)},
        capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    rounds, failed = re.search(r"^(\d+) rounds, (\d+) failed$", done.stdout, re.MULTILINE).groups()
    assert int(rounds) >= 15 and int(failed) == 0
