"""A replica set of one member: what transactions, change streams and retryable writes need."""

import time
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

NAME = "pkyx"
_NOT_YET_INITIALIZED = 94
_ALREADY_INITIALIZED = 23
_POLL_SECONDS = 0.02


def ensure_primary(client: MongoClient[Any], address: str, deadline: float) -> None:
    """Make the mongod behind ``client`` the primary of a set whose one member is at ``address``.

    Waits until ``deadline`` (monotonic seconds), then raises TimeoutError.
    """
    _configure(client, address, deadline)
    while not client.admin.command("hello").get("isWritablePrimary"):
        if time.monotonic() > deadline:
            raise TimeoutError("it did not become primary in time")
        time.sleep(_POLL_SECONDS)


def _configure(client: MongoClient[Any], address: str, deadline: float) -> None:
    while (config := _find_config(client)) is None and not _initiate(client, address):
        # There is one, but a mongod that has just begun to listen may not have read it yet.
        if time.monotonic() > deadline:
            raise TimeoutError("it did not read its replica set's configuration in time")
        time.sleep(_POLL_SECONDS)
    if config is not None:
        _follow_move(client, config, address)


def _find_config(client: MongoClient[Any]) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:
            raise
        return None
    return found


def _initiate(client: MongoClient[Any], address: str) -> bool:
    """Make a set and return True; False where there is one already."""
    members = [{"_id": 0, "host": address}]
    try:
        client.admin.command("replSetInitiate", {"_id": NAME, "members": members})
    except OperationFailure as error:
        if error.code != _ALREADY_INITIALIZED:
            raise
        return False
    return True


def _follow_move(client: MongoClient[Any], config: dict[str, Any], address: str) -> None:
    # A set that does not find itself under its own address never elects a primary.
    member = config["members"][0]
    if member["host"] != address:
        member["host"] = address
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
