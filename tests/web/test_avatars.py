"""Avatars through the pages and GridFS."""

import io

import pytest
from PIL import Image

from app.services import avatars, passwords
from app.storage.files import FileStore
from app.storage.stores import Stores
from tests.people import CHEAP, PASSWORD, make_user


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def stores(database):
    found = Stores.connect(database)
    found.users.insert(make_user("Ada"))
    return found


@pytest.fixture
def ada(live_client, stores):
    live_client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD})
    return live_client


def png(colour="red", size=(300, 200)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def upload(client, content, name="me.png"):
    # Written out: the client's own encoder leaves temporary files of large uploads open.
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--edge--\r\n"
    return client.post("/users/settings/avatar", data=body, content_type="multipart/form-data; boundary=edge")


def avatar_of(stores):
    return stores.users.find_by_username("Ada").avatar


def test_an_uploaded_picture_is_served_with_its_type_for_good(ada, stores):
    assert upload(ada, png(), "me.exe").status_code == 302
    answer = ada.get(f"/users/avatar/{avatar_of(stores)}")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.data)).size == (256, 256)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        "max-age=31536000" in answer.headers["Cache-Control"]
        and "immutable" in answer.headers["Cache-Control"]
    )
    etag, is_weak = answer.get_etag()
    assert etag and not is_weak
    assert (
        ada.get(f"/users/avatar/{avatar_of(stores)}", headers={"If-None-Match": f'"{etag}"'}).status_code
        == 304
    )


def test_the_small_size(ada, stores):
    upload(ada, png())
    answer = ada.get(f"/users/avatar/{avatar_of(stores)}?size=64")
    assert Image.open(io.BytesIO(answer.data)).size == (64, 64)


@pytest.mark.parametrize("size", ["0", "-1", "65", "9" * 30, "x", ""])
def test_any_other_size_is_the_large_one(ada, stores, size):
    upload(ada, png())
    answer = ada.get(f"/users/avatar/{avatar_of(stores)}?size={size}")
    assert Image.open(io.BytesIO(answer.data)).size == (256, 256)


def test_a_new_picture_replaces_the_old_and_leaves_nothing_of_it(ada, stores, database):
    upload(ada, png("red"))
    old = avatar_of(stores)
    upload(ada, png("blue"))
    assert avatar_of(stores) != old
    assert ada.get(f"/users/avatar/{old}").status_code == 404
    assert database["fs.files"].count_documents({}) == 2  # two sizes of the one that is left
    ada.post("/users/settings/avatar", data={"remove": "1"})
    assert database["fs.files"].count_documents({}) == database["fs.chunks"].count_documents({}) == 0


def test_the_old_picture_stays_while_the_swap_fails(ada, stores, monkeypatch):
    upload(ada, png("red"))
    old = avatar_of(stores)

    def fail(*_):
        raise RuntimeError("the power went out")

    monkeypatch.setattr(type(stores.users), "swap_avatar", fail)
    assert upload(ada, png("blue")).status_code == 500
    assert avatar_of(stores) == old
    assert ada.get(f"/users/avatar/{old}").status_code == 200


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\x89PNG but not really"])
def test_what_is_no_picture_is_refused_at_its_field(ada, stores, content):
    answer = upload(ada, content)
    assert answer.status_code == 422 and 'id="file-error"' in answer.text
    assert avatar_of(stores) == ""


def test_more_than_five_mebibytes_are_refused(ada, stores):
    assert upload(ada, png() + bytes(5 * 1024 * 1024)).status_code == 422
    assert upload(ada, bytes(7 * 1024 * 1024)).status_code == 413


@pytest.mark.parametrize("file_id", ["x", "0" * 24, "..", "%00"])
def test_other_ids_are_not_found(live_client, file_id):
    assert live_client.get(f"/users/avatar/{file_id}").status_code == 404


def test_files_of_other_purposes_are_no_avatars(live_client, database):
    from app.storage.files import Picture

    other = FileStore(database).insert(Picture(png(), "image/png"), "item", "Ada")
    assert live_client.get(f"/users/avatar/{other}").status_code == 404


def test_who_has_no_picture_gets_a_drawn_one(live_client, stores):
    answer = live_client.get("/users/Ada/avatar")
    assert answer.mimetype == "image/svg+xml"
    assert answer.text == avatars.drawn("Ada")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_who_has_one_is_shown_it(ada, stores):
    upload(ada, png())
    assert ada.get("/users/Ada/avatar?size=64").location == f"/users/avatar/{avatar_of(stores)}?size=64"
