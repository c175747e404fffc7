"""`manage.py run` from outside: real processes, signals and addresses."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException

import pytest

from app.embedded import binaries
from app.embedded.errors import NoMongod
from tests.conftest import ROOT, unavailable
from tests.processes import all_of_them, command_line, environment
from tests.servers import free_port


@pytest.fixture(autouse=True)
def _needs_mongod():
    try:
        binaries.find_mongod()
    except NoMongod as error:
        unavailable(str(error))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "instance"


@pytest.fixture
def port():
    return free_port()


def manage(*arguments, folder, **options):
    environ = {name: value for name, value in os.environ.items() if name not in ("MONGO_URI", "PKYX_ENV")}
    environ |= {"PKYX_DATA": str(folder), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )


@contextlib.contextmanager
def running_site(folder, port):
    site = manage("run", "--no-demo", "--port", str(port), folder=folder)
    try:
        for line in site.stdout:
            if f"http://127.0.0.1:{port}" in line:
                break
        yield site
    finally:
        site.kill()
        site.communicate()


def finished(*arguments, folder):
    process = manage(*arguments, folder=folder)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def status(port, path, timeout=30):
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def processes_of(folder):
    """The processes whose environment or command line names the folder, the dead ones left out."""
    others = (pid for pid in all_of_them() if pid != os.getpid())
    return [pid for pid in others if str(folder).encode() in command_line(pid) + environment(pid)]


def mongod_of(folder):
    return next(pid for pid in processes_of(folder) if b"mongod" in command_line(pid))


def eventually(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_site_serves_through_faults_and_ctrl_c_ends_all_of_it(folder, port):
    with running_site(folder, port) as site:
        assert status(port, "/readyz") == 200

        code, output = finished("run", "--no-demo", "--port", str(port), folder=folder.with_name("other"))
        assert (code, output.count("\n")) == (1, 1)
        assert f"port {port}" in output
        assert not processes_of(folder.with_name("other"))

        code, output = finished("run", "--no-demo", "--port", str(port + 1), folder=folder)
        assert (code, output.count("\n")) == (1, 1)
        assert f"in use by process {site.pid}" in output

        code, output = finished("check", folder=folder)
        assert (code, output.splitlines()[-1]) == (0, "Everything is in order.")

        os.kill(mongod_of(folder), signal.SIGKILL)
        assert eventually(lambda: status(port, "/readyz") == 200)

        os.killpg(site.pid, signal.SIGINT)
        assert site.wait(60) == 0
        assert not processes_of(folder)
        assert status(port, "/healthz") is None


def test_a_site_killed_outright_leaves_nothing_and_starts_again(folder, port):
    with running_site(folder, port) as site:
        site.kill()
        site.wait()
        assert eventually(lambda: not processes_of(folder))
    with running_site(folder, port) as site:
        assert status(port, "/readyz") == 200
        site.terminate()
        assert site.wait(60) == 0
        assert not processes_of(folder)


def test_a_database_that_hangs_is_told_within_ten_seconds(folder, port):
    with running_site(folder, port):
        stopped = mongod_of(folder)
        os.kill(stopped, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            assert status(port, "/readyz") == 503
            assert time.monotonic() - begun < 10
        finally:
            os.kill(stopped, signal.SIGCONT)
        assert eventually(lambda: status(port, "/readyz") == 200)


@pytest.mark.parametrize("delay", [0.1, 0.5, 1.0, 1.6])
def test_ctrl_c_while_it_starts_leaves_nothing_running(folder, port, delay):
    site = manage("run", "--no-demo", "--port", str(port), folder=folder)
    time.sleep(delay)
    os.killpg(site.pid, signal.SIGINT)
    output, _ = site.communicate(timeout=60)
    assert eventually(lambda: not processes_of(folder))
    # Until Python has got to the command line, Ctrl-C is told in its own words.
    assert "Traceback" not in output or ("main(prog_name" not in output and "ignored in" not in output)


def test_a_data_folder_that_cannot_be_written_is_one_clear_line(tmp_path, port):
    (tmp_path / "file").write_text("")
    code, output = finished("run", "--no-demo", "--port", str(port), folder=tmp_path / "file" / "instance")
    assert (code, output.count("\n")) == (1, 1)
    assert "Set PKYX_DATA to a folder you may write." in output


@pytest.mark.parametrize("arguments", [["run", "--port", "http"], ["run", "--nonsense"], ["nonsense"]])
def test_a_wrong_command_line_is_status_2(folder, arguments):
    assert finished(*arguments, folder=folder)[0] == 2
