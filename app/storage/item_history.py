"""Earlier revisions, recent changes and contributions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import ObjectId

from app.domain.errors import RevisionNotFound
from app.domain.items import Page, Revision
from app.storage import cursors
from app.storage.base import ItemCollections, Query
from app.storage.documents import (
    WITHOUT_SEARCH_FIELDS,
    Document,
    change_from,
    item_from,
    object_id,
)
from app.storage.errors import database_errors
from app.storage.queries import ChangeQuery
from app.utils.bson_json import bson_obj_id

LINE = dict.fromkeys(("item_id", "revision", "change", "slug", "former_slug", "title", "category"), True)
_LISTING = "changes"


class ItemHistory(ItemCollections):
    """The verbs of history. The head is the newest revision; the others are in the archive."""

    @database_errors()
    def revisions(self, item_id: str, before: int | None = None, limit: int = 50) -> list[Revision]:
        """Return the lines of an item's history, newest first, below the number ``before``."""
        key = object_id(item_id)
        head = self._items.find_one({"_id": key}, LINE)
        if head is None:
            return []
        bound = head["revision"] if before is None else min(before, head["revision"])
        lines = [head] if before is None or head["revision"] < before else []
        query = {"item_id": key, "revision": {"$lt": bound}}
        missing = limit - len(lines)
        if missing > 0:
            lines.extend(self._revisions.find(query, LINE).sort("revision", -1).limit(missing))
        return [line_of(document) for document in lines[:limit]]

    @database_errors()
    def whole_revisions(
        self, item_id: str, before: int | None = None, limit: int = 20, key: str = ""
    ) -> list[Revision]:
        """Return revisions with their items, newest first, below the number ``before``, in two queries.

        With ``key`` only those that touched that attribute, as their changes say.
        """
        among = {} if before is None else {"revision": {"$lt": before}}
        touching = {"change.keys": key} if key else {}
        # The head first: archived in between, it is seen twice and kept once; never is it missed.
        head = self._items.find_one({"_id": object_id(item_id), **among, **touching}, WITHOUT_SEARCH_FIELDS)
        query = {"item_id": object_id(item_id), **among, **touching}
        found = list(self._revisions.find(query).sort("revision", -1).limit(limit))
        by_number = {document["revision"]: document for document in (*found, *([head] if head else []))}
        return [_whole(by_number[number]) for number in sorted(by_number, reverse=True)[:limit]]

    @database_errors()
    def last_not_by(self, item_id: str, username: str) -> Revision | None:
        """Return the newest revision that somebody else than ``username`` made, with its item, or None."""
        others = {"change.by": {"$ne": username}}
        head = self._items.find_one({"_id": object_id(item_id), **others}, WITHOUT_SEARCH_FIELDS)
        query = {"item_id": object_id(item_id), **others}
        found = head or self._revisions.find_one(query, sort=[("revision", -1)])
        return _whole(found) if found else None

    @database_errors()
    def revision(self, item_id: str, number: int) -> Revision:
        """Return one revision with its item as it was; raise RevisionNotFound."""
        key = object_id(item_id)
        if not 0 < number < 2**31:
            raise RevisionNotFound(number)
        # The head first: between the two reads it can only have moved into the archive.
        head = self._items.find_one({"_id": key, "revision": number}, WITHOUT_SEARCH_FIELDS)
        found = head or self._revisions.find_one({"item_id": key, "revision": number})
        if found is None:
            raise RevisionNotFound(number)
        return _whole(found)

    @database_errors()
    def recent_changes(self, query: ChangeQuery) -> Page[Revision]:
        """Return changes of all items, newest first; with ``user`` the contributions of one person.

        Raises BadQuery for a cursor that is not of this list. Pages neither miss nor repeat a change,
        whatever is written between them.
        """
        position = _position(query.cursor)
        # Heads first: a head that is archived in between is then seen twice, never not at all.
        heads = self._heads_changed(query, position)
        archived = self._archived_changes(query, position)
        merged = _merged(heads, archived)
        following = _cursor_of(merged[query.limit - 1]) if len(merged) > query.limit else None
        return Page(tuple(map(line_of, merged[: query.limit])), following)

    def _heads_changed(self, query: ChangeQuery, position: list[Any]) -> list[Document]:
        found = self._items.find(_changed(query, position, "_id"), LINE)
        return list(found.sort([("change.at", -1), ("_id", -1)]).limit(query.limit + 1))

    def _archived_changes(self, query: ChangeQuery, position: list[Any]) -> list[Document]:
        found = self._revisions.find(_changed(query, position, "item_id"), LINE)
        order = [("change.at", -1), ("item_id", -1), ("revision", -1)]
        # A copy that a crash left beside its head, and one archived since the heads were read, appear
        # in both; there is at most one for each head on the page.
        return list(found.sort(order).limit(query.limit + 1))


def _changed(query: ChangeQuery, position: list[Any], id_field: str) -> Query:
    wanted = {
        "category": query.category,
        "change.by": query.user,
        "change.keys": query.key,
        "change.action": query.action,
    }
    conditions: dict[str, Any] = {field: value for field, value in wanted.items() if value}
    if query.item_id:
        # Beside the bound of a page, which may name the same field.
        conditions["$and"] = [{id_field: bson_obj_id(query.item_id)}]
    if position:
        at, item_id, number = position
        conditions["change.at"] = {"$lte": at}
        conditions["$or"] = [
            {"change.at": {"$lt": at}},
            {id_field: {"$lt": item_id}},
            {id_field: item_id, "revision": {"$lt": number}},
        ]
    return conditions


def _position(cursor: str) -> list[Any]:
    return list(cursors.decode(_LISTING, (datetime, ObjectId, int), cursor)) if cursor else []


def _cursor_of(document: Document) -> str:
    at, item_id, number = place_of(document)
    return cursors.encode(_LISTING, (at, item_id, number))


def place_of(document: Document) -> tuple[datetime, ObjectId, int]:
    """Return where a change stands in the order of all changes."""
    return (
        change_from(document["change"]).at,
        document.get("item_id") or document["_id"],
        document["revision"],
    )


def _merged(heads: Iterable[Document], archived: Iterable[Document]) -> list[Document]:
    found = {place_of(document): document for document in (*archived, *heads)}
    return [found[place] for place in sorted(found, reverse=True)]


def line_of(document: Document) -> Revision:
    """Read one line of a history."""
    return Revision(
        item_id=str(document.get("item_id") or document["_id"]),
        number=document["revision"],
        change=change_from(document["change"]),
        slug=document.get("slug") or document.get("former_slug", ""),
        title=document["title"],
        category=document["category"],
    )


def _whole(document: Document) -> Revision:
    item = item_from(document)
    return Revision(item.id, item.revision, item.change, item.slug, item.title, item.category, item)
