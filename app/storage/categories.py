"""The store of categories."""

import time
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from app.domain.categories import Category, Direction, Property
from app.domain.errors import CategoryConflict, CategoryNotFound, CategoryTaken
from app.storage.documents import Document
from app.storage.errors import database_errors
from app.utils.lru import BoundedCache

# Categories of up to a few hundred properties each.
_REMEMBERED = 64
_RECENT_SECONDS = 1.0


class CategoryStore:
    """Categories by slug. There are few: lists are whole."""

    def __init__(self, db: Database[Document]) -> None:
        self._categories: Collection[Document] = db["categories"]
        self._recent: BoundedCache[str, tuple[float, Category]] = BoundedCache(_REMEMBERED)
        # Raised by each write: what was read before is not remembered after it.
        self._writes = 0
        self._remembering = Lock()

    @database_errors()
    def get(self, slug: str) -> Category:
        """Return the category; raise CategoryNotFound."""
        found = self.find(slug)
        if found is None:
            raise CategoryNotFound(slug)
        return found

    @database_errors()
    def find(self, slug: str) -> Category | None:
        """Return the category, or None."""
        found = self._categories.find_one({"_id": slug})
        return None if found is None else _category_from(found)

    @database_errors()
    def find_many(self, slugs: Iterable[str]) -> dict[str, Category]:
        """Return categories by slug in one query. Missing ones are left out."""
        found = self._categories.find({"_id": {"$in": list(set(slugs))}})
        return {category.slug: category for category in map(_category_from, found)}

    def find_recent(self, slug: str) -> Category | None:
        """Return the category as it was at most a second ago, or None.

        For readers who ask the same again and again. What this store itself writes is seen at once.
        """
        return self.find_recent_many([slug]).get(slug)

    def find_recent_many(self, slugs: Iterable[str]) -> dict[str, Category]:
        """As :meth:`find_recent`, for several: one query for those that were not read just now, if any."""
        wanted, now = set(slugs), time.monotonic()
        kept = {slug: self._recent.get(slug) for slug in wanted}
        found = {slug: known[1] for slug, known in kept.items() if known is not None and now < known[0]}
        if missing := wanted - found.keys():
            writes = self._writes
            read = self.find_many(missing)
            with self._remembering:
                for slug, category in read.items() if writes == self._writes else ():
                    self._recent.put(slug, (now + _RECENT_SECONDS, category))
            found |= read
        return found

    def _forget_recent(self) -> None:
        with self._remembering:
            self._writes += 1
            self._recent.clear()

    @database_errors()
    def all(self) -> list[Category]:
        """Return every category in the order of their slugs."""
        return [_category_from(found) for found in self._categories.find().sort("_id", 1)]

    @database_errors()
    def insert(self, category: Category) -> Category:
        """Add a category; raise CategoryTaken where its slug exists."""
        try:
            self._categories.insert_one(_category_document(category) | {"revision": category.revision})
        except DuplicateKeyError as error:
            raise CategoryTaken(category.name, category.slug) from error
        return category

    @database_errors()
    def put(self, category: Category) -> Category:
        """Add or overwrite a category and return it as stored, its revision one higher than before."""
        return self._write({"_id": category.slug}, category, upsert=True)

    @database_errors()
    def replace(self, category: Category, revision: int) -> Category:
        """Overwrite a category that is at that revision; raise CategoryConflict if it is at another."""
        return self._write({"_id": category.slug, "revision": revision}, category, upsert=False)

    def _write(self, wanted: Document, category: Category, *, upsert: bool) -> Category:
        document = _category_document(category)
        del document["_id"]
        self._forget_recent()
        update = {"$set": document, "$inc": {"revision": 1}}
        found = self._categories.find_one_and_update(
            wanted, update, upsert=upsert, return_document=ReturnDocument.AFTER
        )
        self._forget_recent()
        if found is None:
            raise CategoryConflict
        return _category_from(found)


def _category_document(category: Category) -> Document:
    """Names of groups and locales go as pairs: as field names, dots and dollars would mean something."""
    return {
        "_id": category.slug,
        "name": category.name,
        "properties": [_property_document(found) for found in category.properties],
        "labels": _pairs(category.labels),
        "group_labels": [[group, _pairs(labels)] for group, labels in category.group_labels.items()],
    }


def _property_document(found: Property) -> Document:
    return {
        "key": found.key,
        "name": found.name,
        "kind": found.kind,
        "unit": found.unit,
        "direction": found.direction.value,
        "group": found.group,
        "aliases": list(found.aliases),
        "labels": _pairs(found.labels),
    }


def _category_from(document: Mapping[str, Any]) -> Category:
    return Category(
        slug=document["_id"],
        name=document["name"],
        properties=tuple(map(_property_from, document["properties"])),
        labels=_mapping(document["labels"]),
        group_labels={group: _mapping(labels) for group, labels in document["group_labels"]},
        revision=document["revision"],
    )


def _property_from(document: Mapping[str, Any]) -> Property:
    return Property(
        key=document["key"],
        name=document["name"],
        kind=document["kind"],
        unit=document["unit"],
        direction=Direction(document["direction"]),
        group=document["group"],
        aliases=tuple(document["aliases"]),
        labels=_mapping(document["labels"]),
    )


def _pairs(mapping: Mapping[str, str]) -> list[list[str]]:
    return [[name, value] for name, value in mapping.items()]


def _mapping(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(pairs)
