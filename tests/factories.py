"""Plain domain objects for tests: every argument has a default that makes sense."""

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.categories import Category, Direction, Property
from app.domain.items import Action, Attribute, Change, Item, Source, State
from app.domain.names import slugify
from app.services.histories import touched_keys

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


def make_attribute(name="Note", value="plain", kind="text", *, state=None, **others) -> Attribute:
    """An attribute; a value of None without a state means "unknown"."""
    chosen = state or (State.UNKNOWN if value is None else State.VALUE)
    fields = {"key": slugify(name), "group": "", "note": "", "sources": ()} | others
    return Attribute(name=name, kind=kind, state=chosen, value=value, **fields)


def make_source(url="https://example.org/fact", title="Example") -> Source:
    """A source of a fact."""
    return Source(url, title)


def make_change(**others) -> Change:
    """A change by nobody in particular."""
    return Change(**({"at": NOW, "by": "ada", "action": Action.CREATE} | others))


def make_item(title="Austria", *attributes: Attribute, **others) -> Item:
    """An item at revision 1. The same title gives the same id."""
    fields = {
        "id": f"{abs(hash_of(title)):024x}"[-24:],
        "slug": slugify(title),
        "category": "countries",
        "revision": 1,
        "created_at": NOW,
        "created_by": "ada",
        "change": make_change(),
        "attributes": tuple(attributes),
    }
    return Item(title=title, **(fields | others))


def revised(item: Item, **changes) -> Item:
    """The item with changes, and with what it says of them as an editor's write would have it."""
    new = replace(item, **changes)
    return replace(new, change=make_change(action=Action.EDIT, keys=touched_keys(item, new)))


def make_property(name="Area", kind="number", **others) -> Property:
    """A property of a category."""
    fields = {"key": slugify(name), "direction": Direction.NEUTRAL} | others
    return Property(name=name, kind=kind, **fields)


def make_category(name="Countries", *properties: Property, **others) -> Category:
    """A category."""
    return Category(**({"slug": slugify(name), "name": name, "properties": tuple(properties)} | others))


def hash_of(text: str) -> int:
    """A number that is the same in every process, unlike ``hash()``."""
    return int.from_bytes(text.encode()[-12:].rjust(12, b"\0"), "big") + 1
