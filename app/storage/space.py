"""The disk under the database, and the last of it that nobody may fill.

A mongod that finds its disk full ends itself and cannot start again by itself. So the site stops growing
the database before that: reading goes on, and what is left is the database's own for what it has to write.
"""

import time
from typing import Any

from pymongo.database import Database

from app.domain.errors import DatabaseFull

# Room for journals and checkpoints; on a small disk, a part of it.
_RESERVE_BYTES = 512 * 1024 * 1024
_RESERVE_PART = 8
# As long as an answer holds, so that a busy site asks now and then and not at every edit.
_SECONDS = 2.0


class Space:
    """Says whether the database may grow. Safe among threads: at worst two ask at once."""

    def __init__(self, db: Database[Any]) -> None:
        self._db = db
        self._asked_at = float("-inf")
        self._is_full = False

    def require(self) -> None:
        """Raise DatabaseFull where the disk is nearly full, as it was at most two seconds ago."""
        now = time.monotonic()
        if now - self._asked_at > _SECONDS:
            self._asked_at = now
            self._is_full = self._ask()
        if self._is_full:
            raise DatabaseFull

    def _ask(self) -> bool:
        # The stand-in of the tests has no disk, and a sharded cluster does not tell of its many.
        if not isinstance(self._db, Database):
            return False
        told = self._db.command("dbStats")
        total, used = told.get("fsTotalSize"), told.get("fsUsedSize")
        if not total or used is None:
            return False
        return bool(total - used < min(_RESERVE_BYTES, total / _RESERVE_PART))
