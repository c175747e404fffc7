"""Every change of the schema, numbered. What ran is recorded in collection ``migrations``.

A migration may be cut off anywhere and run again, and on what is as it should be it changes nothing. The
site of the release before may still be writing while it runs, so it only adds, or removes what neither reads.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure

from app.storage.documents import Document

_AT_ONCE = 1000
_NAMESPACE_NOT_FOUND, _INDEX_NOT_FOUND = 26, 27


@dataclass(frozen=True, slots=True)
class Migration:
    """A step from one schema to the next. Numbers go up and are never used again."""

    number: int
    title: str
    run: Callable[[Database[Document]], None]


def _drop_superseded_indexes(db: Database[Document]) -> None:
    for name in ("names_1", "former_slug_1"):
        _drop_index(db, "items", name)


def _drop_index(db: Database[Document], collection: str, name: str) -> None:
    try:
        db[collection].drop_index(name)
    except OperationFailure as error:
        if error.code not in (_NAMESPACE_NOT_FOUND, _INDEX_NOT_FOUND):
            raise


def _identify_revisions(db: Database[Document]) -> None:
    for name in ("revisions", "items"):
        _identify(db[name])


def _identify(collection: Collection[Document]) -> None:
    """Give each document that has none an identity, its own ``_id``: no two of both collections share one."""
    rest: Document = {}
    while batch := list(collection.find(rest, {"_id": True}).sort("_id", 1).limit(_AT_ONCE)):
        first, last = batch[0]["_id"], batch[-1]["_id"]
        among = {"_id": {"$gte": first, "$lte": last}, "revision_id": None}
        collection.update_many(among, [{"$set": {"revision_id": "$_id"}}])
        rest = {"_id": {"$gt": last}}


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        1, "Drop the indexes of names and former slugs that longer ones superseded", _drop_superseded_indexes
    ),
    Migration(2, "Give each revision an identity", _identify_revisions),
)
