"""A site whose database is on a small disk that fills up, and is given room again."""

import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from app.domain.items import Item
from app.domain.users import Role
from app.embedded.binaries import find_mongod
from app.embedded.errors import NoMongod
from app.embedded.mongod import Mongod
from app.services import items
from app.services.items import ItemDraft, Note
from app.storage import clients, indexes
from app.storage.stores import Stores
from tests.conftest import unavailable
from tests.factories import NOW
from tests.faults.editors import Editors, Site
from tests.people import PASSWORD, make_user
from tests.servers import eventually, request, site

MEBIBYTE = 1024 * 1024
SIZE = 400 * MEBIBYTE
BASIC = "Basic " + b64encode(f"Ada:{PASSWORD}".encode()).decode()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of SIZE bytes in memory; skip, also where CI is set, for whom the kernel lets not."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    try:
        find_mongod()
    except NoMongod:
        unavailable("there is no mongod")
    with small_disk(tmp_path / "disk") as found:
        yield found


@pytest.fixture
def uri(disk) -> Iterator[str]:
    mongod = Mongod(disk)
    mongod.start()
    yield mongod.uri
    mongod.close()


@pytest.fixture
def tofu(uri) -> Item:
    """An entry in that database, and Ada, who may edit it."""
    with clients.connected(uri) as db:
        indexes.ensure(db)
        stores = Stores.connect(db)
        ada = stores.users.insert(make_user("Ada", role=Role.ADMIN)).actor
        return items.create(stores, ada, ItemDraft("Tofu"), Note(NOW))


def test_a_full_disk_stops_edits_in_words_and_nothing_else(disk, uri, tofu, tmp_path):
    with site(uri, tmp_path, RATELIMIT_ENABLED="0") as port:
        assert edit(port, tofu.slug, "before") == (200, "")
        filler = disk / "somebody-else's"
        fill(filler, free_bytes(disk) - SIZE // 16)
        # Each worker looks at the disk every other second.
        eventually(lambda: all(refuses(port, tofu.slug) for _ in range(8)))
        assert "disk" in page_of_refusal(port)
        for path in ("/", "/item/tofu", "/api/v1/items/tofu", "/readyz"):
            assert request(port, path).status == 200
        filler.unlink()
        eventually(lambda: edit(port, tofu.slug, "after")[0] == 200)


def test_editors_who_fill_the_disk_leave_the_database_alive(disk, uri, tofu, tmp_path):
    filler = disk / "somebody-else's"
    fill(filler, free_bytes(disk) - SIZE // 8 - MEBIBYTE)
    with site(uri, tmp_path, RATELIMIT_ENABLED="0") as port:
        editors = Editors(Site(port, None), [tofu.id], 4)
        with editors.at_work():
            editors.a_refusal()
        assert (editors.unexpected, editors.broken) == ([], [])
        assert request(port, "/item/tofu").status == 200
        filler.unlink()
        eventually(lambda: edit(port, "tofu", "after")[0] == 200)


def refuses(port: int, slug: str) -> bool:
    """Say whether an edit is refused; each is a new one, since what changes nothing is no edit."""
    return edit(port, slug, f"during {uuid4()}") == (503, "database-full")


def edit(port: int, slug: str, value: str) -> tuple[int, str]:
    status, body = Site(port, None).send(
        "PATCH", f"/api/v1/items/{slug}", {"summary": value}, Authorization=BASIC
    )
    return status, body.get("code", "")


def page_of_refusal(port: int) -> str:
    body = Site(port, None).send("PATCH", "/api/v1/items/tofu", {"summary": "words?"}, Authorization=BASIC)[1]
    return str(body["detail"])


def free_bytes(disk: Path) -> int:
    told = subprocess.run(
        ["df", "--output=avail", "-B1", str(disk)], capture_output=True, text=True, check=True
    )
    return int(told.stdout.split()[-1])


def fill(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for _ in range(max(0, size) // MEBIBYTE):
            file.write(b"\0" * MEBIBYTE)
