"""nginx and the site as real processes, with the files of conf/ as they are."""

import http.client
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tests.conftest import ROOT, unavailable

SECRET_KEY = "a-key-for-tests-of-length-and-variety-0123456789"
NGINX_CONF = ROOT / "conf" / "nginx.conf"


def free_port() -> int:
    """Return a port on which nothing listens, and that no connection is given by chance."""
    while True:
        # Below what Linux gives away; and not at random as `random` is, which others seed.
        port = 10_000 + secrets.randbelow(22_000)
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def eventually(condition: Callable[[], object], seconds: float = 60) -> object:
    """Return what ``condition`` answers as soon as that is true; fail if it never is."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Say whether somebody answers the port."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def request(
    port: int,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    source: str = "127.0.0.1",
) -> http.client.HTTPResponse:
    """Send one request; the response has its ``body`` read and kept as an attribute."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
    with closing(connection):
        connection.request(method, path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        response.content = response.read()  # type: ignore[attr-defined]
    return response


@contextmanager
def ended(process: "subprocess.Popen[bytes]", seconds: float = 40) -> Iterator["subprocess.Popen[bytes]"]:
    """Stop a process gently at the end of the block, and outright if it does not."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def site(mongo_uri: str, folder: Path, **settings: str) -> Iterator[int]:
    """Run ``manage.py serve`` with two workers; yield its port."""
    with site_process(mongo_uri, folder, **settings) as (port, _):
        yield port


@contextmanager
def site_process(
    mongo_uri: str, folder: Path, **settings: str
) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Run it likewise; yield its port and the process."""
    port = free_port()
    environ = {
        **os.environ,
        "PKYX_ENV": "production",
        "PKYX_DATA": str(folder),
        "SECRET_KEY": SECRET_KEY,
        "MONGO_URI": mongo_uri,
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
        **settings,
    }
    log = (folder / "site.log").open("wb")
    command = [sys.executable, "manage.py", "serve"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    with log, ended(process):
        eventually(lambda: process.poll() is not None or listens(port))
        eventually(lambda: request(port, "/readyz").status == 200)
        yield port, process


def adapted(folder: Path, port: int, upstream: int) -> str:
    """Return conf/nginx.conf for a folder and ports of a test. Everything else is as it is delivered."""
    text = NGINX_CONF.read_text(encoding="utf-8")
    for old, new in {
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
        "/var/log/nginx/": f"{folder}/",
        "root /var/www/pkyx;": f"root {folder}/public;",
        "server 127.0.0.1:5000 ": f"server 127.0.0.1:{upstream} ",
        "listen 80; #plain": f"listen 127.0.0.1:{port};",
        "listen [::]:80; #plain": "",
        # Where Debian's nginx keeps what it buffers only root may write.
        "http {": "http {\n"
        + "".join(
            f"    {name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ),
    }.items():
        assert text.count(old) >= 1, f"conf/nginx.conf has no “{old}”"
        text = text.replace(old, new)
    return text


def nginx_program() -> str:
    """Return the path of nginx, which sbin may hide from people."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        unavailable("nginx is not installed")
    return str(found)


@contextmanager
def nginx(folder: Path, text: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run nginx with the configuration ``text``, which listens on ``port``."""
    program = nginx_program()
    config = folder / "nginx.conf"
    config.write_text(text, encoding="utf-8")
    # Its workers are nobody, who has to pass through the folders above.
    folder.chmod(0o755)
    command = [program, "-c", str(config), "-e", str(folder / "error.log"), "-g", "daemon off;"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with ended(process):
        eventually(lambda: process.poll() is not None or listens(port))
        assert process.poll() is None, (folder / "error.log").read_text()
        yield process


@contextmanager
def redis(folder: Path, port: int | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a redis-server that keeps nothing on disk; its ``port`` is an attribute of the process."""
    program = shutil.which("redis-server")
    if program is None:
        unavailable("redis-server is not installed")
    port = port or free_port()
    command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    process.port = port  # type: ignore[attr-defined]
    with ended(process):
        eventually(lambda: listens(port))
        yield process
