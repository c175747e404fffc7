"""Which attribute of one entry stands beside which of another.

A row is a property of a category, or an attribute that no category expects. The first entry's category
gives the groups and the order; properties of the other categories join its rows where they mean the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from app.domain.categories import Category, Property
from app.domain.items import Attribute, Item
from app.domain.names import slugify

# Kinds whose values a reader would put into one row although they are told apart in writing.
_RELATED = ({"number", "range", "rating"}, {"text", "list", "reference"})

# Names repeat from request to request, and folding one costs more than all else that is done here with it.
_key_of = lru_cache(maxsize=8192)(slugify)


@dataclass(slots=True)
class AlignedRow:
    """A row in the making; ``attributes`` has one place for each entry."""

    key: str
    name: str
    group: str
    kind: str
    attributes: list[Attribute | None]
    prop: Property | None = None
    accepted: set[str] = field(default_factory=set)


def align(items: Sequence[Item], categories: Mapping[str, Category], locale: str) -> list[AlignedRow]:
    """Return the rows of ``items``, in the order in which they are to be read.

    An entry fills a row at most once: of ``Mass`` and its alias ``Weight`` in one entry, the second
    keeps a row of its own. Empty rows of expected properties are included.
    """
    return _Aligner(items, categories, locale).align()


class _Aligner:
    def __init__(self, items: Sequence[Item], categories: Mapping[str, Category], locale: str) -> None:
        self.items = items
        self.categories = categories
        self.locale = locale
        self.rows: list[AlignedRow] = []
        self.by_key: dict[str, AlignedRow] = {}
        # Every other name of a row, first come, first served.
        self.by_name: dict[str, list[AlignedRow]] = {}
        # The row of each property, by category: {"planets": {"mass": row}}.
        self.own: dict[str, dict[str, AlignedRow]] = {}

    def align(self) -> list[AlignedRow]:
        for slug in dict.fromkeys(item.category for item in self.items):
            if slug in self.categories:
                self._expect(self.categories[slug])
        for column, item in enumerate(self.items):
            self._place(column, item)
        return self._in_groups()

    def _expect(self, category: Category) -> None:
        own = self.own[category.slug] = {}
        # By key before by alias, so that an alias never takes the row of a property's own key.
        for prop in category.properties:
            if prop.key in self.by_key:
                own[prop.key] = self.by_key[prop.key]
        for prop in category.properties:
            if prop.key not in own:
                own[prop.key] = self._joined(prop, own.values()) or self._row_of(prop, category)
        for prop in category.properties:
            self._call(own[prop.key], (_key_of(name) for name in _names(prop)))

    def _joined(self, prop: Property, taken: Iterable[AlignedRow]) -> AlignedRow | None:
        if not self.by_name:
            return None
        used = {id(row) for row in taken}
        names = [prop.key, *(_key_of(name) for name in _names(prop))]
        rows = (row for name in names for row in self.by_name.get(name, ()))
        return next((row for row in rows if id(row) not in used and _related(row.kind, prop.kind)), None)

    def _row_of(self, prop: Property, category: Category) -> AlignedRow:
        group = category.group_label(prop.group, self.locale) if prop.group else ""
        return self._add(
            AlignedRow(prop.key, prop.label(self.locale), group, prop.kind, self._places(), prop)
        )

    def _places(self) -> list[Attribute | None]:
        return [None] * len(self.items)

    def _add(self, row: AlignedRow) -> AlignedRow:
        stem, number = row.key, 2
        while row.key in self.by_key:
            row.key, number = f"{stem}-{number}", number + 1
        self.rows.append(row)
        self.by_key[row.key] = row
        return row

    def _call(self, row: AlignedRow, names: Iterable[str]) -> None:
        for name in (row.key, *names):
            if name not in row.accepted:
                row.accepted.add(name)
                self.by_name.setdefault(name, []).append(row)

    def _place(self, column: int, item: Item) -> None:
        own = self.own.get(item.category, {})
        rest = []
        for attribute in item.attributes:
            row = own.get(attribute.key)
            if row is None:
                rest.append(attribute)
            else:
                row.attributes[column] = attribute
        for attribute in rest:
            row = self._row_for(attribute, column, own) or self._extra(attribute)
            row.attributes[column] = attribute

    def _row_for(self, attribute: Attribute, column: int, own: Mapping[str, AlignedRow]) -> AlignedRow | None:
        names = dict.fromkeys((attribute.key, _key_of(attribute.name)))
        candidates = [
            row for name in names for row in self.by_name.get(name, ()) if not row.attributes[column]
        ]
        # What the entry's own category calls it comes first, then a row of that key, then of that name.
        mine = {id(row) for row in own.values()}
        return min(
            candidates,
            key=lambda row: (id(row) not in mine, row.key != attribute.key),
            default=None,
        )

    def _extra(self, attribute: Attribute) -> AlignedRow:
        row = self._add(
            AlignedRow(attribute.key, attribute.name, attribute.group, attribute.kind, self._places())
        )
        self._call(row, (attribute.key, _key_of(attribute.name)))
        return row

    def _in_groups(self) -> list[AlignedRow]:
        """Bring the rows of a group together; rows without one come first if expected, else last."""
        order: dict[tuple[str, bool], list[AlignedRow]] = {}
        for row in self.rows:
            order.setdefault((row.group, row.group == "" and row.prop is None), []).append(row)
        ungrouped = order.pop(("", True), [])
        return [row for rows in order.values() for row in rows] + ungrouped


def _names(prop: Property) -> tuple[str, ...]:
    return (prop.name, *prop.aliases, *prop.labels.values())


def _related(first: str, second: str) -> bool:
    return first == second or any(first in kinds and second in kinds for kinds in _RELATED)
