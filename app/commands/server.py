"""The web server as a child process: gunicorn on a socket that was bound beforehand."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

from app.embedded.parent_death import signal_on_parent_death

ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.05
# Within this gunicorn's processes have taken note that they are to stop.
_HEEDED_SECONDS = 1.0
# Longer than `graceful_timeout` of conf/gunicorn.conf.py, after which gunicorn cuts off what is left.
_STOP_SECONDS = 12
# For how long a client may leave what was sent to it untouched; nginx allows its own as much.
STUCK_MILLISECONDS = 60_000


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address; a port that is taken is one clear line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Connections inherit it (tcp(7)). Who takes nothing of what is sent would keep a thread for good.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MILLISECONDS)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise click.ClickException(
            f"Cannot serve on {host} port {port}: {reason}. "
            "Choose another port with --port, or PORT=5001 make run."
        ) from error
    return listener


class Server:
    """gunicorn as a child. It ends with this process, however this one ends."""

    def __init__(self, listener: socket.socket, environ: Mapping[str, str]) -> None:
        self._listener = listener
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Start it, yield when it answers, and stop it at the end."""
        try:
            self._start()
            self._await_answer()
            yield self
        finally:
            self._stop()

    def wait(self) -> int:
        """Block until it ends by itself; return its exit status."""
        return self._process.wait() if self._process else 0

    def _start(self) -> None:
        descriptor = self._listener.fileno()
        config = f"--config={ROOT / 'conf' / 'gunicorn.conf.py'}"
        options = [config, f"--bind=fd://{descriptor}"]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and files
            [sys.executable, "-m", "gunicorn", *options, "app:create_app()"],
            cwd=ROOT,
            env=dict(self._environ),
            stdin=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            # Ctrl-C in a terminal reaches the whole group; this child waits for its parent's word.
            start_new_session=True,
            preexec_fn=signal_on_parent_death(signal.SIGTERM),
        )

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not self._answers():
            if self._process and self._process.poll() is not None:
                raise click.ClickException("The web server did not start; its last words are above.")
            if time.monotonic() > deadline:
                raise click.ClickException(f"The web server did not answer in {_READY_SECONDS:.0f} seconds.")
            time.sleep(_POLL_SECONDS)

    def _answers(self) -> bool:
        host, port = self._listener.getsockname()[:2]
        connection = HTTPConnection(_reachable(host), port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _stop(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        time.sleep(_HEEDED_SECONDS)
        # gunicorn takes no more connections, but keeps the socket: who connects now would wait for its end.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
