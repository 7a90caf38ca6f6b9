"""The outputs of a job in a form that can be compared between folders."""

import hashlib
import json

STEPS = ["features", "segments"]


def read(root, step):
    """Returns name to hash of all files in a step's output, or None if there is none. Ignores path and time of the input in the
    manifest."""
    folder = root / step
    if not folder.exists():
        return None
    found = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        if file.name == "_SUCCESS":
            manifest = json.loads(content)
            del manifest["fingerprint"]
            content = json.dumps(manifest, sort_keys=True).replace(str(root), "ROOT").encode()
        found[str(file.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


def read_all(root):
    return {step: read(root, step) for step in STEPS}


def leftovers(root):
    """Returns files that are neither input nor output: staging folders, locks, temporary files."""
    known = {"raw", *STEPS}
    return sorted(path.name for path in root.iterdir() if path.name not in known)
