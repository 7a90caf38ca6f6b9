"""Parses the subset of the Dockerfile language that deploy/ uses."""

import dataclasses


@dataclasses.dataclass
class Stage:
    base: str
    name: str | None
    lines: list


def stages(text):
    found = []
    for name, value in instructions(text):
        if name == "FROM":
            words = value.split()
            found.append(Stage(words[0], words[2] if len(words) == 3 and words[1].upper() == "AS" else None, []))
        elif name in KNOWN:
            found[-1].lines.append((name, value))
        else:
            raise ValueError(f"Dockerfile: {name} is not supported")
    return found


KNOWN = {"RUN", "COPY", "ENV", "WORKDIR", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD", "EXPOSE", "SHELL"}


def instructions(text):
    """Yields (name, value) of each instruction, with continuation lines joined and comments removed."""
    pending = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#") or not line.strip():
            continue
        if line.endswith("\\"):
            pending += line[:-1] + " "
            continue
        name, _, value = (pending + line).partition(" ")
        yield name.upper(), " ".join(value.split())
        pending = ""
    if pending:
        raise ValueError("Dockerfile: unfinished instruction at end of file")
