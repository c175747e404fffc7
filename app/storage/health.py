"""How the database is: where it runs, how much it holds, and whether it is as declared. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from pymongo.database import Database

from app.storage import durability, indexes, schema
from app.storage.documents import Document
from app.storage.errors import database_errors
from app.storage.maintenance import is_restoring


@dataclass(frozen=True, slots=True)
class CollectionHealth:
    """A collection: about how many documents, and bytes of data, on the disk and of indexes."""

    name: str
    documents: int
    data_bytes: int
    stored_bytes: int
    index_bytes: int


@dataclass(frozen=True, slots=True)
class Health:
    """What an operator wants to know at a glance; ``problems`` is empty where all is as declared."""

    server_version: str
    topology: str
    schema_version: int
    collections: Sequence[CollectionHealth]
    problems: Sequence[str]


@database_errors()
def read(db: Database[Document]) -> Health:
    """Return how the database is now. Costs some milliseconds for each collection, whatever its size."""
    return Health(
        server_version=str(db.client.server_info()["version"]),
        topology=str(durability.topology(db.client.admin.command("hello"))),
        schema_version=schema.version(db),
        collections=[_collection(db, name) for name in sorted(db.list_collection_names())],
        problems=problems(db),
    )


def problems(db: Database[Document]) -> list[str]:
    """Return a sentence for each migration that was not run, and each index that is not as declared."""
    pending = [f"Migration {step.number} was not run" for step in schema.pending(db)]
    restoring = ["A restore was begun here and not finished"] if is_restoring(db) else []
    return [*restoring, *pending, *indexes.verify(db)]


def _collection(db: Database[Document], name: str) -> CollectionHealth:
    told = db.command("collStats", name)
    return CollectionHealth(
        name, told["count"], told["size"], told.get("storageSize", 0), told.get("totalIndexSize", 0)
    )
