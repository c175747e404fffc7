#!/usr/bin/env python
"""Ask the public advisories about every pinned package: `make audit`, which installs pip-audit first.

What it is given it gives to pip-audit. Status 1 if one is known to be vulnerable. Where the advisories cannot
be asked nothing is known either way: that is said, and is no failure.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = ("requirements.txt", "requirements-dev.txt")


def main() -> None:
    """Print each advisory, or that there is none, or why nobody knows."""
    files = [part for name in FILES for part in ("--requirement", str(ROOT / name))]
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--format=json",
        *files,
        *sys.argv[1:],
    ]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    report = _report(done.stdout)
    if report is None:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"The advisories could not be asked, so nothing is known either way: {reason}", file=sys.stderr)
        return
    found = list(_advisories(report))
    unknown = [str(package["name"]) for package in report if "skip_reason" in package]
    known = len(report) - len(unknown)
    print("\n".join(found) or f"No advisory for any of the {known} packages that could be asked about.")
    if unknown:
        some = ", ".join(unknown[:9])
        print(f"Of {len(unknown)} nothing is known either way: {some} …", file=sys.stderr)
    sys.exit(1 if found else 0)


def _report(text: str) -> list[dict[str, object]] | None:
    try:
        return list(json.loads(text)["dependencies"])
    except (ValueError, KeyError):
        return None


def _advisories(report: list[dict[str, object]]) -> Iterator[str]:
    for package in report:
        for advisory in package.get("vulns", []):  # type: ignore[attr-defined]
            fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}"


if __name__ == "__main__":
    main()
