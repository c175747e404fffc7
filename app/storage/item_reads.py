"""Single items and small sets of them, by id, slug or title."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from bson import ObjectId

from app.domain.errors import ItemNotFound
from app.domain.items import Item, ItemHead
from app.domain.names import title_key
from app.storage.base import LIVE, ItemCollections, Query
from app.storage.documents import (
    HEAD_PROJECTION,
    WITHOUT_SEARCH_FIELDS,
    Document,
    head_from,
    item_from,
    object_id,
)
from app.storage.errors import database_errors
from app.storage.remembering import Remembered

_EXPORT_BATCH = 500

# Only the few fields that tell one revision from another.
_STAMP = dict.fromkeys(("slug", "title", "category", "revision", "past_slugs"), True)
_HEAD = {**HEAD_PROJECTION, "past_slugs": True}
_PRESENT = {"slug": True, "revision": True}


class ItemReads(ItemCollections):
    """The reading verbs."""

    @database_errors()
    def get(self, item_id: str) -> Item:
        """Return the item, a tombstone too; raise ItemNotFound."""
        found = self.find(item_id)
        if found is None:
            raise ItemNotFound(item_id)
        return found

    @database_errors()
    def find(self, item_id: str) -> Item | None:
        """Return the item, a tombstone too, or None; what cannot be an id is None."""
        if not ObjectId.is_valid(item_id):
            return None
        return self._one({"_id": object_id(item_id)})

    @database_errors()
    def find_by_slug(self, slug: str) -> Item | None:
        """Return the item of that slug; else one that had it; else the tombstone that had it; or None.

        One query where the slug is a present one.
        """
        return (
            self._one({"slug": slug})
            or self._one({"past_slugs": slug, "deleted": False})
            or self._newest({"former_slug": slug})
        )

    @database_errors()
    def find_many(self, slugs: Iterable[str]) -> dict[str, Item]:
        """Return existing items by requested slug, present or past; missing ones are left out.

        One query where all are present slugs, else two.
        """
        return {slug: item_from(row) for slug, row in self._by_slugs(slugs, WITHOUT_SEARCH_FIELDS)}

    @database_errors()
    def heads(self, slugs: Iterable[str]) -> dict[str, ItemHead]:
        """As :meth:`find_many`, with no more than what lists show."""
        return {slug: head_from(row) for slug, row in self._by_slugs(slugs, _HEAD)}

    @database_errors()
    def stamps(self, slugs: Iterable[str]) -> dict[str, ItemHead]:
        """As :meth:`heads`, with no more than id, slug, title, category and revision.

        Enough to say whether what was made of the items still holds.
        """
        return {slug: head_from(row) for slug, row in self._by_slugs(slugs, _STAMP)}

    @database_errors()
    def present_revision(self, item_id: str) -> tuple[str, int] | None:
        """Return slug and revision of an existing item, or None; the cheapest question there is."""
        found = self._items.find_one({"_id": object_id(item_id)}, _PRESENT)
        return (found["slug"], found["revision"]) if found and "slug" in found else None

    @database_errors()
    def find_by_titles(self, titles: Iterable[str]) -> dict[str, Item]:
        """Return existing items by title key, in one query."""
        keys = list({title_key(title) for title in titles})
        found = self._items.find({"title_key": {"$in": keys}}, WITHOUT_SEARCH_FIELDS)
        return {title_key(item.title): item for item in map(item_from, found)}

    @database_errors()
    def count_by_category(self) -> dict[str, int]:
        """Return how many items exist in each category that has any.

        On a large site the counts may be some seconds old.
        """
        return dict(self._remembered_counts())

    @cached_property
    def _remembered_counts(self) -> Remembered[dict[str, int]]:
        return Remembered(self._counts)

    def _counts(self) -> dict[str, int]:
        # One count of an index range for each category: grouping would read every entry.
        categories = self._items.distinct("category")
        counts = {slug: self._items.count_documents({**LIVE, "category": slug}) for slug in categories}
        return {slug: count for slug, count in counts.items() if count}

    def iterate(self, category: str = "") -> Iterator[Item]:
        """Yield every existing item (of a category) in the order of creation, without holding them.

        It pages by id, so that no cursor has to live as long as the reader takes.
        """
        last: ObjectId | None = None
        while batch := self._batch_after(last, category):
            yield from map(item_from, batch)
            last = batch[-1]["_id"]

    @database_errors()
    def _batch_after(self, last: ObjectId | None, category: str) -> list[Document]:
        query: Document = {"deleted": False}
        if category:
            query["category"] = category
        if last is not None:
            query["_id"] = {"$gt": last}
        found = self._items.find(query, WITHOUT_SEARCH_FIELDS).sort("_id", 1).limit(_EXPORT_BATCH)
        return list(found)

    def _one(self, query: Query) -> Item | None:
        found = self._items.find_one(query, WITHOUT_SEARCH_FIELDS)
        return None if found is None else item_from(found)

    def _newest(self, query: Query) -> Item | None:
        found = self._items.find_one(query, WITHOUT_SEARCH_FIELDS, sort=[("change.at", -1)])
        return None if found is None else item_from(found)

    def _by_slugs(
        self, slugs: Iterable[str], projection: Mapping[str, bool]
    ) -> Iterator[tuple[str, Document]]:
        wanted = list(dict.fromkeys(slugs))
        found = self._present(wanted, projection) if wanted else {}
        # Asked for in one condition, past slugs would double the cost for all who need none.
        if missing := [slug for slug in wanted if slug not in found]:
            found |= self._past(missing, projection)
        return ((slug, found[slug]) for slug in wanted if slug in found)

    def _present(self, slugs: Sequence[str], projection: Mapping[str, bool]) -> dict[str, Document]:
        return {row["slug"]: row for row in self._items.find({"slug": {"$in": slugs}}, projection)}

    def _past(self, slugs: Sequence[str], projection: Mapping[str, bool]) -> dict[str, Document]:
        rows = self._items.find({"past_slugs": {"$in": slugs}, "deleted": False}, projection)
        return {slug: row for row in rows for slug in row["past_slugs"]}
