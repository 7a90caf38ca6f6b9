"""The docs are correct: tutorial commands run as written, links resolve, the job reference is current."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

from processes import free_port
from project import BIN, ROOT

PAGES = sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*/README.md"), ROOT / "README.md"])


def test_job_reference_is_current():
    made = subprocess.run([ROOT / "scripts/job-reference"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert made == (ROOT / "docs/job-reference.md").read_text(), "run ./scripts/job-reference >docs/job-reference.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_tutorial(tmp_path, monkeypatch):
    """Runs all blocks of the tutorial in one shell, with other ports, since some may be in use."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/tutorial.md").read_text(), re.DOTALL | re.MULTILINE)
    # No process may outlive the test.
    script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "".join(f"echo '== {number}'\n{block}" for number, block in enumerate(blocks))
    for port in ("7077", "8080"):
        script = script.replace(f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}")
    path = f"{BIN}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    parts = re.split(r"^== \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    events, explained, ran, files, again, auto, wrong, cluster, metrics, asked = parts
    assert "dt=2025-04-14" in events and "Step 2: segment" in explained
    assert "7 segments of 5,000 users" in ran and "_report.html" in ran
    assert "_SUCCESS" in files and "_model.json" not in files.split("data/user_segments")[0] and ".parquet" in files
    assert len(re.findall(r"^ +\d\. \w+ +up to date", again, re.MULTILINE)) == 2
    assert re.search(r'"clusters":\d+', auto)
    assert "exit code 2" in wrong and "did you mean 'endDate'?" in done.stderr and 'found "five"' in done.stderr
    assert "segments of 5,000 users" in cluster
    assert re.search(r"^swiftlet_workers\{.*\} 2$", metrics, re.MULTILINE)
    assert "night_share" in asked and (tmp_path / "data/user_segments/_report.html").exists()
    # The dashboard finds the run.
    monkeypatch.syspath_prepend(str(ROOT / "deploy/dashboard"))
    from store import Store
    assert [run.name for run in Store(str(tmp_path / "data")).runs()] == ["latest"]
