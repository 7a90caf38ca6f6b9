"""Python with the peers. Those of the tests are in .venv; each of the others gets an environment of its own, made when it is needed."""

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
    """Its interpreter; None where it cannot be installed here."""
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
            print(f"bench: {name} is left out: {error}", file=sys.stderr)
            return None
        (folder / "installed").touch()
    return folder / "bin/python"


def peer(script, *arguments, environment=None):
    """A command, or None where its environment cannot be had."""
    interpreter = python(environment)
    return interpreter and [interpreter, HERE / "peers" / script, *arguments]
