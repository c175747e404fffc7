"""The embedded database of an instance, for as long as a site or a command needs it."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.embedded.errors import EmbeddedError, FolderInUse
from app.embedded.folders import DataFolder, Holder, Role
from app.embedded.mongod import Mongod

_POLL_SECONDS = 0.1
# A holder that has not announced its role yet, or is on its way out, is given this long.
_PATIENCE_SECONDS = 20.0
_RESTARTS = 3
_RESTARTS_WITHIN_SECONDS = 60.0

Tell = Callable[[str], None]


def tell(line: str) -> None:
    """Print one line for the operator."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is a command line's voice


@contextlib.contextmanager
def site_database(path: Path, on_lost: Callable[[], None], say: Tell = tell) -> Iterator[str]:
    """Run the database of a site and yield its connection string; stop it at the end.

    It is started anew if it dies; ``on_lost`` is called once (from another thread) when that fails.
    Raises EmbeddedError, among others when another process holds the folder.
    """
    folder = DataFolder(path)
    folder.create()
    _hold_for_site(folder, say)
    with _running(folder, Role.SITE, on_lost, say) as uri:
        yield uri


@contextlib.contextmanager
def command_database(path: Path, say: Tell = tell) -> Iterator[str]:
    """Yield the connection string of the running site's database, or of one started for this command.

    Waits while another command holds the folder.
    """
    folder = DataFolder(path)
    folder.create()
    lent = _borrow_or_hold(folder, say)
    if lent is not None:
        yield lent
        return
    with _running(folder, Role.COMMAND, lambda: None, say) as uri:
        yield uri


def find_site_database(path: Path) -> str | None:
    """Return the connection string of a site's database that runs on this folder, or None."""
    folder = DataFolder(path)
    holder = folder.find_holder()
    if holder is None or holder.role is not Role.SITE or not holder.uri:
        return None
    if folder.try_hold(Role.COMMAND):  # nobody holds it: the announcement is left from a crash
        folder.release()
        return None
    return holder.uri


def _hold_for_site(folder: DataFolder, say: Tell) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    waited_for = 0
    while not folder.try_hold(Role.SITE):
        holder = folder.find_holder()
        if time.monotonic() > deadline or (holder and holder.role is Role.SITE and _is_alive(holder.pid)):
            raise FolderInUse(folder.path, holder.pid if holder else None)
        if holder and holder.role is Role.COMMAND:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            waited_for = _say_once(say, waited_for, holder.pid)
        time.sleep(_POLL_SECONDS)


def _borrow_or_hold(folder: DataFolder, say: Tell) -> str | None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    waited_for = 0
    while not folder.try_hold(Role.COMMAND):
        holder = folder.find_holder()
        if holder and holder.role is Role.SITE and holder.uri and _is_alive(holder.pid):
            return holder.uri
        if holder and holder.role is Role.COMMAND:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            waited_for = _say_once(say, waited_for, holder.pid)
        elif time.monotonic() > deadline:
            raise FolderInUse(folder.path, holder.pid if holder else None)
        time.sleep(_POLL_SECONDS)
    return None


def _say_once(say: Tell, said: int, pid: int) -> int:
    if said != pid:
        say(f"Waiting for another pkyx command (process {pid}) to finish …")
    return pid


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextlib.contextmanager
def _running(folder: DataFolder, role: Role, on_lost: Callable[[], None], say: Tell) -> Iterator[str]:
    owner = os.getpid()
    mongod: Mongod | None = None
    keeper: _Keeper | None = None
    try:
        mongod = Mongod(folder.path)
        mongod.start()
        keeper = _Keeper(mongod, on_lost, say)
        keeper.start()
        folder.announce(Holder(owner, role, mongod.uri))
        yield mongod.uri
    finally:
        # A fork of this process unwinds through here as well; only the owner may stop the database.
        if os.getpid() == owner:
            if keeper:
                keeper.retire()
            if mongod:
                mongod.close()
            folder.release()


class _Keeper:
    """Starts a mongod anew when it dies, a few times, and then gives up."""

    def __init__(self, mongod: Mongod, on_lost: Callable[[], None], say: Tell) -> None:
        self._mongod = mongod
        self._on_lost = on_lost
        self._say = say
        self._retired = threading.Event()
        self._busy = threading.Lock()
        self._deaths: list[float] = []
        self._thread = threading.Thread(target=self._watch, name="mongod-keeper", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def retire(self) -> None:
        """Stop watching; returns when no restart is under way any more."""
        self._retired.set()
        with self._busy:
            pass

    def _watch(self) -> None:
        while True:
            status = self._mongod.wait()
            with self._busy:
                if self._retired.is_set():
                    return
                if not self._restart(status):
                    self._on_lost()
                    break
        # A mongod that this thread started ends with it: stay until the process does.
        self._retired.wait()

    def _restart(self, status: int) -> bool:
        now = time.monotonic()
        self._deaths = [*(at for at in self._deaths if now - at < _RESTARTS_WITHIN_SECONDS), now]
        if len(self._deaths) > _RESTARTS:
            self._say("The embedded MongoDB keeps dying; stopping.")
            return False
        self._say(f"The embedded MongoDB ended with status {status}; starting it again …")
        try:
            self._mongod.start()
        except EmbeddedError as error:
            self._say(str(error))
            return False
        return True
