"""Every index of the database, declared once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo import IndexModel
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure

from app.storage.documents import Document
from app.storage.errors import database_errors

_CONFLICTING_OPTIONS = (85, 86)
_OPTIONS = ("unique", "sparse", "partialFilterExpression", "expireAfterSeconds")


@dataclass(frozen=True, slots=True)
class Index:
    """An index: fields with 1 or -1, and options as the database takes them."""

    keys: tuple[tuple[str, int], ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name it goes by in the database."""
        return "_".join(f"{key}_{direction}" for key, direction in self.keys)


def _index(*fields: str, **options: Any) -> Index:
    keys = tuple((name.removeprefix("-"), -1 if name.startswith("-") else 1) for name in fields)
    return Index(keys, options)


def _unique(*fields: str) -> Index:
    return _index(*fields, unique=True)


def _unique_where_present(name: str) -> Index:
    return _index(name, unique=True, partialFilterExpression={name: {"$exists": True}})


_HALF_A_YEAR = 183 * 24 * 3600
_TWO_WEEKS = 14 * 24 * 3600

INDEXES: Mapping[str, tuple[Index, ...]] = {
    "items": (
        _unique_where_present("slug"),
        _unique_where_present("title_key"),
        _index("past_slugs"),
        _index("former_slug", "change.at", partialFilterExpression={"former_slug": {"$exists": True}}),
        # lists
        _index("category", "title_key"),
        _index("category", "updated", "_id"),
        _index("category", "-score", "_id"),
        _index("updated", "_id"),
        _index("x.$**"),
        _index("m"),
        _index("refs", "-score", "_id"),
        # names and search
        _index("names", "-score", "_id"),
        _index("grams", "-score", "_id"),
        _index("words", "-score", "_id"),
        # recent changes
        _index("change.at", "_id"),
        _index("category", "change.at", "_id"),
        _index("change.by", "change.at", "_id"),
        _index("change.keys", "change.at", "_id"),
        _index("change.action", "change.at", "_id"),
        _index("created_by"),
    ),
    "revisions": (
        _unique("item_id", "revision"),
        _index("change.at", "item_id", "revision"),
        _index("category", "change.at", "item_id", "revision"),
        _index("change.by", "change.at", "item_id", "revision"),
        _index("change.keys", "change.at", "item_id", "revision"),
        _index("change.action", "change.at", "item_id", "revision"),
        _index("created_by"),
    ),
    "users": (
        _unique("username_key"),
        _unique_where_present("email_key"),
        _index("claimed_key", "-_id", sparse=True),
        _index("neutral_name", sparse=True),
        # the date itself says when an unconfirmed account goes
        _index("expires_at", expireAfterSeconds=0),
        _index("blocked_until", "_id", partialFilterExpression={"blocked_until": {"$type": "date"}}),
    ),
    "sessions": (_index("user"), _index("expires_at", expireAfterSeconds=0)),
    "views": (_index("size", "-count"), _index("last", expireAfterSeconds=_HALF_A_YEAR)),
    "idempotency": (_index("expires_at", expireAfterSeconds=0),),
    "tasks": (
        _index("created_at", "_id"),
        _index("state", "until"),
        _index("at", expireAfterSeconds=_TWO_WEEKS),
    ),
    "fs.files": (
        _index("metadata.owner", "uploadDate"),
        _index("metadata.sha256"),
        _index("metadata.of", sparse=True),
        # The two of GridFS itself, which makes them only where it writes the very first file.
        _index("filename", "uploadDate"),
    ),
    "fs.chunks": (_unique("files_id", "n"),),
}


@database_errors()
def ensure(db: Database[Document]) -> None:
    """Create what is missing and replace what differs. Doing it again changes nothing."""
    for name, indexes in INDEXES.items():
        _ensure_all(db[name], indexes)


def _ensure_all(collection: Collection[Document], indexes: Iterable[Index]) -> None:
    # The stand-in of the tests forgets options of indexes that are made together.
    if isinstance(collection, Collection) and _ensure_at_once(collection, indexes):
        return
    for index in indexes:
        _ensure_one(collection, index)


def _ensure_at_once(collection: Collection[Document], indexes: Iterable[Index]) -> bool:
    """Make them by reading the documents once for all of them; say whether none was in the way."""
    try:
        collection.create_indexes(
            [IndexModel(list(index.keys), name=index.name, **index.options) for index in indexes]
        )
    except OperationFailure as error:
        if error.code not in _CONFLICTING_OPTIONS:
            raise
        return False
    return True


def _ensure_one(collection: Collection[Document], index: Index) -> None:
    try:
        collection.create_index(list(index.keys), name=index.name, **index.options)
    except OperationFailure as error:
        if error.code not in _CONFLICTING_OPTIONS:
            raise
        collection.drop_index(index.name)
        collection.create_index(list(index.keys), name=index.name, **index.options)


@database_errors()
def verify(db: Database[Document]) -> list[str]:
    """Return a sentence for each index that is missing or other than declared."""
    return [
        problem
        for collection, indexes in INDEXES.items()
        for problem in _problems(collection, indexes, db[collection].index_information())
    ]


def _problems(collection: str, indexes: Iterable[Index], found: Mapping[str, Any]) -> Iterable[str]:
    for index in indexes:
        actual = found.get(index.name)
        if actual is None:
            yield f"{collection}: index {index.name} is missing"
        elif [tuple(pair) for pair in actual["key"]] != list(index.keys):
            yield f"{collection}: index {index.name} is on other fields than declared"
        elif any(actual.get(option) != index.options.get(option) for option in _OPTIONS):
            yield f"{collection}: index {index.name} has other options than declared"
