"""Reading nothing that is older than what any host answered before.

A majority read alone may show the past: a primary that was frozen or cut off goes on answering until it
learns that another was elected, and one just elected may not know yet how much a majority has. So a piece of
work first asks for one linearizable read, which a primary answers only once a majority has confirmed it, and
then reads in a causal session, whose reads wait until they include the time of that answer. See
docs/decisions/acknowledged-history.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.topology_description import TOPOLOGY_TYPE

from app.storage.documents import Document
from app.storage.errors import database_errors
from app.storage.maintenance import COLLECTION

_CONFIRMED = ReadConcern("linearizable")
_NO_REPLICA_SET = 123


class Freshness:
    """Makes the reads of a thread as new as the moment in which it began to read."""

    def __init__(self, db: Database[Document]) -> None:
        self._client: MongoClient[Document] = db.client
        self._anything = db.get_collection(COLLECTION, read_concern=_CONFIRMED)

    def is_needed(self) -> bool:
        """Say whether another member than the present primary could be, or is believed to be, the primary."""
        description = self._client.topology_description
        servers = description.server_descriptions().values()
        known = [server for server in servers if server.is_server_type_known]
        # Of whom nothing is known, at the start or after a loss, the first to be met may be deposed.
        if not known or description.topology_type == TOPOLOGY_TYPE.Sharded:
            return True
        return any(len(server.all_hosts) > 1 for server in known)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let what this thread reads within show all that was acknowledged before.

        Costs a write of nothing to a majority, and nothing where one member holds all. Raises
        DatabaseUnavailable where no primary is confirmed.
        """
        if not self.is_needed():
            yield
            return
        with self._client.start_session(causal_consistency=True) as session:
            self._confirm(session)
            with session.bind(end_session=False):
                yield

    @database_errors()
    def _confirm(self, session: ClientSession) -> None:
        """Let ``session`` begin at a time that a majority has confirmed."""
        # In a causal session the driver would name a time when it asks again after an error, which a
        # linearizable read refuses.
        with self._client.start_session(causal_consistency=False) as asking:
            self._ask(asking)
            if asking.cluster_time is not None and asking.operation_time is not None:
                session.advance_cluster_time(asking.cluster_time)
                session.advance_operation_time(asking.operation_time)

    def _ask(self, session: ClientSession) -> None:
        try:
            self._anything.find_one({"_id": "primary"}, {"_id": True}, session=session)
        except OperationFailure as error:
            # A mongod on its own has no past that another could show.
            if error.code != _NO_REPLICA_SET:
                raise


class AlwaysFresh:
    """Stands for :class:`Freshness` where everything is in the memory of this process."""

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Do nothing: there is no other copy."""
        yield


def freshness_of(db: Database[Any]) -> Freshness | AlwaysFresh:
    """Return what makes reads of ``db`` fresh."""
    return Freshness(db) if isinstance(db, Database) else AlwaysFresh()
