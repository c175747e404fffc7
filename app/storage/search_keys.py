"""Mending what is computed from entries for search, where it is not what it should be."""

from collections.abc import Sequence

from bson import ObjectId
from pymongo.database import Database

from app.storage.base import LIVE
from app.storage.documents import Document, item_from
from app.storage.guarding import translating
from app.storage.search_fields import search_fields
from app.utils.bson_json import bson_obj_id

_BATCH = 100


@translating
class SearchKeys:
    """Verbs on the search fields of entries. Edits may go on meanwhile."""

    def __init__(self, db: Database[Document]) -> None:
        self._items = db["items"]

    def mend(self, after: str, most: int) -> tuple[int, str]:
        """Look at ``most`` entries from the id ``after`` on, make anew what differs.

        Returns how many did and the id to go on from, "" when all were seen.
        """
        mended, last = 0, bson_obj_id(after)
        for _ in range(0, most, _BATCH):
            batch = self._batch_after(last)
            mended += sum(map(self._mend, batch))
            if len(batch) < _BATCH:
                return mended, ""
            last = batch[-1]["_id"]
        return mended, str(last)

    def _batch_after(self, last: ObjectId | None) -> Sequence[Document]:
        query = {**LIVE, **({"_id": {"$gt": last}} if last else {})}
        return list(self._items.find(query).sort("_id", 1).hint([("_id", 1)]).limit(_BATCH))

    def _mend(self, found: Document) -> bool:
        try:
            right = search_fields(item_from(found))
        except (KeyError, TypeError, ValueError, AttributeError):
            # Damaged: `check` tells of it, and the others have their turn.
            return False
        if all(found.get(name) == value for name, value in right.items()):
            return False
        # A newer revision brings its own.
        guard = {"_id": found["_id"], "revision": found["revision"]}
        return bool(self._items.update_one(guard, {"$set": right}).modified_count)
