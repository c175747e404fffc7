"""Names of attributes that a category knows, so that what is meant alike is called alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.categories import Category
from app.domain.items import Item
from app.domain.names import fold
from app.storage.queries import ItemQuery
from app.storage.stores import Stores

_MOST = 10
# So many of the entries changed last are asked what they use.
_ENTRIES = 40


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name in use, with the kind, unit and group that go with it."""

    key: str
    name: str
    kind: str
    unit: str = ""
    group: str = ""


def known(stores: Stores, item: Item, category: Category | None, text: str) -> tuple[KnownName, ...]:
    """Return names that ``text`` may mean and ``item`` has not: the properties of its category first."""
    typed = fold(text)
    taken = {attribute.key for attribute in item.attributes}
    if category is not None:
        taken |= {prop.key for key in taken if (prop := category.find_property(key))}
    found: dict[str, KnownName] = {}
    for name, also in (*_properties(category), *_used(stores, item, category)):
        if name.key not in taken and any(typed in fold(called) for called in (name.name, *also)):
            found.setdefault(name.key, name)
    ranked = sorted(found.values(), key=lambda name: not fold(name.name).startswith(typed))
    return tuple(ranked[:_MOST])


def _properties(category: Category | None) -> Iterator[tuple[KnownName, tuple[str, ...]]]:
    for prop in category.properties if category else ():
        name = KnownName(prop.key, prop.name, prop.kind, prop.unit or "", prop.group)
        yield name, (*prop.aliases, *prop.labels.values())


def _used(
    stores: Stores, item: Item, category: Category | None
) -> Iterator[tuple[KnownName, tuple[str, ...]]]:
    if not item.category:
        return
    page = stores.items.page(ItemQuery(category=item.category, sort="-updated_at", limit=_ENTRIES))
    for other in page.rows:
        for attribute in other.attributes if isinstance(other, Item) else ():
            if category is None or category.find_property(attribute.key) is None:
                unit = getattr(attribute.value, "unit", None) or ""
                yield KnownName(attribute.key, attribute.name, attribute.kind, unit, attribute.group), ()
