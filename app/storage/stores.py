"""All stores of one database, made once for each process."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions
from pymongo.database import Database

from app.storage.attribution import AttributionStore
from app.storage.categories import CategoryStore
from app.storage.change_feed import ChangeFeed
from app.storage.documents import Document
from app.storage.durability import DURABLE, SETTLED
from app.storage.files import FileStore
from app.storage.freshness import AlwaysFresh, Freshness, freshness_of
from app.storage.idempotency import IdempotencyStore
from app.storage.items import ItemStore
from app.storage.sessions import SessionStore
from app.storage.settings import SettingStore
from app.storage.space import Space
from app.storage.tasks import TaskStore
from app.storage.users import UserStore
from app.storage.views import ViewStore


@dataclass(frozen=True, slots=True)
class Stores:
    """What services are given. Stores keep nothing of a request and are safe among threads."""

    items: ItemStore
    categories: CategoryStore
    users: UserStore
    sessions: SessionStore
    attribution: AttributionStore
    files: FileStore
    views: ViewStore
    feed: ChangeFeed
    idempotency: IdempotencyStore
    settings: SettingStore
    tasks: TaskStore
    freshness: Freshness | AlwaysFresh

    @staticmethod
    def connect(db: Database[Any]) -> "Stores":
        """Return the stores on ``db``, whatever the options of its client.

        On a real database writes are acknowledged by a majority and journaled, nothing is read that a
        majority does not have, and times are aware.
        """
        durable = _durable(db)
        space = Space(durable)
        return Stores(
            items=ItemStore(durable, space),
            categories=CategoryStore(durable),
            users=UserStore(durable),
            sessions=SessionStore(durable),
            attribution=AttributionStore(durable),
            files=FileStore(durable, space),
            views=ViewStore(durable),
            feed=ChangeFeed(durable),
            idempotency=IdempotencyStore(durable),
            settings=SettingStore(durable),
            tasks=TaskStore(durable),
            freshness=freshness_of(durable),
        )


def _durable(db: Database[Any]) -> Database[Document]:
    # The stand-in of the tests takes neither option.
    if not isinstance(db, Database):
        return db
    aware: CodecOptions[Document] = CodecOptions(document_class=dict, tz_aware=True, tzinfo=UTC)
    return db.with_options(codec_options=aware, write_concern=DURABLE, read_concern=SETTLED)
