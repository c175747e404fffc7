"""What the documents for operators name is there."""

import ast
import re

import pytest

from conf import settings
from tests.conftest import ROOT

THREATS = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
PAPERS = ("operations", "scaling", "threat-model")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
# They speak to a child of ours, on this machine.
SPEAK_TO_THEIR_CHILD = {"app/commands/server.py"}
CLIENTS = {"http.client", "urllib.request", "requests", "httpx", "aiohttp", "urllib3"}


def rows():
    lines = [line for line in THREATS.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


def test_each_threat_names_its_test():
    assert len(rows()) > 20
    for threat, *_, tests in rows():
        assert NAMED.search(tests), threat


@pytest.mark.parametrize("paper", PAPERS)
def test_every_test_that_is_named_exists(paper):
    for path, name in NAMED.findall((ROOT / "docs" / f"{paper}.md").read_text(encoding="utf-8")):
        source = ROOT / path
        assert source.is_file(), path
        assert not name or f"def {name}(" in source.read_text(encoding="utf-8"), f"{path}::{name}"


@pytest.mark.parametrize("paper", PAPERS)
def test_every_file_that_is_named_exists(paper):
    text = (ROOT / "docs" / f"{paper}.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:conf|scripts|docs|app)/[\w./-]+\.\w+)`", text):
        assert (ROOT / path).is_file(), path


def test_every_setting_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    # What `serve` sets by itself is no setting of an operator.
    for name in set(settings._VARIABLES) - {"PROMETHEUS_MULTIPROC_DIR"}:
        assert f"`{name}`" in readme, name


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_site_fetches_nothing_from_the_network():
    for path in (ROOT / "app").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if name not in SPEAK_TO_THEIR_CHILD:
            assert not CLIENTS & set(imported(path.read_text(encoding="utf-8"))), name
