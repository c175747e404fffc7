"""Reading a whole database for what must hold in it. Edits may go on meanwhile; they are no contradiction."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection
from pymongo.database import Database

from app.domain.items import Item
from app.domain.names import title_key
from app.storage.documents import Document, item_from
from app.storage.errors import database_errors

_BATCH = 200
# Uploads come before what refers to them, and writers of a release may take their time.
_SETTLED = timedelta(days=1)
Follows = Callable[[Item, Item], bool]
_UNIQUE = {"items": ("slug", "title_key"), "users": ("username_key", "email_key")}


@dataclass(frozen=True, slots=True)
class Inspected:
    """An entry, or tombstone, as found.

    ``item`` is None where the document cannot be read. ``archived`` are the numbers of its earlier
    revisions in order; ``newest`` is the number of the head, read after them. ``astray`` are the numbers of
    the revisions that do not follow from the one before. ``has_other_copy`` says that the archive holds
    another revision under the number of the head.
    """

    id: str
    title: str
    revision: int
    newest: int
    archived: Sequence[int]
    astray: Sequence[int]
    item: Item | None
    has_wrong_names: bool
    has_other_copy: bool


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """A file as found. ``of`` is the file that it is a smaller size of; ``damage`` is "" for a whole one."""

    id: str
    of: str
    is_settled: bool
    damage: str


@dataclass(frozen=True, slots=True)
class FileUse:
    """Who refers to a file: an entry at a revision, or an account. ``is_past`` is for earlier revisions."""

    file: str
    by: str
    is_past: bool = False


class Inspection:
    """The verbs of who looks at everything. Entries are read in batches; ids of pictures are held."""

    def __init__(self, db: Database[Document]) -> None:
        self._db = db
        self._items = db["items"]
        self._revisions = db["revisions"]
        self._users = db["users"]
        self._files = db["fs.files"]
        self._chunks = db["fs.chunks"]

    def entries(self, follows: Follows) -> Iterator[Inspected]:
        """Yield every entry and tombstone; ``follows(one, next)`` is asked of each two revisions in a row."""
        last: ObjectId | None = None
        while batch := self._batch_after(last):
            yield from self._inspected(batch, follows)
            last = batch[-1]["_id"]

    @database_errors()
    def doubled(self) -> list[str]:
        """Return a text for each value that two documents have and must not, such as ``items slug: tea``."""
        return [
            f"{collection} {field}: {row['_id']}"
            for collection, fields in _UNIQUE.items()
            for field in fields
            for row in self._db[collection].aggregate(_found_twice(field), allowDiskUse=True)
        ]

    @database_errors()
    def stray_revisions(self) -> list[str]:
        """Return the ids of entries that have revisions in the archive and are not there themselves."""
        stages: list[Document] = [
            {"$sort": {"item_id": 1}},
            {"$group": {"_id": "$item_id"}},
            {"$lookup": {"from": "items", "localField": "_id", "foreignField": "_id", "as": "head"}},
            {"$match": {"head": []}},
        ]
        return [str(row["_id"]) for row in self._revisions.aggregate(stages, allowDiskUse=True)]

    @database_errors()
    def count_revisions(self) -> int:
        """Return about how many earlier revisions there are."""
        return self._revisions.estimated_document_count()

    @database_errors()
    def count_accounts(self) -> int:
        """Return about how many accounts there are."""
        return self._users.estimated_document_count()

    def file_uses(self) -> Iterator[FileUse]:
        """Yield each use of an uploaded picture: in entries, as an avatar, in earlier revisions."""
        with database_errors():
            yield from _pictures(self._items, is_past=False)
            for row in self._users.find({"avatar": {"$gt": ""}}, {"username": True, "avatar": True}):
                yield FileUse(row["avatar"], f"account {row['username']}")
            yield from _pictures(self._revisions, is_past=True)

    def files(self) -> Iterator[InspectedFile]:
        """Yield every file, each read to its end and compared with its digest."""
        with database_errors():
            before = datetime.now(UTC) - _SETTLED
            for row in self._files.find().sort("_id", 1):
                yield InspectedFile(
                    id=str(row["_id"]),
                    of=str(row["metadata"].get("of", "")),
                    is_settled=row["uploadDate"].replace(tzinfo=UTC) < before,
                    damage=self._damage(row),
                )

    @database_errors()
    def is_in_use(self, use: FileUse) -> bool:
        """Say whether an account still has the file as its avatar, or an entry as its picture."""
        of_user = self._users.find_one({"avatar": use.file}, {"_id": True})
        return (of_user or self._items.find_one({_FILE: use.file}, {"_id": True})) is not None

    @database_errors()
    def stray_chunks(self) -> int:
        """Return of how many uploads there are pieces that never became a file, from before yesterday."""
        stages: list[Document] = [
            {"$match": {"files_id": {"$lt": ObjectId.from_datetime(datetime.now(UTC) - _SETTLED)}}},
            {"$sort": {"files_id": 1}},
            {"$group": {"_id": "$files_id"}},
            {"$lookup": {"from": "fs.files", "localField": "_id", "foreignField": "_id", "as": "file"}},
            {"$match": {"file": []}},
            {"$count": "found"},
        ]
        return next((int(row["found"]) for row in self._chunks.aggregate(stages, allowDiskUse=True)), 0)

    # Entries

    @database_errors()
    def _batch_after(self, last: ObjectId | None) -> list[Document]:
        query: Document = {} if last is None else {"_id": {"$gt": last}}
        return list(self._items.find(query).sort("_id", 1).limit(_BATCH))

    @database_errors()
    def _inspected(self, batch: Sequence[Document], follows: Follows) -> list[Inspected]:
        heads = {head["_id"]: head for head in batch}
        histories = {
            item_id: _history_of(rows, heads[item_id], follows)
            for item_id, rows in groupby(self._archived(list(heads)), key=lambda row: row["item_id"])
        }
        return [self._one(head, *histories.get(head["_id"], ((), ()))) for head in batch]

    def _archived(self, ids: Sequence[ObjectId]) -> Iterable[Document]:
        found = self._revisions.find({"item_id": {"$in": ids}})
        return found.sort([("item_id", 1), ("revision", 1)])

    def _one(self, head: Document, archived: Sequence[int], astray: Sequence[int]) -> Inspected:
        number = head["revision"]
        item = _readable(head)
        return Inspected(
            astray=astray,
            id=str(head["_id"]),
            title=str(head.get("title", "")),
            revision=number,
            newest=number if not archived or archived[-1] < number else self._newest(head["_id"]),
            archived=archived,
            item=item,
            has_wrong_names=item is not None and not _has_its_names(item, head),
            has_other_copy=item is not None and number in archived and self._differs(item),
        )

    def _newest(self, item_id: ObjectId) -> int:
        found = self._items.find_one({"_id": item_id}, {"revision": True})
        return int(found["revision"]) if found else 0

    def _differs(self, item: Item) -> bool:
        copy = self._revisions.find_one({"item_id": ObjectId(item.id), "revision": item.revision})
        return copy is not None and _readable(copy) != item

    # Pictures

    def _damage(self, row: Mapping[str, Any]) -> str:
        if self._is_whole(row):
            return ""
        is_there = self._files.find_one({"_id": row["_id"]}, {"_id": True}) is not None
        # Else it was removed while it was read.
        return "it is not what was uploaded" if is_there else ""

    def _is_whole(self, row: Mapping[str, Any]) -> bool:
        digest, length = hashlib.sha256(), 0
        for expected, chunk in enumerate(self._chunks.find({"files_id": row["_id"]}).sort("n", 1)):
            if chunk["n"] != expected:
                return False
            digest.update(chunk["data"])
            length += len(chunk["data"])
        return (length, digest.hexdigest()) == (row["length"], row["metadata"]["sha256"])


def _history_of(rows: Iterable[Document], head: Document, follows: Follows) -> tuple[list[int], list[int]]:
    """Return the numbers of the archived revisions of an entry, and of those that do not follow."""
    archived: list[int] = []
    astray: list[int] = []
    before: Item | None = None
    for row in chain(rows, [head]):
        item = _readable(row)
        if before and item and item.revision == before.revision + 1 and not follows(before, item):
            astray.append(item.revision)
        before = item
        archived.append(row["revision"])
    return archived[:-1], astray


_FILE = "attributes.value.file"
_USE = {"title": True, "revision": True, "attributes.kind": True, _FILE: True}


def _pictures(collection: Collection[Document], *, is_past: bool) -> Iterator[FileUse]:
    for row in collection.find({_FILE: {"$exists": True}}, _USE):
        name = f"entry “{row['title']}”, revision {row['revision']}"
        yield from (FileUse(file, name, is_past) for file in _files_of(row))


def _files_of(row: Mapping[str, Any]) -> Iterator[str]:
    for attribute in row["attributes"]:
        value = attribute.get("value")
        if attribute["kind"] == "image" and isinstance(value, dict) and "file" in value:
            yield str(value["file"])


def _found_twice(field: str) -> list[Document]:
    return [
        {"$match": {field: {"$exists": True}}},
        {"$sort": {field: 1}},
        {"$group": {"_id": f"${field}", "found": {"$sum": 1}}},
        {"$match": {"found": {"$gt": 1}}},
    ]


def _readable(document: Document) -> Item | None:
    try:
        return item_from(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _has_its_names(item: Item, head: Mapping[str, Any]) -> bool:
    if item.deleted:
        return "title_key" not in head and "slug" not in head
    return (
        bool(item.slug) and head.get("slug") == item.slug and head.get("title_key") == title_key(item.title)
    )
