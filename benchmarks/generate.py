"""Entries for measuring: 40 attributes of mixed kinds each, about 4 KB, the same at every call."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

from app.domain.categories import Category, Direction, Property
from app.domain.items import Action, Attribute, Change, Item, Source, State
from app.domain.names import slugify
from app.kinds.date import PartialDate
from app.kinds.number import Quantity

CATEGORY = "gadgets"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_SYLLABLES = ("ka", "lo", "mi", "ra", "te", "su", "no", "vi", "da", "pe", "zu", "or", "an", "el", "ix", "um")
_WORDS = ("quiet", "solid", "small", "bright", "early", "late", "rare", "plain", "round", "steel", "light")


def category() -> Category:
    """Return the category that the generated entries belong to."""
    numbers = (
        Property(f"measure-{n}", f"Measure {n}", "number", "kg", Direction.HIGHER, "Measures")
        for n in range(20)
    )
    texts = (Property(f"text-{n}", f"Text {n}", "text", group="Words") for n in range(10))
    flags = (Property(f"flag-{n}", f"Flag {n}", "boolean", group="Flags") for n in range(5))
    dates = (Property(f"date-{n}", f"Date {n}", "date", group="Dates") for n in range(5))
    return Category(CATEGORY, "Gadgets", (*numbers, *texts, *flags, *dates))


def title(number: int) -> str:
    """Return the title of the entry ``number``: two invented words and the number."""
    rng = random.Random(number)
    words = ("".join(rng.choices(_SYLLABLES, k=3)).capitalize() for _ in range(2))
    return f"{' '.join(words)} {number}"


def items(count: int, new_id: Callable[[], str]) -> Iterator[Item]:
    """Yield ``count`` entries; ``new_id`` makes their identifiers."""
    properties = category().properties
    for number in range(count):
        rng = random.Random(number)
        name = title(number)
        yield Item(
            id=new_id(),
            slug=slugify(name),
            title=name,
            category=CATEGORY,
            revision=1,
            created_at=WHEN,
            created_by="",
            change=Change(WHEN, action=Action.CREATE),
            summary=f"A {rng.choice(_WORDS)} gadget.",
            attributes=tuple(_attribute(declared, rng) for declared in properties),
        )


def _attribute(declared: Property, rng: random.Random) -> Attribute:
    return Attribute(
        key=declared.key,
        name=declared.name,
        kind=declared.kind,
        state=State.VALUE,
        value=_value(declared.kind, rng),
        group=declared.group,
        sources=(Source("https://example.org/measures", "Measures"),) if rng.random() < 0.1 else (),
    )


def _value(kind: str, rng: random.Random) -> object:
    if kind == "number":
        return Quantity(Decimal(rng.randint(1, 99_999)) / 100, rng.choice(("kg", "g")))
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "date":
        return PartialDate(rng.randint(1900, 2026), rng.randint(1, 12), None)
    return " ".join(rng.choices(_WORDS, k=4))
