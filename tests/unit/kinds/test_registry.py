"""The list of kinds."""

import pytest

from app.kinds import registry
from app.kinds.text import TextKind
from app.kinds.unknown import UnknownKind

CONTRACT = [
    "text",
    "number",
    "range",
    "money",
    "date",
    "boolean",
    "rating",
    "list",
    "url",
    "image",
    "color",
    "coordinates",
    "reference",
]


def test_all_kinds_of_the_contract_are_there_in_its_order():
    assert list(registry.KINDS) == CONTRACT


def test_a_second_owner_of_a_tag_is_refused():
    with pytest.raises(ValueError, match="'text'"):
        registry.register([TextKind(), TextKind()])


def test_the_list_cannot_be_changed():
    with pytest.raises(TypeError):
        registry.KINDS["text"] = TextKind()


def test_an_unknown_tag_gives_the_read_only_kind():
    assert isinstance(registry.get("no such kind"), UnknownKind)
    assert isinstance(registry.get(""), UnknownKind)


@pytest.mark.parametrize("kind", registry.KINDS.values(), ids=list(registry.KINDS))
def test_every_kind_has_a_label_a_widget_and_a_schema(kind):
    assert kind.label
    assert kind.widget
    assert kind.json_schema()
