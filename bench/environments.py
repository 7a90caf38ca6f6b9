"""Python environments of the peers. .venv has those that tests use; each other peer gets its own, created on demand."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OWN = {
    "intelex": ["scikit-learn-intelex", "pyarrow"],
    "ray": ["ray"],
    "dask": ["distributed"],
}


def python(name):
    """Returns the interpreter, or None if the peer cannot be installed here."""
    if name not in OWN:
        return sys.executable
    folder = HERE.parent / ".venv-bench" / name
    if not (folder / "installed").exists():
        print(f"bench: installing {', '.join(OWN[name])} into {folder}", file=sys.stderr)
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, stdout=sys.stderr)
            subprocess.run(
                [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *OWN[name]],
                check=True, stdout=sys.stderr, timeout=600)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"bench: skipping {name}: {error}", file=sys.stderr)
            return None
        (folder / "installed").touch()
    return folder / "bin/python"


def peer(script, *arguments, environment=None):
    """Returns a command, or None if its environment is not available."""
    interpreter = python(environment)
    return interpreter and [interpreter, HERE / "peers" / script, *arguments]
