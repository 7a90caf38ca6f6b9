"""The lines of a Dockerfile, by stage: as much of the language as ours uses."""

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
            raise ValueError(f"Dockerfile: {name} is not known here")
    return found


KNOWN = {"RUN", "COPY", "ENV", "WORKDIR", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD", "EXPOSE", "SHELL"}


def instructions(text):
    """Name and value of each, with continued lines put together and comments between them left out."""
    held = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#") or not line.strip():
            continue
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        name, _, value = (held + line).partition(" ")
        yield name.upper(), " ".join(value.split())
        held = ""
    if held:
        raise ValueError("Dockerfile: ends within an instruction")
