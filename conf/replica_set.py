"""Make a replica set of fresh mongods, and the one user that pkyx is to them: run once, or again.

    MONGO_MEMBERS=mongo1:27017,mongo2:27017,mongo3:27017 MONGO_ROOT_PASSWORD=… MONGO_PASSWORD=… \
    python conf/replica_set.py

The first member must know the user ``root``, and all must share a key file (``--keyFile``). What exists
stays as it is, but the password of ``pkyx`` becomes the one that is given.
"""

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

NAME = "pkyx"
# It reads and writes its own database, and sees to its indexes; it is nobody elsewhere.
ROLES = ["readWrite", "dbAdmin"]
_NOT_YET_INITIALIZED = 94
_USER_EXISTS = 51003
_SECONDS = 120.0

Client = MongoClient[dict[str, Any]]


def prepare(environ: Mapping[str, str]) -> None:
    """Bring the set and the user about; raise TimeoutError if no member becomes primary."""
    members = environ["MONGO_MEMBERS"].split(",")
    root = {"username": "root", "password": environ["MONGO_ROOT_PASSWORD"]}
    with _direct(members[0], root) as client:
        _initiate(client, members)
    with MongoClient(
        members, replicaSet=NAME, serverSelectionTimeoutMS=int(_SECONDS * 1000), **root
    ) as client:
        _ensure_user(client, environ["MONGO_PASSWORD"])


def _direct(member: str, root: Mapping[str, str]) -> Client:
    return MongoClient(member, directConnection=True, serverSelectionTimeoutMS=30_000, **root)


def _initiate(client: Client, members: list[str]) -> None:
    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:
            raise
        hosts = [{"_id": number, "host": member} for number, member in enumerate(members)]
        client.admin.command("replSetInitiate", {"_id": NAME, "members": hosts})
    _await_primary(client)


def _await_primary(client: Client) -> None:
    deadline = time.monotonic() + _SECONDS
    while not client.admin.command("hello").get("primary"):
        if time.monotonic() > deadline:
            raise TimeoutError("no member of the set became primary in time")
        time.sleep(0.2)


def _ensure_user(client: Client, password: str) -> None:
    database = client[NAME]
    roles = [{"role": role, "db": NAME} for role in ROLES]
    try:
        database.command("createUser", NAME, pwd=password, roles=roles)
    except OperationFailure as error:
        if error.code != _USER_EXISTS:
            raise
        database.command("updateUser", NAME, pwd=password, roles=roles)


if __name__ == "__main__":
    prepare(os.environ)
    sys.stdout.write("The replica set and its user are there.\n")
