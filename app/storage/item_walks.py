"""Verbs that look at the items as a whole: the borders of site maps, and chance."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from bson import ObjectId

from app.domain.items import ItemHead
from app.storage.base import ItemCollections
from app.storage.documents import HEAD_PROJECTION, head_from
from app.storage.errors import database_errors

# A tombstone may be drawn: then one of the others is taken.
_DRAWN = 4


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a site map; ``updated_at`` is aware UTC."""

    slug: str
    updated_at: datetime


class ItemWalks(ItemCollections):
    """The verbs over all items."""

    @database_errors()
    def borders(self, size: int) -> list[str]:
        """Return the first ids of parts of about ``size`` items each, in order.

        One walk over the index of ids inside the database; nothing but the borders leaves it.
        """
        parts = ceil(self._items.estimated_document_count() / size)
        if not parts:
            return []
        stages: list[dict[str, Any]] = [
            {"$project": {"_id": True}},
            {"$bucketAuto": {"groupBy": "$_id", "buckets": parts}},
        ]
        found = self._items.aggregate(stages, hint="_id_", allowDiskUse=True)
        return [str(row["_id"]["min"]) for row in found]

    @database_errors()
    def listed(self, start: str, end: str, limit: int) -> list[Listed]:
        """Return existing items from the id ``start`` up to before ``end``; what is no id is an open end."""
        within = {"$gte": start, "$lt": end}
        bounds = {sign: ObjectId(border) for sign, border in within.items() if ObjectId.is_valid(border)}
        query = {"deleted": False, **({"_id": bounds} if bounds else {})}
        found = self._items.find(query, {"slug": True, "change.at": True}).sort("_id", 1).limit(limit)
        return [Listed(row["slug"], row["change"]["at"]) for row in found]

    @database_errors()
    def drawn(self) -> ItemHead | None:
        """Return an existing item by chance, or None if there is none to be found."""
        projection = {**HEAD_PROJECTION, "deleted": True}
        found = self._items.aggregate([{"$sample": {"size": _DRAWN}}, {"$project": projection}])
        return next((head_from(row) for row in found if not row["deleted"]), None)
