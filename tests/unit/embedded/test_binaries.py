import pytest

from app.embedded import binaries
from app.embedded.errors import NoMongod


def test_a_mongod_on_the_path_comes_first(tmp_path, monkeypatch):
    program = tmp_path / "mongod"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binaries.find_mongod() == program


def test_without_any_mongod_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    with pytest.raises(NoMongod, match=r"install a mongod .* or set MONGO_URI"):
        binaries.find_mongod()


def test_a_wheel_that_lost_the_run_bit_is_repaired(tmp_path, monkeypatch):
    program = tmp_path / "db" / "bin" / "mongod"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o644)
    monkeypatch.setenv("PATH", "")
    package = type("Spec", (), {"submodule_search_locations": [str(tmp_path)]})
    monkeypatch.setattr(binaries, "find_spec", lambda name: package)
    assert binaries.find_mongod() == program
    assert program.stat().st_mode & 0o100
