"""What was answered to requests that carry a key: collection ``idempotency``, forgotten after a day."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from app.storage.documents import Document
from app.storage.guarding import translating

LIFETIME = timedelta(hours=24)
# After so long without an answer the one who began it is taken for dead.
LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it went out."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Begun:
    """An earlier request with the same key: ``digest`` of what it asked, ``answer`` None while it runs."""

    digest: str
    answer: KeptAnswer | None


@translating
class IdempotencyStore:
    """Verbs on keyed requests; a key belongs to its user."""

    def __init__(self, db: Database[Document]) -> None:
        self._requests = db["idempotency"]

    def begin(self, user_id: str, key: str, digest: str, now: datetime) -> Begun | None:
        """Claim the key for one request and return None; else return the request that has it.

        The unique ``_id`` decides among requests of the same moment.
        """
        document = {"_id": _id(user_id, key), "digest": digest, "begun_at": now, "expires_at": now + LIFETIME}
        try:
            self._requests.insert_one(document)
        except DuplicateKeyError:
            return self._earlier(document, now)
        return None

    def finish(self, user_id: str, key: str, answer: KeptAnswer) -> None:
        """Keep what was answered."""
        kept = {"status": answer.status, "headers": list(answer.headers.items()), "body": answer.body}
        self._requests.update_one({"_id": _id(user_id, key)}, {"$set": {"answer": kept}})

    def abandon(self, user_id: str, key: str) -> None:
        """Give the key free: the request came to nothing that would be worth repeating."""
        self._requests.delete_one({"_id": _id(user_id, key), "answer": None})

    def _earlier(self, document: Document, now: datetime) -> Begun | None:
        key = {"_id": document["_id"]}
        # The database removes what is over once a minute; until then it counts for nothing.
        over = {"$or": [{"expires_at": {"$lte": now}}, {"answer": None, "begun_at": {"$lte": now - LEASE}}]}
        claim = {"$set": {name: value for name, value in document.items() if name != "_id"}}
        if self._requests.update_one(key | over, claim | {"$unset": {"answer": ""}}).matched_count:
            return None
        found = self._requests.find_one(key)
        if found is None:
            # Abandoned in this moment: a client that asks again will get it.
            return Begun(document["digest"], None)
        return Begun(found["digest"], _answer_from(found.get("answer")))


def _id(user_id: str, key: str) -> str:
    return hashlib.sha256(f"{user_id}\0{key}".encode(errors="replace")).hexdigest()


def _answer_from(kept: Mapping[str, Any] | None) -> KeptAnswer | None:
    if kept is None:
        return None
    return KeptAnswer(kept["status"], dict(kept["headers"]), bytes(kept["body"]))
