"""The JSON schema of job files and the decoder agree on what is valid."""

import copy
import json
import subprocess

import jsonschema
import pytest

from project import BIN, ROOT

SUBMIT = BIN / "swift-submit"
SCHEMA = json.loads((ROOT / "jobs/job.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GOOD = {
    "$schema": "./job.schema.json",
    "name": "try",
    "variables": {"root": "data", "k": 5, "share": 0.5, "flag": True},
    "steps": [
        {"type": "features", "name": "first", "input": "${root}/raw/", "output": "${root}/features/",
         "startDate": "2025-04-01", "endDate": "2025-04-21"},
        {"type": "segment", "input": "${root}/features/", "output": "${root}/segments/", "clusters": 5},
    ],
}


def decode(document, folder):
    """Plans the job. Returns the exit code (2 means an invalid file) and stderr. A missing input is not the file's fault."""
    path = folder / "job.json"
    path.write_text(json.dumps(document))
    run = subprocess.run([SUBMIT, "--explain", path], cwd=folder, capture_output=True, text=True, timeout=60)
    missing = run.returncode == 2 and "no earlier step of the job writes it" in run.stderr
    return 1 if missing else run.returncode, run.stderr


def change(path, *value):
    """Returns a copy of GOOD with the value at a path replaced, or removed if no value is given."""
    document = copy.deepcopy(GOOD)
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    if value:
        parent[path[-1]] = value[0]
    else:
        del parent[path[-1]]
    return document


def test_committed_schema_is_current():
    printed = subprocess.run([SUBMIT, "--print-schema"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert printed == (ROOT / "jobs/job.schema.json").read_text()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("job", [p for p in sorted((ROOT / "jobs").glob("*.json")) if p.name != "job.schema.json"], ids=lambda path: path.name)
def test_our_jobs(job, tmp_path):
    document = json.loads(job.read_text())
    VALIDATOR.validate(document)
    assert decode(document, tmp_path)[0] != 2


ACCEPTED = {
    "as it is": GOOD,
    "no name, no variables used": {"steps": [dict(GOOD["steps"][1], input="a", output="b")]},
    "variable for a number": change(["steps", 1, "clusters"], "${k}"),
    "automatic number": change(["steps", 1, "clusters"], "auto"),
    "an integer with a point": change(["steps", 1, "clusters"], 5.0),
    "variable for a flag": change(["steps", 1, "standardize"], "${flag}"),
    "a list": change(["steps", 1, "columns"], ["events", "${root}"]),
    "variable for a share": change(["steps", 0, "maxRejectedShare"], "${share}"),
    "variable in a date": change(["steps", 0, "startDate"], "2025-04-0${k}"),
    "seed zero": change(["steps", 1, "seed"], 0),
}


@pytest.mark.parametrize("document", ACCEPTED.values(), ids=ACCEPTED)
def test_both_accept(document, tmp_path):
    VALIDATOR.validate(document)
    code, told = decode(document, tmp_path)
    # 1: valid, but the input does not exist.
    assert code in (0, 1), told


REFUSED = {
    "not an object": [],
    "unknown top-level key": change(["nmae"], "x"),
    "a name that is no string": change(["name"], 5),
    "an empty name": change(["name"], ""),
    "a variable that is a list": change(["variables", "root"], []),
    "a variable that is null": change(["variables", "root"], None),
    "a bad variable name": change(["variables", "a b"], "x"),
    "no steps": change(["steps"]),
    "empty steps": change(["steps"], []),
    "steps that are no list": change(["steps"], {}),
    "a step that is no object": change(["steps", 0], 5),
    "a step without type": change(["steps", 0, "type"]),
    "an unknown type": change(["steps", 0, "type"], "featrues"),
    "a key of another step": change(["steps", 0, "clusters"], 5),
    "a missing input": change(["steps", 0, "input"]),
    "a missing output": change(["steps", 1, "output"]),
    "an empty path": change(["steps", 0, "input"], ""),
    "a path that is a number": change(["steps", 0, "input"], 5),
    "a date that is none": change(["steps", 0, "startDate"], "April"),
    "clusters as text": change(["steps", 1, "clusters"], "five"),
    "clusters as digits": change(["steps", 1, "clusters"], "5"),
    "no clusters": change(["steps", 1, "clusters"], 0),
    "half a cluster": change(["steps", 1, "clusters"], 2.5),
    "null clusters": change(["steps", 1, "clusters"], None),
    "columns as text": change(["steps", 1, "columns"], "events"),
    "columns as numbers": change(["steps", 1, "columns"], [1]),
    "a flag as text": change(["steps", 1, "standardize"], "yes"),
    "a seed with a fraction": change(["steps", 1, "seed"], 0.5),
    "a share over one": change(["steps", 0, "maxRejectedShare"], 1.5),
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED)
def test_both_refuse(document, tmp_path):
    assert not VALIDATOR.is_valid(document)
    code, told = decode(document, tmp_path)
    assert code == 2, told
    assert "job.json" in told


# Rules that a schema cannot express: only the decoder checks them.
REFUSED_BY_THE_DECODER = {
    "an undefined variable": (change(["steps", 0, "input"], "${rot}/raw/"), "did you mean 'root'?"),
    "a day that is none": (change(["steps", 0, "startDate"], "2025-02-30"), "steps[0].startDate: expected a date"),
    "dates in the wrong order": (change(["steps", 0, "endDate"], "2025-03-01"), "steps[0].endDate"),
    "output in input": (change(["steps", 0, "output"], "${root}/raw/x/"), "steps[0].output"),
    "one output twice": (change(["steps", 1, "output"], "${root}/features/"), "steps[1].output"),
    "a scheme that is none": (change(["steps", 0, "input"], "http://x/"), "steps[0].input"),
}


@pytest.mark.parametrize("document, message", REFUSED_BY_THE_DECODER.values(), ids=REFUSED_BY_THE_DECODER)
def test_the_decoder_refuses(document, message, tmp_path):
    VALIDATOR.validate(document)
    code, told = decode(document, tmp_path)
    assert code == 2
    assert message in told
