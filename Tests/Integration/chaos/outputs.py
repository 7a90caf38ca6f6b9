"""What a job has written, in a form that can be compared between places."""

import hashlib
import json

STEPS = ["features", "segments"]


def read(root, step):
    """Name to hash of every file of a step's output; None where there is none. Of the manifest everything counts but
    the place and the time of the input."""
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
    """What lies beside the input and the outputs: staging folders, locks, files on their way."""
    known = {"raw", *STEPS}
    return sorted(path.name for path in root.iterdir() if path.name not in known)
