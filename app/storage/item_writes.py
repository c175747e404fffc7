"""Writing items: unique titles by index, history archived before it is overwritten.

A revision is known by its number and by an identity of its own: after a fail-over another revision may have
the number of one that was rolled back. See docs/decisions/acknowledged-history.md.
"""

from collections.abc import Container, Sequence
from dataclasses import replace
from itertools import count

from bson import ObjectId
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.domain.errors import EditConflict, TitleTaken
from app.domain.items import Item
from app.domain.names import title_key
from app.storage.documents import (
    Document,
    item_document,
    live_fields,
    object_id,
    revision_document,
    to_milliseconds,
)
from app.storage.errors import database_errors
from app.storage.item_reads import ItemReads
from app.storage.search_fields import (
    changed_search_fields,
    has_same_attributes,
    known_points,
    search_fields,
)

# Fields that not every revision of an item has; a write clears those the new one lacks.
_OCCASIONAL = frozenset(
    {"slug", "former_slug", "title_key", "updated", "names", "grams", "words", "x", "m", "refs"}
)
_SUFFIXES_AT_ONCE = 50
_INSERTED_AT_ONCE = 200
_ATTEMPTS = 20


class ItemWrites(ItemReads):
    """The writing verbs."""

    @staticmethod
    def new_id() -> str:
        """Return an id that no item has."""
        return str(ObjectId())

    @database_errors()
    def insert(self, item: Item) -> Item:
        """Add an item at revision 1 and return it as stored; raise TitleTaken.

        Where another title has its slug it gets ``-2``, ``-3`` …; times are cut to milliseconds.
        """
        self._space.require()
        item, wanted = _as_stored(item), item.slug
        for _ in range(_ATTEMPTS):
            try:
                self._items.insert_one(_first_document(item))
            except DuplicateKeyError as error:
                item = self._with_free_slug(item, wanted, error)
            else:
                return item
        raise EditConflict

    def insert_many(self, items: Sequence[Item]) -> list[Item | TitleTaken]:
        """Add items, each on its own, and return in the same order what became of each."""
        if not items:
            return []
        items = [_as_stored(item) for item in items]
        outcomes: list[Item | TitleTaken] = [*items]
        # Many may take their time, while each of these verbs gets on.
        for start in range(0, len(items), _INSERTED_AT_ONCE):
            for place in self._insert_free(items[start : start + _INSERTED_AT_ONCE]):
                outcomes[start + place] = self._insert_or_taken(items[start + place])
        return outcomes

    @database_errors()
    def replace(self, head: Item, new: Item) -> Item:
        """Make ``new`` the revision after ``head`` and return it as stored.

        ``head`` is the item as loaded from this store, so a majority has it and it can't be rolled back.
        Raises EditConflict, with the item as it is now, where it has moved on, and TitleTaken. The number
        and the identity of the revision are set here; it is dated as asked for, but never before ``head``.
        Nothing is lost by a crash between the two writes: the archive then holds a copy of what is still
        the head.
        """
        self._space.require()
        self._archive(head)
        new = _after(head, _as_stored(new))
        wanted = new.slug
        for _ in range(_ATTEMPTS):
            try:
                swapped = self._swap(head, new)
            except DuplicateKeyError as error:
                new = self._with_free_slug(new, wanted, error)
                continue
            if not swapped:
                raise EditConflict(self.find(head.id))
            return new
        raise EditConflict(self.find(head.id))

    @database_errors()
    def _insert_free(self, items: Sequence[Item]) -> list[int]:
        """Add those whose title and slug are free, and return the places of the others."""
        self._space.require()
        try:
            self._items.insert_many([_first_document(item) for item in items], ordered=False)
        except BulkWriteError as error:
            if error.details.get("writeConcernErrors"):
                raise
            return [failure["index"] for failure in error.details["writeErrors"]]
        return []

    def _archive(self, head: Item) -> None:
        document = revision_document(head)
        number = {"item_id": document["item_id"], "revision": document["revision"]}
        identity = document.get("revision_id")
        try:
            key = {**number, "revision_id": identity}
            self._revisions.update_one(key, {"$setOnInsert": _without(document, key)}, upsert=True)
        except DuplicateKeyError:
            # Either another writer archived the same head in this moment, or what has its number was never
            # acknowledged: releases that asked no majority could archive a draft.
            self._revisions.replace_one({**number, "revision_id": {"$ne": identity}}, document)

    def _swap(self, head: Item, new: Item) -> bool:
        """Overwrite the head if it is still the one loaded.

        All that differs is set or unset in one atomic update. The score, which views raise meanwhile,
        changes by what the facts add, so that no view is lost.
        """
        identity = ObjectId(head.revision_id) if head.revision_id else None
        key = {"_id": object_id(head.id), "revision": head.revision, "revision_id": identity}
        update = _update(head, new)
        if gain := known_points(new) - known_points(head):
            update["$inc"] = {"score": gain}
        return self._items.update_one(key, update).matched_count == 1

    def _insert_or_taken(self, item: Item) -> Item | TitleTaken:
        try:
            return self.insert(item)
        except TitleTaken as taken:
            return taken

    def _with_free_slug(self, item: Item, wanted: str, error: DuplicateKeyError) -> Item:
        """Return the item under a slug that is free at this moment; raise TitleTaken if it was the title."""
        holder = self._items.find_one({"title_key": title_key(item.title)}, {"slug": True})
        if holder is not None and str(holder["_id"]) != item.id:
            raise TitleTaken(item.title, holder["slug"]) from error
        if item.revision == 1 and (current := self.find(item.id)) is not None:
            raise EditConflict(current) from error
        return replace(item, slug=self._free_slug(wanted))

    def _free_slug(self, wanted: str) -> str:
        for first in count(2, _SUFFIXES_AT_ONCE):
            candidates = [f"{wanted}-{number}" for number in range(first, first + _SUFFIXES_AT_ONCE)]
            rows = self._items.find({"slug": {"$in": candidates}}, {"slug": True})
            taken = {row["slug"] for row in rows}
            if free := [slug for slug in candidates if slug not in taken]:
                return free[0]
        raise AssertionError("count() has no end")


def _first_document(item: Item) -> Document:
    return head_document(item) | {"score": known_points(item)}


def head_document(item: Item) -> Document:
    """Return the item as its head is kept, but for the score."""
    return item_document(item) | live_fields(item) | search_fields(item)


def _update(head: Item, new: Item) -> Document:
    """Return the update that makes the document of ``head`` that of ``new``, but for the score."""
    if not head.deleted and not new.deleted:
        return {"$set": _changed_fields(head, new)}
    document = head_document(new)
    del document["_id"]
    gone = sorted(_OCCASIONAL - document.keys())
    return {"$set": document, "$unset": dict.fromkeys(gone, "")}


def _changed_fields(head: Item, new: Item) -> Document:
    """Return what may differ of two existing items; attributes, nearly all of one, only if they do."""
    is_same = has_same_attributes(head, new)
    document = item_document(replace(new, attributes=()) if is_same else new)
    del document["_id"]
    if is_same:
        del document["attributes"]
    return document | live_fields(new) | changed_search_fields(head, new)


def _after(head: Item, new: Item) -> Item:
    """Return ``new`` as the revision that follows ``head``."""
    # The clocks of two hosts differ, and a request may have waited long after it began.
    change = replace(new.change, at=max(new.change.at, head.change.at))
    return replace(new, id=head.id, revision=head.revision + 1, parent_id=head.revision_id, change=change)


def _without(document: Document, names: Container[str]) -> Document:
    return {name: value for name, value in document.items() if name not in names}


def _as_stored(item: Item) -> Item:
    """Return the item as it reads back, with the identity of a revision that is new."""
    return replace(
        item,
        revision_id=str(ObjectId()),
        parent_id="",
        created_at=to_milliseconds(item.created_at),
        change=replace(item.change, at=to_milliseconds(item.change.at)),
    )
