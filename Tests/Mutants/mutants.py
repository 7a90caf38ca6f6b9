"""Breaks rules of the scheduler and the worker on purpose, one at a time: the simulator must catch each.

All rules of rules.json become switches in one copy of the sources, which is built once. The environment variable
SWIFTLET_MUTANT selects the broken rule. The sources themselves have no switches.

A rule names a function (`in`), what the changed statement, condition or value in it mentions (`about`: names, the smallest part that
mentions all of them), and what stands there instead: `statement` (empty: none), `condition` or `value`; `RIGHT` stands for the right one.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

from swift_source import Source

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / ".build/mutants"
# Schedules with no rule broken, to see that the copy is right.
CONTROL = 2000
MUTATED = "Sources/Engine"
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


def functions():
    """Where each function of the engine is: {name: [(type of its first parameter, file, source, body)]}."""
    found = {}
    for path in sorted((ROOT / MUTATED).rglob("*.swift")):
        source = Source(path.read_text())
        for name, parameter, body in source.functions():
            found.setdefault(name, []).append((parameter, str(path.relative_to(ROOT)), source, body))
    return found


def locate(rule, known):
    """(file, kind, start, end) of what the rule is about; rules name symbols, so that their code can be written in other words."""
    name, _, parameter = rule["in"].rstrip(")").partition("(")
    candidates = [c for c in known.get(name, []) if not parameter or c[0] == parameter]
    if len(candidates) != 1:
        sys.exit(f"mutants: '{rule['name']}': {len(candidates)} functions are called {rule['in']}")
    _, file, source, body = candidates[0]
    kind = next(kind for kind in ("statement", "condition", "value") if kind in rule)
    about = [rule["about"]] if isinstance(rule["about"], str) else rule["about"]
    spans = source.find(kind, about, *body)
    if len(spans) != 1:
        sys.exit(f"mutants: '{rule['name']}': {len(spans)} {kind}s of {rule['in']} mention {' and '.join(about)}")
    return file, kind, *spans[0]


def switch(kind, rules, right):
    """The text that is right unless one of the (number, rule) is chosen."""
    def broken(rule):
        return rule[kind].replace("RIGHT", right)

    if kind == "statement":
        return "".join(f"if Mutant.is({number}) {{ {broken(rule)} }} else " for number, rule in rules) + f"{{ {right} }}"
    return "(" + "".join(f"Mutant.is({number}) ? ({broken(rule)}) : " for number, rule in rules) + f"({right}))"


def mutate(text, spans):
    """spans: {(start, end, kind): [(number, rule)]}; those within others are changed first."""
    def render(start, end, inner):
        result, position = "", start
        while inner:
            (first, last, kind), *rest = inner
            within = [span for span in rest if span[1] <= last]
            result += text[position:first] + switch(kind, spans[first, last, kind], render(first, last, within))
            position, inner = last, [span for span in rest if span[1] > last]
        return result + text[position:end]

    return render(0, len(text), sorted(spans, key=lambda span: (span[0], -span[1])))


def write(path, text):
    """Only where it has changed, so that a second build has less to do."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def build(rules):
    known = functions()
    by_file = {}
    for number, rule in enumerate(rules, 1):
        file, kind, start, end = locate(rule, known)
        by_file.setdefault(file, {}).setdefault((start, end, kind), []).append((number, rule))
    wanted = {"Package.swift": PACKAGE, "Sources/Engine/Mutant.swift": SWITCH}
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.*")):
            name = str(path.relative_to(ROOT))
            wanted[name] = mutate(path.read_text(), by_file.get(name, {}))
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
