"""Features, then segments, in one PySpark process on local[2]. Arguments: raw folder, output folder, clusters."""

import runpy
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
raw, output, clusters = sys.argv[1:]
sys.argv = ["spark_features.py", raw, output]
runpy.run_path(str(here / "spark_features.py"))
sys.argv = ["spark_segments.py", output, clusters]
runpy.run_path(str(here / "spark_segments.py"))
