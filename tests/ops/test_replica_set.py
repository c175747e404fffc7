"""conf/replica_set.py on three real mongods that trust nobody without the key file and a password."""

import runpy
import subprocess
from contextlib import ExitStack, contextmanager

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from app.embedded import binaries
from app.embedded.errors import NoMongod
from tests.conftest import ROOT, unavailable
from tests.servers import ended, eventually, free_port, listens

PASSWORDS = {"MONGO_ROOT_PASSWORD": "for-root-in-tests", "MONGO_PASSWORD": "for-pkyx-in-tests"}


@contextmanager
def mongod(folder, port, *options):
    folder.mkdir(exist_ok=True)
    small = ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64", "--logpath", folder / "log"]
    place = ["--dbpath", folder, "--port", port, "--bind_ip", "127.0.0.1", "--nounixsocket"]
    command = [str(part) for part in (binaries.find_mongod(), *place, *small, *options)]
    with ended(subprocess.Popen(command, stdout=subprocess.DEVNULL)) as process:
        eventually(lambda: listens(port))
        yield f"127.0.0.1:{port}", process


def make_root(folder, port):
    """What the official image does on the first start of the one member that is given a root user."""
    with mongod(folder, port) as (address, _), MongoClient(address) as client:
        client.admin.command("createUser", "root", pwd=PASSWORDS["MONGO_ROOT_PASSWORD"], roles=["root"])


@pytest.fixture
def members(tmp_path):
    try:
        binaries.find_mongod()
    except NoMongod as error:
        unavailable(str(error))
    key = tmp_path / "keyfile"
    key.write_text("abcdefgh" * 32)
    key.chmod(0o400)
    ports = [free_port() for _ in range(3)]
    make_root(tmp_path / str(ports[0]), ports[0])
    with ExitStack() as stack:
        secured = ("--replSet", "pkyx", "--keyFile", key)
        started = [stack.enter_context(mongod(tmp_path / str(port), port, *secured)) for port in ports]
        yield [address for address, _ in started]
        # Each would give the others time to elect another, and nobody wants the data.
        for _, process in started:
            process.kill()


def prepare(members, **passwords):
    script = runpy.run_path(str(ROOT / "conf" / "replica_set.py"))
    script["prepare"]({"MONGO_MEMBERS": ",".join(members), **PASSWORDS, **passwords})


def as_pkyx(members, password):
    uri = f"mongodb://pkyx:{password}@{','.join(members)}/pkyx?replicaSet=pkyx&authSource=pkyx"
    return MongoClient(uri, w="majority", serverSelectionTimeoutMS=20_000)


def test_three_fresh_mongods_become_a_set_that_knows_one_modest_user(members):
    prepare(members)
    with as_pkyx(members, PASSWORDS["MONGO_PASSWORD"]) as client:
        assert client.pkyx.items.insert_one({"title": "Austria"}).acknowledged
        client.pkyx.items.create_index("title")
        assert len(client.admin.command("hello")["hosts"]) == 3
        with pytest.raises(OperationFailure, match="not authorized"):
            client.other.items.insert_one({})
    with MongoClient(members[0]) as nobody, pytest.raises(OperationFailure, match="requires authentication"):
        nobody.pkyx.items.find_one()

    prepare(members, MONGO_PASSWORD="another-in-tests")
    with as_pkyx(members, "another-in-tests") as client:
        assert client.pkyx.items.find_one()["title"] == "Austria"
