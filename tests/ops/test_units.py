"""supervisor, systemd and the Dockerfile, each judged by the program that it is for."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers import SECRET_KEY, ended, eventually, free_port, listens, request

CONF = ROOT / "conf"
UNITS = ["pkyx.service", "pkyx-worker.service"]


def program(name):
    found = Path(sys.executable).with_name(name)
    if not found.exists():
        pytest.fail(f"{name} of requirements-dev.txt is not installed")
    return str(found)


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_units(unit, tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed")
    text = (CONF / unit).read_text(encoding="utf-8").replace("/srv/pkyx/.venv/bin/python", sys.executable)
    (tmp_path / unit).write_text(text, encoding="utf-8")
    done = subprocess.run([analyze, "verify", tmp_path / unit], capture_output=True, text=True, timeout=60)
    assert [line for line in done.stderr.splitlines() if unit in line] == []


@pytest.mark.parametrize("unit", UNITS)
def test_units_confine_what_they_start(unit):
    text = (CONF / unit).read_text(encoding="utf-8")
    for line in ("User=pkyx", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert f"\n{line}\n" in text
    assert "Environment=" not in text  # what is secret is in a file that others cannot read


def test_the_linter_finds_nothing_in_the_dockerfile():
    command = [program("hadolint"), "--no-color", ROOT / "Dockerfile"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_runs_as_nobody_special_and_installs_by_hash():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert text.count("\nFROM ") == 2
    assert re.search(r"(?m)^USER \d{4,}:\d{4,}$", text)
    assert "--require-hashes -r requirements.txt" in text
    assert "HEALTHCHECK" in text


def environment_file(folder, port, mongo_uri):
    text = (CONF / "environment.example").read_text(encoding="utf-8")
    settings = {"PKYX_DATA": folder, "SECRET_KEY": SECRET_KEY, "PKYX_URL": f"http://127.0.0.1:{port}"}
    for name, value in settings.items():
        text, found = re.subn(rf"(?m)^{name}=.*$", f"{name}={value}", text)
        assert found == 1, name
    path = folder / "environment"
    path.write_text(f"{text}\nPORT={port}\nMONGO_URI='{mongo_uri}'\n", encoding="utf-8")
    return path


def supervisor_configuration(folder, environment):
    """conf/supervisor.conf for a test: another folder, the present user, and nothing else changed."""
    text = (CONF / "supervisor.conf").read_text(encoding="utf-8")
    for old, new in {
        "/etc/pkyx/environment": str(environment),
        ".venv/bin/python": sys.executable,
        "directory=/srv/pkyx": f"directory={ROOT}",
        "user=pkyx\n": "",
        "/var/log/pkyx": str(folder),
    }.items():
        assert old in text
        text = text.replace(old, new)
    head = (
        f"[supervisord]\nnodaemon=true\nlogfile={folder}/supervisord.log\npidfile={folder}/supervisord.pid\n"
    )
    path = folder / "supervisord.conf"
    path.write_text(f"{head}childlogdir={folder}\nidentifier=test\n\n{text}", encoding="utf-8")
    return path


def test_supervisor_runs_the_site_and_stops_it_in_order(mongo_uri, tmp_path):
    port = free_port()
    configuration = supervisor_configuration(tmp_path, environment_file(tmp_path, port, mongo_uri))
    command = [program("supervisord"), "--nodaemon", "--configuration", str(configuration)]
    with (tmp_path / "output").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    with ended(process):
        eventually(lambda: listens(port) and request(port, "/readyz").status == 200)
    assert not listens(port)
    said = (tmp_path / "web.log").read_text()
    assert f"pkyx is at http://127.0.0.1:{port}" in said
    assert said.endswith("Stopped.\n")
    # Without REDIS_URL the other says so, and supervisor keeps quiet about it in the end.
    assert "needs REDIS_URL" in (tmp_path / "worker.log").read_text()


def test_the_example_means_the_same_to_a_shell_and_to_systemd(tmp_path):
    text = (CONF / "environment.example").read_text(encoding="utf-8")
    path = tmp_path / "environment"
    path.write_text(re.sub(r"(?m)^#(?=[A-Z_]+=)", "", text), encoding="utf-8")
    given = dict(line.split("=", 1) for line in path.read_text().splitlines() if re.match("[A-Z]", line))
    assert {"MONGO_URI", "REDIS_URL", "MAIL_SERVER"} <= set(given)
    command = ["/bin/sh", "-c", f"set -a; . {path}; exec env"]
    seen = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )
    lines = dict(line.split("=", 1) for line in seen.stdout.splitlines())
    assert {name: lines.get(name) for name in given} == {
        name: value.strip("'") for name, value in given.items()
    }


def test_commands_of_operators_get_the_settings_of_the_site(mongo_uri, tmp_path):
    text = (CONF / "pkyx.sh").read_text(encoding="utf-8")
    for old, new in {
        "cd /srv/pkyx": f"cd {ROOT}",
        "runuser -u pkyx --": "env",
        "/etc/pkyx/environment": str(environment_file(tmp_path, 5000, mongo_uri)),
        ".venv/bin/python": sys.executable,
    }.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    command = ["/bin/sh", "-c", text, "pkyx", "backup", str(tmp_path / "a backup")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={})
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{tmp_path}/a backup" in done.stdout
    assert (tmp_path / "a backup" / "SHA256SUMS").stat().st_mode & 0o077 == 0


def test_supervisor_has_a_program_for_each_process():
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    parser.read(CONF / "supervisor.conf")
    commands = {
        name: parser[name]["command"].rpartition("manage.py ")[2].strip('"') for name in parser.sections()
    }
    assert commands == {"program:pkyx-web": "serve", "program:pkyx-worker": "worker"}
    assert all(parser[name]["user"] == "pkyx" for name in parser.sections())
