"""What the parts of the item store share: the collections, and reading from them."""

from collections.abc import Mapping
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from app.storage.documents import Document
from app.storage.space import Space

Query = Mapping[str, Any]
Sort = list[tuple[str, int]]

# An existing item has a title key; strings sort before all that is no string, so this is a range.
LIVE: Query = {"title_key": {"$gte": ""}}
BY_SCORE: Sort = [("score", -1), ("_id", 1)]


class ItemCollections:
    """The collection of heads and that of earlier revisions."""

    def __init__(self, db: Database[Document], space: Space | None = None) -> None:
        self._items: Collection[Document] = db["items"]
        self._revisions: Collection[Document] = db["revisions"]
        self._space = space or Space(db)
