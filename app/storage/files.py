"""Pictures in GridFS, each with its type, its digest and its smaller sizes."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from bson import ObjectId
from gridfs import GridFSBucket, NoFile
from pymongo.database import Database

from app.domain.errors import FileNotFound
from app.storage.guarding import translating
from app.storage.space import Space
from app.utils.bson_json import bson_obj_id

Document = dict[str, Any]
_CHUNK = 255 * 1024
# The purposes of pictures of users, and of entries.
AVATAR, ITEM_IMAGE = "avatar", "item"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be stored. ``sizes`` holds smaller ones by their edge in pixels."""

    content: bytes
    content_type: str
    width: int = 0
    height: int = 0
    sizes: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to be served: ``chunks`` reads it piece by piece; ``digest`` is its SHA-256 in hexadecimal."""

    id: str
    content_type: str
    length: int
    digest: str
    purpose: str
    owner: str
    created_at: datetime
    chunks: Iterator[bytes]


@translating
class FileStore:
    """Verbs on uploaded files. They never change: another picture is another file."""

    def __init__(self, db: Database[Document], space: Space | None = None) -> None:
        self._db = db
        self._files = db["fs.files"]
        self._space = space or Space(db)

    @cached_property
    def _bucket(self) -> GridFSBucket:
        # Made at first use: what stands in for the database in tests has no GridFS.
        return GridFSBucket(self._db)

    def insert(self, picture: Picture, purpose: str, owner: str) -> str:
        """Store a picture with its sizes and return its id. ``purpose`` tells avatars from others."""
        self._space.require()
        file_id = ObjectId()
        for edge, content in picture.sizes.items():
            self._put(ObjectId(), content, picture, {"purpose": purpose, "of": file_id, "edge": edge})
        self._put(file_id, picture.content, picture, {"purpose": purpose, "owner": owner})
        return str(file_id)

    def open(self, file_id: str, purpose: str, edge: int = 0) -> StoredFile:
        """Return the file, in the size ``edge`` where it has that one; raise FileNotFound."""
        key = bson_obj_id(file_id)
        row = self._find_size(key, purpose, edge) if key and edge else None
        row = row or self._files.find_one({"_id": key, "metadata.purpose": purpose})
        if key is None or row is None:
            raise FileNotFound
        return self._stored(row)

    def exists(self, file_id: str, purpose: str) -> bool:
        """Say whether there is such a file."""
        found = {"_id": bson_obj_id(file_id), "metadata.purpose": purpose}
        return self._files.find_one(found, {"_id": True}) is not None

    def delete(self, file_id: str) -> None:
        """Remove a file and its sizes; one that is gone already is no error."""
        key = bson_obj_id(file_id)
        for row in self._files.find({"$or": [{"_id": key}, {"metadata.of": key}]}, {"_id": 1}) if key else ():
            self._delete(row["_id"])

    def find_owned(self, purpose: str, owner: str) -> tuple[str, ...]:
        """Return the ids of a user's files of one purpose."""
        rows = self._files.find({"metadata.purpose": purpose, "metadata.owner": owner}, {"_id": 1})
        return tuple(str(row["_id"]) for row in rows)

    def _find_size(self, key: ObjectId, purpose: str, edge: int) -> Document | None:
        return self._files.find_one({"metadata.of": key, "metadata.edge": edge, "metadata.purpose": purpose})

    def _put(self, key: ObjectId, content: bytes, picture: Picture, metadata: Document) -> None:
        metadata |= {"type": picture.content_type, "sha256": hashlib.sha256(content).hexdigest()}
        self._bucket.upload_from_stream_with_id(
            key, f"{metadata['purpose']}/{key}", content, metadata=metadata
        )

    def _delete(self, key: ObjectId) -> None:
        try:
            self._bucket.delete(key)
        except NoFile:
            return

    def _stored(self, row: Document) -> StoredFile:
        metadata = row["metadata"]
        return StoredFile(
            id=str(row["_id"]),
            content_type=metadata["type"],
            length=row["length"],
            digest=metadata["sha256"],
            purpose=metadata["purpose"],
            owner=metadata.get("owner", ""),
            created_at=row["uploadDate"].replace(tzinfo=UTC),
            chunks=self._chunks(row["_id"]),
        )

    def _chunks(self, key: ObjectId) -> Iterator[bytes]:
        try:
            with self._bucket.open_download_stream(key) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except NoFile:
            return
