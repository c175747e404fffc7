"""One private mongod process, reachable only through a unix socket."""

import contextlib
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from app.embedded import replica_set
from app.embedded.binaries import find_mongod
from app.embedded.errors import FolderUnusable, MongodFailed
from app.embedded.parent_death import signal_on_parent_death

DATABASE = "pkyx"
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.02
# A path longer than this does not fit into sockaddr_un on every system (104 bytes on macOS).
_LONGEST_SOCKET_PATH = 100
# mongod's exit code when another mongod holds its folder.
_FOLDER_HELD = 100
_SMALL = (
    "--wiredTigerCacheSizeGB=0.25",
    # The zlib compressor of old releases reads memory it should not; it is never offered.
    "--networkMessageCompressors=snappy,zstd",
    "--wiredTigerEngineConfigString=log=(prealloc=false,file_max=10MB)",
    "--setParameter=diagnosticDataCollectionEnabled=false",
    "--setParameter=shutdownTimeoutMillisForSignaledShutdown=100",
    "--quiet",
)


class Mongod:
    """A mongod over ``folder``: its files in ``db``, its log in ``logs``, its socket beside them.

    Whoever makes one holds the lock of the folder. It dies with the thread that started it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._log = self._folder / "logs" / "mongod.log"
        self._socket, self._socket_folder = _choose_socket(self._folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The connection string; the same for as long as this object lives."""
        options = "directConnection=true&w=majority&journal=true&retryWrites=true"
        return f"mongodb://{quote_plus(str(self._socket))}/{DATABASE}?{options}"

    @property
    def pid(self) -> int | None:
        """The process id, or None when it was not started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it and return when it is primary; raise MongodFailed, leaving nothing behind."""
        binary = find_mongod()
        self._prepare()
        deadline = time.monotonic() + _START_SECONDS
        try:
            self._launch(binary, deadline)
            self._become_primary(deadline)
        except BaseException:
            self.stop()
            raise

    def wait(self) -> int:
        """Block until it ends; return its exit status."""
        return self._process.wait() if self._process else 0

    def stop(self) -> None:
        """Stop it, gently at first. Doing so twice is harmless."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def close(self) -> None:
        """Stop it and remove its socket."""
        self.stop()
        self._socket.unlink(missing_ok=True)
        if self._socket_folder:
            self._socket_folder.cleanup()

    def _prepare(self) -> None:
        try:
            for name in ("db", "logs"):
                (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._log.exists():
                self._log.replace(self._log.with_suffix(".log.1"))
        except OSError as error:
            raise FolderUnusable(self._folder, error.strerror or str(error)) from error

    def _launch(self, binary: Path, deadline: float) -> None:
        self._end_orphan()
        while True:
            self._process = self._spawn(binary)
            if self._listens(deadline):
                return
            # A mongod that was killed a moment ago may still hold the folder.
            if self._process.returncode != _FOLDER_HELD or time.monotonic() > deadline:
                raise MongodFailed(self._reason(), self._log)
            time.sleep(0.2)

    def _spawn(self, binary: Path) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(  # noqa: S603 - a fixed command without a shell
                [str(binary), *self._arguments(), *_SMALL],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C in a terminal reaches the whole group; this child waits for its parent's word.
                start_new_session=True,
                # The journal makes an outright kill safe, and nothing else is sure to leave nothing.
                preexec_fn=signal_on_parent_death(signal.SIGKILL),
            )
        except OSError as error:
            raise MongodFailed(f"{binary}: {error.strerror}", self._log) from error

    def _arguments(self) -> tuple[str, ...]:
        return (
            f"--dbpath={self._folder / 'db'}",
            f"--replSet={replica_set.NAME}",
            f"--bind_ip={self._socket}",
            "--filePermissions=0600",
            f"--logpath={self._log}",
        )

    def _listens(self, deadline: float) -> bool:
        process = self._process
        while process and process.poll() is None and time.monotonic() < deadline:
            if _answers(self._socket):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _become_primary(self, deadline: float) -> None:
        try:
            with self._client() as client:
                replica_set.ensure_primary(client, str(self._socket), deadline)
        except (PyMongoError, TimeoutError) as error:
            raise MongodFailed(str(error).partition(", full error")[0], self._log) from error

    def _end_orphan(self) -> None:
        # Where the kernel cannot end a child with its parent, one may still serve this folder's socket.
        if _answers(self._socket):
            with contextlib.suppress(PyMongoError), self._client() as client:
                client.admin.command("shutdown", force=True)

    @contextlib.contextmanager
    def _client(self) -> "Iterator[MongoClient[dict[str, object]]]":
        client: MongoClient[dict[str, object]] = MongoClient(self.uri, serverSelectionTimeoutMS=5000)
        try:
            yield client
        finally:
            client.close()

    def _reason(self) -> str:
        status = self._process.returncode if self._process else None
        if status is None:
            return f"it did not answer within {_START_SECONDS:.0f} seconds"
        if status == _FOLDER_HELD:
            return "another mongod uses its folder"
        return f"it ended with status {status}"


def _choose_socket(folder: Path) -> tuple[Path, "tempfile.TemporaryDirectory[str] | None"]:
    path = folder / "mongod.sock"
    if len(str(path).encode()) <= _LONGEST_SOCKET_PATH:
        return path, None
    private = tempfile.TemporaryDirectory(prefix="pkyx-")
    return Path(private.name, "mongod.sock"), private


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
