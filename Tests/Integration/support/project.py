"""Paths of the repository and of the programs under test. SWIFTLET_BIN names the folder of the programs (default: .build/release)."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("SWIFTLET_BIN", ROOT / ".build/release")).resolve()
JOBS = ROOT / "jobs"
