"""Making a mongod the primary of its own set, whatever it knows of itself at first."""

import time
from types import SimpleNamespace

import pytest
from pymongo.errors import OperationFailure

from app.embedded import replica_set

CONFIG = {"config": {"_id": "pkyx", "version": 1, "members": [{"_id": 0, "host": "/data/mongod.sock"}]}}
NOT_YET_INITIALIZED = OperationFailure("no replset config has been received", 94)
ALREADY_INITIALIZED = OperationFailure("already initialized", 23)


class Mongod:
    """A client whose server has a set, but reads its configuration only when it was asked some times."""

    def __init__(self, reads_after: float) -> None:
        self.admin = SimpleNamespace(command=self.command)
        self.reads_after = reads_after
        self.asked = 0

    def command(self, name: str, *_: object, **__: object) -> dict[str, object]:
        if name == "hello":
            return {"isWritablePrimary": True}
        if name == "replSetGetConfig":
            self.asked += 1
            if self.asked <= self.reads_after:
                raise NOT_YET_INITIALIZED
            return CONFIG
        assert name == "replSetInitiate"
        raise ALREADY_INITIALIZED


def test_a_set_whose_configuration_is_not_read_yet_is_waited_for():
    mongod = Mongod(reads_after=2)
    replica_set.ensure_primary(mongod, "/data/mongod.sock", time.monotonic() + 5)
    assert mongod.asked == 3


def test_a_configuration_that_is_never_read_is_waited_for_until_the_deadline():
    with pytest.raises(TimeoutError, match="in time"):
        replica_set.ensure_primary(Mongod(float("inf")), "/data/mongod.sock", time.monotonic() + 0.05)
