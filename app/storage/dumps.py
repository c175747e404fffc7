"""Reading a whole database for a backup, while it is written to.

What is in the dump is the database as it was at one moment: a snapshot says which revision every entry was
at, and gives all that is small. A snapshot cannot be kept for as long as large sites take to be read, so
entries and pictures are read afterwards: an entry that has moved on since is in the archive of revisions as
it was, and pictures never change. So nothing of the dump contradicts anything else of it, and no unique
index of an empty database refuses it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ReadPreference
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from app.storage import schema
from app.storage.documents import Document, item_from
from app.storage.errors import database_errors
from app.storage.files import AVATAR
from app.storage.item_writes import head_document
from app.storage.maintenance import COLLECTION as MAINTENANCE
from app.storage.maintenance import MaintenanceError, require_restored
from app.storage.search_fields import known_points
from app.utils.bson_frames import read_frames

# A log-in that was ended after the backup must not come back with it, nor a letter that went out since; the
# rest is about the old database.
NOT_DUMPED = frozenset({"sessions", "tasks", MAINTENANCE})
# Too large for a snapshot: read after it, by what the snapshot says of them.
_READ_AFTERWARDS = frozenset({"revisions", "fs.files", "fs.chunks"})
_BATCH = 200
_ATTEMPTS = 5
# The snapshot meets a collection or an index that was just made, or was held for too long.
_SNAPSHOT_GONE = (239, 246)
_AWARE: CodecOptions[Document] = CodecOptions(document_class=dict, tz_aware=True)
_RAW = CodecOptions(document_class=RawBSONDocument)

Raw = RawBSONDocument


class CannotDump(MaintenanceError):
    def __init__(self) -> None:
        super().__init__(
            "A backup needs MongoDB 5.0 or newer as a replica set (of one member at least) or a sharded "
            "cluster; the database of MONGO_URI is neither."
        )


class Dump:
    """All that a backup holds of one database, as BSON."""

    def __init__(self, db: Database[Document]) -> None:
        self._db = db
        # What the snapshot saw was acknowledged by a majority, and is to be seen again afterwards.
        settled = db.with_options(
            read_preference=ReadPreference.PRIMARY, read_concern=ReadConcern("majority"), codec_options=_AWARE
        )
        self._settled = settled
        self._items = _raw(settled, "items")
        self._revisions = _raw(settled, "revisions")
        self._files = _raw(settled, "fs.files")
        self._chunks = _raw(settled, "fs.chunks")

    @database_errors()
    def require_possible(self) -> None:
        """Raise CannotDump or RestoreUnfinished where no backup can be made of the database."""
        require_restored(self._db)
        hello = self._db.client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise CannotDump

    @database_errors()
    def schema_version(self) -> int:
        """Return the schema that the database is at."""
        return schema.version(self._db)

    @database_errors()
    def count_entries(self) -> int:
        """Return about how many entries there are."""
        return self._db["items"].estimated_document_count()

    def documents(self, scratch: Path) -> Iterator[tuple[str, bytes]]:
        """Yield every document with the name of its collection, in no order that callers may rely on.

        ``scratch`` is an empty folder for what the snapshot gave. Memory does not grow with the database.
        """
        with database_errors():
            names = self._pin(scratch)
            yield from self._entries(_frames(scratch / "items"))
            yield from self._pictures({"metadata.purpose": {"$ne": AVATAR}})
            for raw in _frames(scratch / "users"):
                yield from self._account(raw)
            for name in names:
                if name not in ("items", "users"):
                    yield from ((name, raw) for raw in _frames(scratch / name))

    def _pin(self, scratch: Path) -> Sequence[str]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._pin_once(scratch)
            except OperationFailure as error:
                if error.code not in _SNAPSHOT_GONE or attempt == _ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _pin_once(self, scratch: Path) -> Sequence[str]:
        names = [name for name in sorted(self._db.list_collection_names()) if _is_pinned(name)]
        with self._db.client.start_session(snapshot=True) as session:
            for name in names:
                projection = {"revision": True} if name == "items" else None
                with (scratch / name).open("wb") as out:
                    for batch in self._db[name].find_raw_batches({}, projection, session=session):
                        out.write(cast(bytes, batch))
        return names

    # Entries

    def _entries(self, stamps: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
        while batch := [bson.decode(raw, _AWARE) for raw in islice(stamps, _BATCH)]:
            pinned = {stamp["_id"]: stamp["revision"] for stamp in batch}
            yield from self._heads(pinned)
            yield from self._archived(pinned)

    def _heads(self, pinned: dict[ObjectId, int]) -> Iterator[tuple[str, bytes]]:
        for head in self._items.find({"_id": {"$in": list(pinned)}}):
            if head["revision"] == pinned[head["_id"]]:
                yield "items", bytes(head.raw)
            else:
                yield "items", self._as_pinned(head, pinned)

    def _as_pinned(self, head: Raw, pinned: dict[ObjectId, int]) -> bytes:
        key = {"item_id": head["_id"], "revision": pinned[head["_id"]]}
        archived = self._revisions.find_one(key)
        if archived is None:
            # A hole in the history, which `check` reports. The present at least is kept.
            pinned[head["_id"]] = head["revision"]
            return bytes(head.raw)
        now, then = item_from(_decoded(head)), item_from(_decoded(archived))
        # What views added to the score is no part of any revision.
        score = head["score"] - known_points(now) + known_points(then)
        return bson.encode(head_document(then) | {"score": score})

    def _archived(self, pinned: Mapping[ObjectId, int]) -> Iterator[tuple[str, bytes]]:
        found = self._revisions.find({"item_id": {"$in": list(pinned)}})
        for revision in found.sort([("item_id", 1), ("revision", 1)]):
            # Those made since the snapshot are no part of it, nor is a copy of the head.
            if revision["revision"] < pinned[revision["item_id"]]:
                yield "revisions", bytes(revision.raw)

    # Pictures

    def _pictures(self, query: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
        for file in self._files.find(query).sort("_id", 1):
            chunks = list(self._chunks.find({"files_id": file["_id"]}).sort("n", 1))
            is_whole = sum(len(chunk["data"]) for chunk in chunks) == file["length"]
            # Removed since it was found; what is damaged without having been removed is better than nothing.
            if not is_whole and self._files.find_one({"_id": file["_id"]}) is None:
                continue
            yield from (("fs.chunks", bytes(chunk.raw)) for chunk in chunks)
            yield "fs.files", bytes(file.raw)

    def _account(self, raw: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield an account with its avatar, or, where that was replaced since, with the present one."""
        user = bson.decode(raw, _AWARE)
        pinned = avatar = user.get("avatar") or ""
        pictures = self._avatar(avatar)
        while not pictures and (present := self._present_avatar(user)) != avatar:
            avatar = present
            pictures = self._avatar(avatar)
        yield from pictures
        yield "users", raw if avatar == pinned else bson.encode({**user, "avatar": avatar})

    def _avatar(self, avatar: str) -> list[tuple[str, bytes]]:
        """Return the file and its smaller sizes; nothing where the file itself is gone."""
        if not ObjectId.is_valid(avatar):
            return []
        key = ObjectId(avatar)
        whole = list(self._pictures({"_id": key}))
        return [*whole, *self._pictures({"metadata.of": key})] if whole else []

    def _present_avatar(self, user: Mapping[str, Any]) -> str:
        found = self._settled["users"].find_one({"_id": user["_id"]}, {"avatar": True})
        return str(found.get("avatar") or "") if found else ""


def _is_pinned(name: str) -> bool:
    return not name.startswith("system.") and name not in NOT_DUMPED | _READ_AFTERWARDS


def _raw(db: Database[Document], name: str) -> Collection[Raw]:
    return cast(Collection[Raw], db.get_collection(name, codec_options=cast(CodecOptions[Any], _RAW)))


def _decoded(document: Raw) -> Document:
    return bson.decode(document.raw, _AWARE)


def _frames(path: Path) -> Iterator[bytes]:
    if not path.exists():
        return
    with path.open("rb") as stream:
        yield from read_frames(stream)
