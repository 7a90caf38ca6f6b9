"""Breaks rules of the scheduler and the worker on purpose, one at a time: the simulator must catch each.

All rules of rules.json become switches in one copy of the sources, which is built once; the environment variable
SWIFTLET_MUTANT says which of them is broken. The sources themselves have no switch.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / ".build/mutants"
# Schedules with no rule broken, to see that the copy is right.
CONTROL = 2000
SOURCES = ["Sources/CXXHash", "Sources/CLinux", "Sources/Basics", "Sources/Wire", "Sources/Engine", "Tests/Simulator", "Tests/Tools/simulate"]

PACKAGE = """\
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "mutants",
  targets: [
    .target(name: "CXXHash"),
    .target(name: "CLinux"),
    .target(name: "Basics", dependencies: ["CXXHash", "CLinux"]),
    .target(name: "Wire", dependencies: ["Basics"]),
    .target(name: "Engine", dependencies: ["Basics", "Wire"]),
    .target(name: "Simulator", dependencies: ["Basics", "Engine", "Wire"], path: "Tests/Simulator"),
    .executableTarget(name: "simulate", dependencies: ["Simulator"], path: "Tests/Tools/simulate"),
  ],
  cLanguageStandard: .c17
)
"""

SWITCH = """\
import Foundation

enum Mutant {
  private static let number = ProcessInfo.processInfo.environment["SWIFTLET_MUTANT"].flatMap { Int($0) } ?? 0
  static func `is`(_ rule: Int) -> Bool { number == rule }
}
"""


def place(rule, text):
    """Where a rule is in its file, whatever the white space."""
    words = [re.escape(word) for word in rule["find"].split()]
    found = [match.span() for match in re.finditer(r"\s+".join(words), text)]
    if len(found) != 1:
        sys.exit(f"mutants: '{rule['name']}': found {len(found)} times in {rule['file']}: {rule['find']}")
    return found[0]


def switch(rules, right):
    """The text that is right unless one of the (number, rule) is chosen."""
    if rules[0][1]["kind"] == "expression":
        return "(" + "".join(f"Mutant.is({number}) ? ({rule['broken']}) : " for number, rule in rules) + f"({right}))"
    return "".join(f"if Mutant.is({number}) {{ {rule['broken']} }} else " for number, rule in rules) + f"{{ {right} }}"


def mutate(file, rules):
    text = (ROOT / file).read_text()
    places = {}
    for number, rule in rules:
        places.setdefault(place(rule, text), []).append((number, rule))
    for (start, end), here in sorted(places.items(), reverse=True):
        text = text[:start] + switch(here, text[start:end]) + text[end:]
    return text


def write(path, text):
    """Only where it has changed, so that a second build has less to do."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def build(rules):
    by_file = {}
    for number, rule in enumerate(rules, 1):
        by_file.setdefault(rule["file"], []).append((number, rule))
    wanted = {"Package.swift": PACKAGE, "Sources/Engine/Mutant.swift": SWITCH}
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.*")):
            name = str(path.relative_to(ROOT))
            wanted[name] = mutate(name, by_file[name]) if name in by_file else path.read_text()
    missing = by_file.keys() - wanted.keys()
    if missing:
        sys.exit(f"mutants: no such files: {sorted(missing)}")
    for path in (COPY / "Sources", COPY / "Tests"):
        for old in path.rglob("*.*"):
            if str(old.relative_to(COPY)) not in wanted:
                old.unlink()
    for name, text in wanted.items():
        write(COPY / name, text)
    command = ["swift", "build", "-c", "release", "--package-path", COPY, "--product", "simulate"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"mutants: the copy cannot be built:\n{done.stdout}")
    return COPY / ".build/release/simulate"


def play(binary, number, seeds):
    """(seeds until caught, what caught it); (None, why) if nothing did."""
    command = [binary, "--seeds", str(seeds), "--quiet", "--jobs", "1"]
    environment = os.environ | {"SWIFTLET_MUTANT": str(number)}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return None, "does not end"
    if done.returncode == 1:
        count, invariant = done.stdout.strip().split("\t")
        return int(count), invariant
    return None, "clean" if done.returncode == 0 else f"exit {done.returncode}: {done.stderr.strip()[-500:]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=16000, help="most seeds a rule (16000)")
    parser.add_argument("--only", help="rules whose name contains this")
    options = parser.parse_args()
    rules = json.loads((pathlib.Path(__file__).parent / "rules.json").read_text())
    binary = build(rules)
    numbers = [n for n, rule in enumerate(rules, 1) if not options.only or options.only in rule["name"]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        control = pool.submit(play, binary, 0, CONTROL)
        results = list(pool.map(lambda number: play(binary, number, options.seeds), numbers))
    print("| rule, broken | seeds | caught by |\n|---|---:|---|")
    for number, (count, what) in zip(numbers, results):
        print(f"| {rules[number - 1]['name']} | {'–' if count is None else count} | {what} |")
    survivors = [rules[number - 1]["name"] for number, (count, _) in zip(numbers, results) if count is None]
    count, what = control.result()
    print(f"\n{len(numbers) - len(survivors)} of {len(numbers)} broken rules caught; nothing broken, {CONTROL} seeds: {what}")
    if survivors or count is not None or what != "clean":
        sys.exit("".join(f"mutants: not caught: {name}\n" for name in survivors) or "mutants: the control run fails")


main()
