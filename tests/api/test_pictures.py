"""Entries that name uploaded pictures."""

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image as Picture

from app import extensions
from app.domain.users import Role
from app.services import imports
from app.services.bulk_formats import Format
from app.services.imports import Options

NOBODYS = "0123456789abcdef01234567"


def image(file):
    return {"name": "View", "kind": "image", "value": {"file": file, "alt": "A hill"}}


@pytest.fixture
def ada(as_role):
    return as_role(Role.EDITOR)


@pytest.fixture
def uploaded(ada):
    content = BytesIO()
    Picture.new("RGB", (4, 3)).save(content, "PNG")
    content.seek(0)
    answer = ada.post(
        "/files", headers={"Content-Type": "multipart/form-data"}, data={"file": (content, "a.png")}
    )
    return answer.json["file"]


def errors(answer):
    assert answer.status_code == 422, answer.text
    return [(error["path"], error["message"]) for error in answer.json["errors"]]


def test_an_uploaded_picture_may_be_named(ada, uploaded):
    assert ada.post("/items", {"title": "Hill", "attributes": [image(uploaded)]}).status_code == 201


def test_a_picture_that_nobody_uploaded_is_refused_where_it_is_named_and_nothing_is_stored(ada, uploaded):
    sentence = "There is no such file."
    assert errors(ada.post("/items", {"title": "Hill", "attributes": [image(NOBODYS)]})) == [
        ("attributes.0.value.file", sentence)
    ]
    assert ada.post("/items", {"title": "Hill"}).status_code == 201
    refused = [
        ada.post("/items/hill/attributes", image(NOBODYS)),
        ada.put("/items/hill/attributes/view", image(NOBODYS)),
    ]
    assert ada.put("/items/hill/attributes/view", image(uploaded)).status_code == 201
    refused.append(ada.patch("/items/hill/attributes/view", {"value": {"file": NOBODYS}}))
    assert [errors(answer) for answer in refused] == [[("value.file", sentence)]] * 3
    assert ada.get("/items/hill").json["revision"] == 2


def test_an_export_of_another_site_is_read_and_its_entry_can_be_edited_before_its_pictures_followed(
    ada, live_app
):
    line = json.dumps({"title": "Hill", "attributes": [image(NOBODYS)]}).encode()
    with live_app.app_context():
        now = datetime.now(UTC)
        imports.run(extensions.stores(), BytesIO(line), Format.JSONL, Options(), now, pytest.fail)
    assert ada.patch("/items/hill/attributes/view", {"note": "From the south"}).status_code == 200
    assert ada.patch("/items/hill", {"summary": "Not high."}).status_code == 200
    found = ada.get("/items/hill").json["attributes"][0]
    assert (found["value"]["file"], found["note"]) == (NOBODYS, "From the south")
