"""Kinds that this version does not know."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from app.domain.errors import ValueRefused
from app.kinds import registry
from app.kinds.base import ParseContext, RenderContext

KIND = registry.get("sparkline")


@pytest.mark.parametrize(
    "stored", ["text", 5, None, [1, "a"], {"a": {"b": 1}}, datetime(2026, 1, 1, tzinfo=UTC), "a\x00b\ud800"]
)
def test_whatever_is_stored_is_shown_as_text_and_carried_along_unharmed(stored):
    value = KIND.from_stored(stored)
    assert KIND.to_stored(value) == stored
    KIND.text(value, RenderContext()).encode()
    assert KIND.to_json(value) == KIND.text(value, RenderContext())
    hash(value)


def test_types_of_the_database_are_shown_as_people_write_them():
    stored = {"of": ObjectId("0123456789abcdef01234567"), "at": datetime(2026, 1, 1, tzinfo=UTC)}
    text = KIND.text(KIND.from_stored(stored), RenderContext())
    assert text == '{"of":"0123456789abcdef01234567","at":"2026-01-01T00:00:00Z"}'


def test_markup_in_it_is_inert():
    value = KIND.from_stored({"x": "<script>alert(1)</script>"})
    assert "<script" not in KIND.render(value, RenderContext())


def test_it_can_only_be_read():
    with pytest.raises(ValueRefused):
        KIND.parse("text", ParseContext())
    with pytest.raises(ValueRefused):
        KIND.from_json("text", ParseContext())


def test_a_huge_one_is_cut_for_the_reader_alone():
    value = KIND.from_stored("x" * 100_000)
    assert len(KIND.text(value, RenderContext())) == 2000
    assert len(str(KIND.to_stored(value))) == 100_000
