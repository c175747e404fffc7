"""The data folder: made, locked against a second user, and telling others where the database is."""

import contextlib
import fcntl
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from app.embedded.errors import FolderUnusable


class Role(StrEnum):
    """What holds a folder: a site lends its database to commands, a command to nobody."""

    SITE = "site"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a folder. ``uri`` is empty until the database is ready."""

    pid: int
    role: Role
    uri: str = ""


class DataFolder:
    """A folder that at most one process holds at a time.

    The lock ends with the process however that ends, so nothing has to be cleaned up after a crash.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    def create(self) -> None:
        """Make the folder if need be; raise FolderUnusable where it cannot be written."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise FolderUnusable(self.path, error.strerror or str(error)) from error

    def try_hold(self, role: Role) -> bool:
        """Hold the folder if nobody else does; say whether it is held now."""
        try:
            handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderUnusable(self.path, error.strerror or str(error)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock = handle
        self.announce(Holder(os.getpid(), role))
        return True

    def release(self) -> None:
        """Let the folder go. Doing so twice is harmless."""
        if self._lock is not None:
            self._state.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def announce(self, holder: Holder) -> None:
        """Tell other processes who holds the folder and where its database is."""
        handle, name = tempfile.mkstemp(dir=self.path, prefix=".holder-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(holder), file)
        Path(name).replace(self._state)

    def find_holder(self) -> Holder | None:
        """Return what the last holder announced, or None. It may have died since: ask the lock first."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            raw = json.loads(self._state.read_text(encoding="utf-8"))
            return Holder(int(raw["pid"]), Role(raw["role"]), str(raw["uri"]))
        return None

    @property
    def _state(self) -> Path:
        return self.path / "holder.json"
