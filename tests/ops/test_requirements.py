"""What is named is used (scripts/check_requirements.py, of `make lint`); the pins hold for any Python."""

import runpy
from importlib.metadata import distributions

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

check = runpy.run_path(str(ROOT / "scripts" / "check_requirements.py"), run_name="check")
OWNERS = {"flask": ["Flask"], "bson": ["pymongo"], "pymongo": ["pymongo"], "yaml": ["PyYAML"]}


def problems(requirements, source, reasons=None):
    modules = check["imported"]([source])
    return list(check["problems"](check["required"](requirements), modules, OWNERS, reasons or {}))


def test_a_package_that_nothing_imports_is_found():
    (line,) = problems("Flask\npymongo>=4 ; python_version > '3'\n", "import flask")
    assert "nothing imports pymongo" in line


def test_one_module_is_enough_and_names_may_be_spelled_in_any_way():
    assert (
        problems("PyMongo[srv]\nPyYAML  # a reason\n-c other.txt", "from bson import x\nimport yaml.nodes")
        == []
    )


def test_a_module_whose_package_is_only_somebody_elses_requirement_is_found():
    (line,) = problems("Flask", "import flask, bson")
    assert line.startswith("bson is imported")


def test_the_reason_for_what_is_not_imported_counts_as_long_as_it_is_required():
    assert problems("Flask\ngunicorn", "import flask", {"gunicorn": "a program"}) == []
    (line,) = problems("Flask", "import flask", {"gunicorn": "a program"})
    assert "gunicorn, which is no longer" in line


def test_modules_of_our_own_and_of_python_are_nobodys_packages():
    assert (
        problems("Flask", "import os, conf.settings\nfrom app import x\nfrom . import y\nimport flask") == []
    )


def pins(name):
    """The lines of a lock file, each without its continuations' ends."""
    lines = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith((" ", "#"))]


def test_every_requirement_is_pinned_by_hash():
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert pins(name)
        assert all("==" in line and "--hash=sha256:" in line for line in pins(name))


def needs_beyond(pinned, environment):
    for found in distributions():
        if check["normal"](found.name) not in pinned:
            continue
        for need in map(Requirement, found.requires or []):
            applies = need.marker is None or need.marker.evaluate(environment)
            if applies and check["normal"](need.name) not in pinned:
                yield f"{found.name} needs {need}"


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("python", ["3.11.2", "3.12.3", "3.13.5", "3.14.0"])
def test_what_any_python_needs_is_pinned(python, system):
    # With hashes pip refuses what the lock leaves out because another Python than the operator's resolved it.
    release = python.rpartition(".")[0]
    environment = {"python_full_version": python, "python_version": release, "sys_platform": system}
    environment["extra"] = ""
    to_run = check["required"]("\n".join(pins("requirements.txt")))
    to_test = check["required"]("\n".join(pins("requirements-dev.txt")))
    assert list(needs_beyond(to_run, environment)) == []
    assert list(needs_beyond(to_run | to_test, environment)) == []
