"""Documents of the database as plain JSON."""

import json
from datetime import UTC, datetime

import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

from app.utils.bson_json import bson_obj_id, bson_to_json

ID = "0123456789abcdef01234567"


def test_every_type_has_a_plain_form():
    document = {
        "_id": ObjectId(ID),
        "at": datetime(2026, 5, 1, 12, tzinfo=UTC),
        "naive": datetime(2026, 5, 1, 12),  # noqa: DTZ001 - what a driver without time zones gives
        "amount": Decimal128("1.10"),
        "raw": b"\x01\xff",
        "name": "豆腐",
        "more": [1, None, True],
        "long": Int64(2**40),
        "half": 0.5,
        "picture": Binary(b"\x02", 128),
        "inner": {"_id": ObjectId(ID), "list": [{"at": datetime(2026, 5, 1, tzinfo=UTC)}]},
    }
    assert json.loads(bson_to_json(document)) == {
        "_id": ID,
        "at": "2026-05-01T12:00:00Z",
        "naive": "2026-05-01T12:00:00Z",
        "amount": "1.10",
        "raw": "01ff",
        "name": "豆腐",
        "more": [1, None, True],
        "long": 2**40,
        "half": 0.5,
        "picture": "02",
        "inner": {"_id": ID, "list": [{"at": "2026-05-01T00:00:00Z"}]},
    }


@pytest.mark.parametrize(
    "value",
    [Regex("a+"), Timestamp(1, 2), DBRef("items", 1), MinKey(), MaxKey(), Code("f()")],
)
def test_types_that_are_never_stored_are_text(value):
    assert isinstance(json.loads(bson_to_json({"x": [value]}))["x"][0], str)


def test_other_objects_have_none():
    with pytest.raises(TypeError):
        bson_to_json({"x": object()})


def test_an_id_is_read():
    assert bson_obj_id(ID) == ObjectId(ID)


@pytest.mark.parametrize("text", ["", "5", "x" * 24, ID + "0"])
def test_any_other_text_is_none(text):
    assert bson_obj_id(text) is None
