"""From slugs to a comparison, in a fixed number of queries."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.categories import Category
from app.domain.errors import BadQuery, EntriesNotFound, FieldError
from app.domain.items import Item, ItemHead
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.kinds.base import ReferenceTarget, RenderContext
from app.kinds.reference import Reference
from app.services.comparisons.alignment import AlignedRow, align
from app.services.comparisons.judging import judge, sort_columns
from app.services.comparisons.model import KNOWN, Column, Comparison
from app.services.comparisons.options import Options
from app.storage.stores import Stores
from app.utils.lru import BoundedCache

FEWEST = 2
MOST = 8

CacheKey = tuple[tuple[str, ...], str, str, str]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A comparison and what must still hold for it to be true."""

    comparison: Comparison
    # By requested slug: the entry's id and revision, and its category's revision or 0.
    items: Mapping[str, tuple[str, int, int]]
    references: Mapping[str, ReferenceTarget | None]


ComparisonCache = BoundedCache[CacheKey, Remembered]


def compare(
    stores: Stores,
    slugs: Sequence[str],
    options: Options,
    context: RenderContext,
    cache: ComparisonCache | None = None,
) -> Comparison:
    """Compare the entries of ``slugs``, present or past; the columns are in their order, or as sorted.

    Slugs may be written as titles are. ``options`` decide the units, whatever ``context`` says.
    Raises BadQuery unless two to eight different entries are named, EntriesNotFound if one of them
    does not exist. It takes one query for the entries, one for categories that were not read within the
    last second, and one more for the entries that they refer to, if any; with ``cache``, no more than the
    first two as long as none of them changed.
    """
    wanted = _wanted(slugs)
    context = replace(context, units=options.units)
    key = (wanted, context.locale, options.units, options.sort)
    known = cache.get(key) if cache is not None else None
    if known is not None and _still_true(stores, known):
        return replace(known.comparison, options=options)
    fresh = _compare(stores, wanted, options, context)
    if cache is not None:
        cache.put(key, fresh, len(fresh.comparison.columns) * len(fresh.comparison.rows))
    return fresh.comparison


def _wanted(slugs: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(filter(None, map(slugify, slugs))))
    if FEWEST <= len(wanted) <= MOST:
        return wanted
    raise _wrong_number()


def _wrong_number() -> BadQuery:
    params = {"fewest": FEWEST, "most": MOST}
    message = Message(N_("A comparison takes %(fewest)s to %(most)s different entries."), params)
    return BadQuery([FieldError("items", message)])


def _still_true(stores: Stores, known: Remembered) -> bool:
    heads = stores.items.stamps([*known.items, *known.references])
    if known.items.keys() - heads.keys():
        return False
    categories = stores.categories.find_recent_many({heads[slug].category for slug in known.items})
    stamps = {slug: _stamp(heads[slug], categories) for slug in known.items}
    targets = {slug: _target(heads.get(slug)) for slug in known.references}
    return stamps == known.items and targets == known.references


def _stamp(item: Item | ItemHead, categories: Mapping[str, Category]) -> tuple[str, int, int]:
    category = categories.get(item.category)
    return item.id, item.revision, category.revision if category else 0


def _compare(stores: Stores, wanted: tuple[str, ...], options: Options, context: RenderContext) -> Remembered:
    found = stores.items.find_many(wanted)
    if missing := [slug for slug in wanted if slug not in found]:
        raise EntriesNotFound(missing)
    items = list({found[slug].id: found[slug] for slug in wanted}.values())
    if len(items) < FEWEST:
        raise _wrong_number()
    categories = stores.categories.find_recent_many({item.category for item in items})
    references = _references(stores, items)
    context = replace(context, references=references)
    comparison = _build(items, categories, options, context)
    stamps = {slug: _stamp(item, categories) for slug, item in found.items()}
    return Remembered(replace(comparison, version=_version(stamps, context)), stamps, references)


def _references(stores: Stores, items: Sequence[Item]) -> dict[str, ReferenceTarget | None]:
    slugs = {
        attribute.value.slug
        for item in items
        for attribute in item.attributes
        if isinstance(attribute.value, Reference)
    }
    heads = stores.items.heads(sorted(slugs)) if slugs else {}
    return {slug: _target(heads.get(slug)) for slug in sorted(slugs)}


def _target(head: ItemHead | None) -> ReferenceTarget | None:
    return ReferenceTarget(head.slug, head.title) if head else None


def _version(stamps: Mapping[str, tuple[str, int, int]], context: RenderContext) -> str:
    parts = (
        sorted(stamps.items()),
        [(slug, target and (target.slug, target.title)) for slug, target in context.references.items()],
        context.locale,
        context.units,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _build(
    items: Sequence[Item], categories: Mapping[str, Category], options: Options, context: RenderContext
) -> Comparison:
    aligned = align(items, categories, context.locale)
    requested = tuple(item.slug for item in items)
    items = _sorted(items, aligned, options.sort)
    rows = tuple(judge(row, items, context) for row in aligned)
    columns = tuple(
        Column(item, categories.get(item.category), sum(row.cells[i].state in KNOWN for row in rows))
        for i, item in enumerate(items)
    )
    return Comparison(columns, rows, options, requested)


def _sorted(items: Sequence[Item], rows: Sequence[AlignedRow], sort: str) -> Sequence[Item]:
    """Order the columns and, in step, the attributes of every row; an unknown key changes nothing."""
    by = next((row for row in rows if row.key == sort.removeprefix("-")), None)
    if by is None:
        return items
    order = sort_columns(by, descending=sort.startswith("-"))
    for row in rows:
        row.attributes = [row.attributes[column] for column in order]
    return [items[column] for column in order]
