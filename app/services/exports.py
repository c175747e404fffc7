"""Exporting entries as the bulk files that an import reads back.

In CSV a column stands for a key and a kind: entries that say one thing in two kinds fill one of two columns.
Where an attribute has more than a value (a name of its own, a state, a group, a note, sources, a date of
verification), a column for it follows, such as ``Mass:number:note``. Columns stand in an order that is each
entry's own; where entries contradict one another, one more column says what their orders are.
"""

import csv
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from app.domain.categories import Category
from app.domain.items import Attribute, Item, State
from app.domain.names import slugify
from app.kinds import registry
from app.kinds.number import Quantity
from app.kinds.range import QuantityRange
from app.services.bulk_formats import DEFINITION, FIELDS, MEMBERS, ORDER, Column, Format, source_line
from app.services.categories import definition_of
from app.storage.stores import Stores
from app.utils.csv_cells import guard

# Spreadsheets are to go on seeing these as numbers and dates; no formula passes their parsers.
_BARE_KINDS = frozenset(("number", "range", "money", "rating", "date", "coordinates", "boolean", "color"))

OnProgress = Callable[[int], None]


def _ignore(_done: int) -> None:
    """Show no progress."""


def run(
    stores: Stores, out: IO[str], form: Format, category: str = "", on_progress: OnProgress = _ignore
) -> int:
    """Write every entry (of a category, by its slug) to ``out`` and return how many there were.

    ``out`` is a text stream in UTF-8 that leaves line ends alone. Raises CategoryNotFound. JSON Lines
    lose nothing of the present entries and of their categories; CSV loses what the categories expect.
    """
    found = stores.categories.get(category) if category else None
    if form is Format.CSV:
        return _write_csv(stores, out, found, on_progress)
    texts = _item_lines(stores, category)
    if form is Format.JSONL:
        return _write(out, (text + "\n" for text in texts), on_progress)
    count = _write(
        out, (f"{',' if number else '['}\n{text}" for number, text in enumerate(texts)), on_progress
    )
    out.write("\n]\n" if count else "[]\n")
    return count


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Yield a new file that takes the place of ``path`` only when all of it is written."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _item_lines(stores: Stores, category: str) -> Iterator[str]:
    """Yield each entry; the first of a category also says what the category is."""
    unsaid = {found.slug: definition_of(found) for found in stores.categories.all()}
    for item in stores.items.iterate(category):
        yield item_line(item, unsaid.pop(item.category, None))


def item_line(item: Item, definition: Mapping[str, object] | None = None) -> str:
    """Return the entry as one line of JSON Lines, without its line end.

    ``definition`` of its category lets an import into a site without that category make it the same.
    """
    line: dict[str, object] = {
        "title": item.title,
        "category": item.category,
        "aliases": list(item.aliases),
        "summary": item.summary,
        "attributes": [_attribute_members(attribute) for attribute in item.attributes],
    }
    if definition:
        line[DEFINITION] = definition
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _write(out: IO[str], texts: Iterable[str], on_progress: OnProgress) -> int:
    count = 0
    for count, text in enumerate(texts, 1):
        out.write(text)
        on_progress(count)
    return count


def _attribute_members(attribute: Attribute) -> dict[str, object]:
    """Return the members that say something; a key only where it does not follow from the name."""
    members: dict[str, object] = {"name": attribute.name, "kind": attribute.kind}
    if slugify(attribute.name) != attribute.key:
        members["key"] = attribute.key
    if attribute.state is State.VALUE:
        members["value"] = registry.get(attribute.kind).to_json(attribute.value)
    else:
        members["state"] = attribute.state.value
    if attribute.group:
        members["group"] = attribute.group
    if attribute.note:
        members["note"] = attribute.note
    if attribute.sources:
        members["sources"] = [{"url": source.url, "title": source.title} for source in attribute.sources]
    if attribute.verified_on:
        members["verified_on"] = attribute.verified_on.isoformat()
    return members


# CSV


@dataclass(slots=True)
class _Seen:
    """What the entries put under one key and kind. Attributes of two kinds get a column each."""

    key: str
    kind: str
    names: Counter[str] = field(default_factory=Counter)
    units: Counter[str | None] = field(default_factory=Counter)
    members: set[str] = field(default_factory=set)

    def columns(self, category: Category | None, counted: Container[str]) -> Iterator[Column]:
        """Yield the column of the values and those of what else there is to say.

        ``counted`` are the keys for which an import may take a bare number to have a unit.
        """
        column = self.column(category, counted)
        yield column
        members = self.members if set(self.names) == {column.name} else {"name", *self.members}
        for member in MEMBERS:
            if member in members:
                yield Column(column.name, column.kind, member=member)

    def column(self, category: Category | None, counted: Container[str]) -> Column:
        """Return a column from whose header an import makes this key, kind and unit."""
        name = self.names.most_common(1)[0][0]
        # Where the key no longer follows from the name, it stands for it.
        name = name if slugify(name) == self.key else self.key
        if not self.units:
            return Column(name, self.kind)
        expected = category.find_property(self.key) if category else None
        if None in self.units:
            # A bare number is one without a unit, so the header must not let any be meant.
            must_say = len(self.units) > 1 or self.key in counted
            return Column(name, self.kind, "" if must_say else None)
        preferred = expected.unit if expected and expected.unit in self.units else None
        return Column(name, self.kind, preferred or self.units.most_common(1)[0][0])


def _write_csv(stores: Stores, out: IO[str], category: Category | None, on_progress: OnProgress) -> int:
    slug = category.slug if category else ""
    table = _table(stores.items.iterate(slug), category, _counted(stores))
    writer = csv.writer(out)
    writer.writerow(table.header())
    count = 0
    for count, item in enumerate(stores.items.iterate(slug), 1):
        writer.writerow(table.row(item))
        on_progress(count)
    return count


# A key and a kind.
_Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Table:
    """The columns of a file, each with the identity of its attributes; whether one tells their order."""

    columns: Sequence[tuple[_Identity, Column]]
    places: Mapping[_Identity, int]
    has_order: bool

    def header(self) -> list[str]:
        """Return the first row."""
        fields = ["title", *FIELDS, *([ORDER] if self.has_order else ())]
        return [*fields, *(guard(column.header()) for _, column in self.columns)]

    def row(self, item: Item) -> list[str]:
        """Return the row of an entry."""
        by_identity = {(attribute.key, attribute.kind): attribute for attribute in item.attributes}
        cells = (_cell(by_identity.get(identity), column) for identity, column in self.columns)
        aliases = registry.get("list").typed(item.aliases, "en")
        fields = (item.title, aliases, item.summary, item.category)
        return [*map(guard, fields), *([self._order(item)] if self.has_order else ()), *cells]

    def _order(self, item: Item) -> str:
        """Return the keys of the attributes where their order is not that of the columns, else ""."""
        identities = [(attribute.key, attribute.kind) for attribute in item.attributes]
        places = [self.places[identity] for identity in identities if identity in self.places]
        return "" if places == sorted(places) else ", ".join(key for key, _ in identities)


def _counted(stores: Stores) -> frozenset[str]:
    return frozenset(
        key
        for category in stores.categories.all()
        for prop in category.properties
        if prop.unit
        for key in prop.accepted_keys()
    )


def _table(found: Iterable[Item], category: Category | None, counted: Container[str]) -> _Table:
    seen: dict[_Identity, _Seen] = {}
    # In an order in which what is new stands behind what it follows in its entry.
    order: list[_Identity] = []
    followers: dict[_Identity, Counter[_Identity]] = {}
    for item in found:
        before: _Identity | None = None
        for attribute in item.attributes:
            identity = (attribute.key, attribute.kind)
            if attribute.kind not in registry.KINDS:
                continue
            if identity not in seen:
                seen[identity] = _Seen(*identity)
                followers[identity] = Counter()
                order.insert(order.index(before) + 1 if before else 0, identity)
            _see(seen[identity], attribute)
            if before:
                followers[before][identity] += 1
            before = identity
    places = {identity: place for place, identity in enumerate(_agreed(order, followers))}
    return _Table(
        [(each, column) for each in places for column in seen[each].columns(category, counted)],
        places,
        any(places[each] > places[later] for each in places for later in followers[each]),
    )


def _agreed(
    order: Iterable[_Identity], followers: Mapping[_Identity, Mapping[_Identity, int]]
) -> Iterator[_Identity]:
    """Yield all of ``order``, each before its followers where no entries contradict one another.

    Kahn's topological sorting; where all that is left follows something left, the least often such is next.
    """
    waits = dict.fromkeys(order, 0)
    for after in followers.values():
        for each, times in after.items():
            waits[each] += times
    while waits:
        following = min(waits, key=waits.__getitem__)
        del waits[following]
        for each, times in followers[following].items():
            if each in waits:
                waits[each] -= times
        yield following


def _see(found: _Seen, attribute: Attribute) -> None:
    found.names[attribute.name] += 1
    found.members.update(member for member in MEMBERS if member != "name" and _member(attribute, member))
    if isinstance(attribute.value, Quantity | QuantityRange):
        found.units[attribute.value.unit] += 1


def _cell(attribute: Attribute | None, column: Column) -> str:
    if attribute is None:
        return ""
    if column.member == "name":
        return guard(attribute.name) if attribute.name != column.name else ""
    if column.member != "value":
        return guard(_member(attribute, column.member))
    if attribute.state is not State.VALUE:
        return ""
    value = attribute.value
    if isinstance(value, Quantity | QuantityRange) and value.unit == column.unit:
        value = replace(value, unit=None)
    typed = registry.get(attribute.kind).typed(value, "en")
    return typed if attribute.kind in _BARE_KINDS else guard(typed)


def _member(attribute: Attribute, name: str) -> str:
    """Return what stands beside the value as a cell says it; "" for what needs no saying."""
    if name == "state":
        return "" if attribute.state is State.VALUE else attribute.state.value
    if name == "sources":
        return "\n".join(source_line(source.url, source.title) for source in attribute.sources)
    if name == "verified_on":
        return attribute.verified_on.isoformat() if attribute.verified_on else ""
    return attribute.group if name == "group" else attribute.note
