"""How pkyx connects to MongoDB."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

DATABASE = "pkyx"
# What was acknowledged survives the loss of power and of a primary.
OPTIONS: Mapping[str, Any] = {
    "tz_aware": True,
    "appname": "pkyx",
    "w": "majority",
    "journal": True,
    "retryWrites": True,
    # The first use connects, in the process that it serves.
    "connect": False,
}


@contextmanager
def connected(uri: str) -> Iterator[Database[dict[str, Any]]]:
    """Yield the database that ``uri`` names (else ``pkyx``), for work that may take its time."""
    client: MongoClient[dict[str, Any]] = MongoClient(uri, serverSelectionTimeoutMS=5000, **OPTIONS)
    with client:
        yield client.get_default_database(DATABASE)
