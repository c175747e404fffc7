"""How often entries and comparisons are looked at. Never part of an item's history.

Views are gathered in the process and written in batches: a page view costs no write of its own. The
last few are lost with a process that is killed; nothing relies on an exact count.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping

from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.storage.documents import Document
from app.storage.errors import database_errors
from app.storage.search_fields import points

_BATCH = 200
_SECONDS = 2.0
_PLAIN = WriteConcern(w=1)
# No slug contains it.
_SEPARATOR = "/"
# A comparison has two to eight entries.
_SIZES = [2, 3, 4, 5, 6, 7, 8]


class ViewStore:
    """Counts of views by entry or by set of compared entries; safe among threads."""

    def __init__(self, db: Database[Document]) -> None:
        # To wait for the journal would cost more than a lost view. What did not wait for a majority is read
        # without one too.
        self._views: Collection[Document] = db["views"].with_options(
            write_concern=_PLAIN, read_concern=ReadConcern("local")
        )
        self._items: Collection[Document] = db["items"].with_options(write_concern=_PLAIN)
        self._lock = threading.Lock()
        self._waiting: Counter[tuple[str, ...]] = Counter()
        self._written_at = time.monotonic()

    def count_view(self, slugs: Iterable[str]) -> None:
        """Count one view of the entry, or of the comparison of these entries in any order.

        Cheap: most calls only add in memory. Raises DatabaseUnavailable when a batch cannot be written.
        """
        key = tuple(sorted(set(slugs)))
        with self._lock:
            self._waiting[key] += 1
            is_due = self._waiting.total() >= _BATCH or time.monotonic() - self._written_at >= _SECONDS
        if is_due:
            self.flush()

    @database_errors()
    def flush(self) -> None:
        """Write what is gathered (also called when a process ends)."""
        with self._lock:
            batch, self._waiting = self._waiting, Counter()
            self._written_at = time.monotonic()
        if batch:
            # Three commands for all: one for each would make a view as dear as an edit.
            self._views.bulk_write([_counted(*view) for view in batch.items()], ordered=False)
            self._raise_scores({slugs[0]: count for slugs, count in batch.items() if len(slugs) == 1})

    @database_errors()
    def popular_comparisons(self, limit: int = 6) -> list[tuple[str, ...]]:
        """Return the slugs most often compared with each other, the most popular first."""
        # Named one by one, the sizes are read side by side from the index, already in order.
        found = self._views.find({"size": {"$in": _SIZES}}, {"slugs": True}).sort("count", -1).limit(limit)
        return [tuple(row["slugs"]) for row in found]

    def _raise_scores(self, counts: Mapping[str, int]) -> None:
        """Add to each entry's score what the views that were just counted are worth."""
        gains: list[UpdateOne] = []
        for row in self._views.find({"_id": {"$in": list(counts)}}, {"count": True}):
            slug, total = row["_id"], row["count"]
            if gain := points(total) - points(total - counts[slug]):
                gains.append(UpdateOne({"slug": slug}, {"$inc": {"score": gain}}))
        if gains:
            self._items.bulk_write(gains, ordered=False)


def _counted(slugs: tuple[str, ...], count: int) -> UpdateOne:
    update: Document = {
        "$inc": {"count": count},
        "$setOnInsert": {"slugs": list(slugs), "size": len(slugs)},
        "$currentDate": {"last": True},
    }
    return UpdateOne({"_id": _SEPARATOR.join(slugs)}, update, upsert=True)
