"""The list of all kinds. To add one is to add a module, a line here and a widget."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from app.kinds.base import Kind
from app.kinds.boolean import BooleanKind
from app.kinds.color import ColorKind
from app.kinds.coordinates import CoordinatesKind
from app.kinds.date import DateKind
from app.kinds.image import ImageKind
from app.kinds.lists import ListKind
from app.kinds.money import MoneyKind
from app.kinds.number import NumberKind
from app.kinds.range import RangeKind
from app.kinds.rating import RatingKind
from app.kinds.reference import ReferenceKind
from app.kinds.text import TextKind
from app.kinds.unknown import UnknownKind
from app.kinds.url import UrlKind

# A caller that has only a tag cannot know the type of its values; the kind checks them.
AnyKind = Kind[Any]


def register(kinds: Iterable[AnyKind]) -> Mapping[str, AnyKind]:
    """Return ``kinds`` by their tags; raise ValueError if two claim the same one."""
    found: dict[str, AnyKind] = {}
    for kind in kinds:
        if kind.tag in found:
            raise ValueError(f"two kinds claim the tag {kind.tag!r}")
        found[kind.tag] = kind
    return MappingProxyType(found)


KINDS: Mapping[str, AnyKind] = register(
    (
        TextKind(),
        NumberKind(),
        RangeKind(),
        MoneyKind(),
        DateKind(),
        BooleanKind(),
        RatingKind(),
        ListKind(),
        UrlKind(),
        ImageKind(),
        ColorKind(),
        CoordinatesKind(),
        ReferenceKind(),
    )
)
UNKNOWN = UnknownKind()


def get(tag: str) -> AnyKind:
    """Return the kind of ``tag``; a stand-in that shows values as text where there is none."""
    return KINDS.get(tag, UNKNOWN)
