"""How safe an acknowledged write is, and what is read: asked of the stores, tried on the server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pymongo
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.storage.documents import Document
from app.storage.errors import database_errors
from app.storage.maintenance import COLLECTION, MaintenanceError

DURABLE = WriteConcern("majority", j=True)
# What a majority does not have may be rolled back when another member becomes primary.
SETTLED = ReadConcern("majority")
_PROBE = "probe"
_PROBE_SECONDS = 10.0


class NotDurable(MaintenanceError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Writes are not acknowledged by a majority and journaled: {reason}.")


@dataclass(frozen=True, slots=True)
class Topology:
    """Where writes go. ``members`` is 0 where the database does not tell: behind a sharded cluster."""

    replica_set: str
    members: int
    is_sharded: bool

    def __str__(self) -> str:
        if self.is_sharded:
            return "a sharded cluster"
        if not self.replica_set:
            return "one mongod that is no replica set"
        return f"replica set {self.replica_set}, members: {self.members}"


@database_errors()
def prove(db: Database[Document]) -> Topology:
    """Write with the concern of ``db``, as stores have it, and say where that went.

    Raises NotDurable where the concern is another than majority and journaled, or where no majority
    acknowledged within ten seconds.
    """
    collection = db[COLLECTION]
    if collection.write_concern.document != DURABLE.document:
        raise NotDurable(f"the write concern is {collection.write_concern.document}")
    try:
        with pymongo.timeout(_PROBE_SECONDS):
            result = collection.update_one({"_id": _PROBE}, {"$currentDate": {"at": True}}, upsert=True)
            hello = db.client.admin.command("hello")
    except PyMongoError as error:
        raise NotDurable(str(error)[:300]) from error
    if not result.acknowledged:
        raise NotDurable("the database did not acknowledge")
    return topology(hello)


def topology(hello: Mapping[str, Any]) -> Topology:
    """Return where writes go, by what a server says of itself (`hello`)."""
    hosts = [*hello.get("hosts", ()), *hello.get("passives", ()), *hello.get("arbiters", ())]
    return Topology(str(hello.get("setName", "")), len(hosts), hello.get("msg") == "isdbgrid")
