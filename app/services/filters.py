"""Conditions on attributes as query parameters say them: ``attr.KEY``, ``attr.KEY.gte``, ``attr.KEY.lte``."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from app.domain.categories import Category, Property
from app.domain.errors import FieldError, ValueRefused
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.kinds import registry
from app.kinds.base import Kind, ParseContext
from app.storage.queries import AttributeFilter
from app.storage.stores import Stores

T = TypeVar("T")
# All slugs by which a reference may point at the entry that a slug, present or past, means.
SlugsOf = Callable[[str], Iterable[str]]

PREFIX = "attr."
MOST = 20
LONGEST = 500
_MALFORMED = Message(N_("A filter is written attr.KEY, attr.KEY.gte or attr.KEY.lte."))
_TOO_MANY = Message(N_("At most %(most)s filters can be used at once."), {"most": MOST})
_TOO_LONG = Message(N_("A value of at most %(most)s characters was expected."), {"most": LONGEST})
_NO_ORDER = Message(N_("Values of this sort have no order, so only equal ones can be found."))
# What has no more or less about it; its keys are sorted, but to no one's use.
_UNORDERED = frozenset({"boolean", "list", "image", "color", "coordinates", "reference", "url"})


@dataclass(frozen=True, slots=True)
class Conditions:
    """What was understood, and what was not (paths are the parameters' names)."""

    filters: tuple[AttributeFilter, ...] = ()
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to understand a value of a key."""

    kind: Kind[Any]
    context: ParseContext


def slugs_of(stores: Stores) -> SlugsOf:
    """Return what tells the slugs of entries, so that filters by references follow renames."""

    def found(slug: str) -> Iterable[str]:
        item = stores.items.find_by_slug(slug)
        if item is None:
            return (slug,)
        mine = (item.slug, *item.past_slugs)
        # What another entry is called by now means that one.
        present = stores.items.stamps(mine)
        return (slug, *(past for past in mine if past in present and present[past].id == item.id))

    return found


def read(
    parameters: Iterable[tuple[str, str]],
    categories: Sequence[Category],
    locale: str = "en",
    slugs: SlugsOf = lambda slug: (slug,),
) -> Conditions:
    """Understand the ``attr.`` parameters among ``parameters``; others and empty ones are passed over.

    ``categories`` are those in question: the one being listed, or all. They say which kind and unit a
    key has; a key that none of them expects is tried as every kind. Of one parameter given several
    times any value may match, unless it is a bound. ``slugs`` is as :func:`slugs_of` gives it.
    """
    filters: list[AttributeFilter] = []
    errors: list[FieldError] = []
    given = [(name, text.strip()) for name, text in parameters if name.startswith(PREFIX) and text.strip()]
    if len(given) > MOST:
        return Conditions(errors=(FieldError("attr", _TOO_MANY),))
    for name, texts in _grouped(given).items():
        try:
            filters.extend(_conditions(name, texts, partial(_readings, categories, locale), slugs))
        except ValueRefused as refused:
            errors.append(FieldError(name, refused.message))
    return Conditions(tuple(filters), tuple(errors))


def _grouped(given: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in given:
        found.setdefault(name, []).append(text)
    return found


def _conditions(
    name: str, texts: Sequence[str], readings_of: Callable[[str], list[_Reading]], slugs: SlugsOf
) -> Iterator[AttributeFilter]:
    key, _, operator = name.removeprefix(PREFIX).partition(".")
    if not key or slugify(key) != key or operator not in ("", "gte", "lte"):
        raise ValueRefused(_MALFORMED)
    if any(len(text) > LONGEST for text in texts):
        raise ValueRefused(_TOO_LONG)
    readings = readings_of(key)
    if operator:
        for text in texts:
            yield from _bounds(key, operator, text, readings)
    else:
        yield _equal(key, texts, readings, slugs)


def _readings(categories: Sequence[Category], locale: str, key: str) -> list[_Reading]:
    found = [
        _Reading(registry.get(prop.kind), context_of(prop, category, locale))
        for category in categories
        if (prop := category.find_property(key))
    ]
    tried = [kind for kind in registry.KINDS.values() if kind.tag != "image"]
    return list(dict.fromkeys(found)) or [_Reading(kind, ParseContext(locale)) for kind in tried]


def context_of(prop: Property, category: Category, locale: str) -> ParseContext:
    """Return how text typed for a property of a category is to be understood."""
    units = frozenset(other.unit for other in category.properties if other.unit)
    return ParseContext(locale=locale, unit=prop.unit, count_units=units)


def _each(readings: Sequence[_Reading], understand: Callable[[_Reading], T]) -> list[tuple[_Reading, T]]:
    """Return what every reading that accepts a text makes of it; raise the first refusal if none does."""
    found, refusals = [], []
    for reading in readings:
        try:
            found.append((reading, understand(reading)))
        except ValueRefused as refused:
            refusals.append(refused)
    if not found:
        raise refusals[0]
    return found


def _equal(key: str, texts: Sequence[str], readings: Sequence[_Reading], slugs: SlugsOf) -> AttributeFilter:
    """Return the condition that a value equals one of ``texts``, or is a list with one of their elements."""
    ranges: list[tuple[str, str]] = []
    members: dict[str, None] = {}
    for text in texts:
        for _, (found, elements) in _each(readings, partial(_alike, text, slugs)):
            ranges.extend(found)
            members.update(dict.fromkeys(elements))
    return AttributeFilter(key, ranges=tuple(ranges), members=tuple(members))


def _alike(text: str, slugs: SlugsOf, reading: _Reading) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
    """Return what equals ``text`` as one reading has it: ranges of sort keys, or elements of lists."""
    kind, context = reading.kind, reading.context
    if kind.tag == "list":
        return (), kind.sort_keys(kind.parse(text, context)).members
    if kind.tag == "reference":
        alike = dict.fromkeys(slugs(kind.parse(text, context).slug))
        return [kind.filter_range(slug, context) for slug in alike], ()
    return [kind.filter_range(text, context)], ()


def _bounds(key: str, operator: str, text: str, readings: Sequence[_Reading]) -> Iterator[AttributeFilter]:
    ordered = [reading for reading in readings if reading.kind.tag not in _UNORDERED]
    if not ordered:
        raise ValueRefused(_NO_ORDER)
    found = _each(ordered, lambda reading: reading.kind.filter_range(text, reading.context))
    if operator == "gte":
        yield AttributeFilter(key, ranges=tuple((low, _scope(low) + "!") for _, (low, _) in found))
        return
    # All of a range is to be below the bound, so its upper end is asked.
    pairs = tuple((_scope(high) + " ", high) for _, (_, high) in found)
    yield AttributeFilter(key, ranges=pairs, upper=any(reading.kind.tag == "range" for reading, _ in found))


def _scope(key: str) -> str:
    """Return the first part of a sort key; "!" follows the space that ends it in code-point order."""
    return key.partition(" ")[0]
