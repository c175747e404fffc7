"""A replica set of one member: what transactions, change streams and retryable writes need."""

import time
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

NAME = "pkyx"
_NOT_YET_INITIALIZED = 94
_POLL_SECONDS = 0.02


def ensure_primary(client: MongoClient[Any], address: str, deadline: float) -> None:
    """Make the mongod behind ``client`` the primary of a set whose one member is at ``address``.

    Waits until ``deadline`` (monotonic seconds), then raises TimeoutError.
    """
    _configure(client, address)
    while not client.admin.command("hello").get("isWritablePrimary"):
        if time.monotonic() > deadline:
            raise TimeoutError("it did not become primary in time")
        time.sleep(_POLL_SECONDS)


def _configure(client: MongoClient[Any], address: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:
            raise
        members = [{"_id": 0, "host": address}]
        client.admin.command("replSetInitiate", {"_id": NAME, "members": members})
        return
    _follow_move(client, config, address)


def _follow_move(client: MongoClient[Any], config: dict[str, Any], address: str) -> None:
    # A set that does not find itself under its own address never elects a primary.
    member = config["members"][0]
    if member["host"] != address:
        member["host"] = address
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
