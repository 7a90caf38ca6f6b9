"""For all checks: programs log as on a terminal, so that what they say can be looked for."""

import os

os.environ["SWIFTLET_LOG_FORMAT"] = "text"
