"""What can be done in the background, by name. Each may be done again without harm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from app import extensions
from app.extensions import stores
from app.mailing import deliver
from app.services import accounts
from app.services.letters import Letter
from app.storage.orphans import SETTLED, Orphans
from app.storage.search_keys import SearchKeys

MAIL = "send-mail"
_HOUR = 3600
# About two seconds of work, so that no reader notices.
_ENTRIES_A_TIME = 2000
_SEARCH_POSITION = "search-keys-after"
_FILES_SINCE = "orphans-since"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do, within ``seconds``; ``every`` says how often by itself, 0 that it is asked for."""

    run: Callable[..., None]
    seconds: float
    every: int = 0


def _send_mail(**letter: str) -> None:
    deliver(Letter(**letter))


def _mend_search_keys() -> None:
    """Compare the next entries with what search knows of them; all are seen in turn."""
    after = stores().settings.find(_SEARCH_POSITION)
    mended, last = SearchKeys(extensions.database()).mend(after, _ENTRIES_A_TIME)
    if mended:
        log.warning("search keys were mended", entries=mended)
    if last != after:
        stores().settings.put(_SEARCH_POSITION, last)


def _delete_orphans() -> None:
    """Delete uploads that came to nothing; what was looked at once is not looked at again."""
    now, known = datetime.now(UTC), stores().settings.find(_FILES_SINCE)
    since = datetime.fromisoformat(known) if known else _LONG_AGO
    orphans = Orphans(extensions.database())
    deleted, pieces = orphans.delete_files(since, now), orphans.delete_pieces(now)
    stores().settings.put(_FILES_SINCE, (now - SETTLED).isoformat())
    if deleted or pieces:
        log.info("uploads that came to nothing were deleted", files=deleted, unfinished=pieces)


def _clean_up() -> None:
    """End what is over and the database does not remove by itself."""
    accounts.finish_deletions(stores(), datetime.now(UTC))
    stores().tasks.trim()


JOBS: Mapping[str, Job] = {
    MAIL: Job(_send_mail, seconds=90),
    "mend-search-keys": Job(_mend_search_keys, seconds=300, every=_HOUR),
    "delete-orphaned-uploads": Job(_delete_orphans, seconds=900, every=24 * _HOUR),
    "clean-up": Job(_clean_up, seconds=300, every=_HOUR),
}
