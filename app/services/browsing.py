"""What a reader meets beside the comparison: the front page, one entry, lists, search, recent changes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from app.domain.categories import Category, Property
from app.domain.errors import BadQuery, FieldError, ItemNotFound
from app.domain.items import Attribute, Item, ItemHead, Page, Revision
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.kinds.base import ReferenceTarget
from app.kinds.reference import Reference
from app.services import filters, items
from app.storage.queries import AttributeFilter, ChangeQuery, ItemQuery
from app.storage.stores import Stores

T = TypeVar("T")

PAGE = 25
_SIMILAR = 8
_REFERENCING = 12
_NEAR = 6
_COLUMNS = 4
_CHANGES = 50
_SORTS = frozenset({"title", "-title", "updated_at", "-updated_at"})
# Kinds whose values are short enough for a column of a list.
_COLUMN_KINDS = ("number", "money", "date", "rating", "range", "boolean", "color", "reference")


@dataclass(frozen=True, slots=True)
class Fact:
    """An attribute of an entry with the name that a reader knows it by."""

    attribute: Attribute
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Attributes under one heading; the heading may be ""."""

    label: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with all that its page shows. ``references`` has None for those that lead nowhere."""

    item: Item
    category: Category | None
    groups: tuple[Group, ...]
    references: Mapping[str, ReferenceTarget | None]
    similar: tuple[ItemHead, ...]
    referencing: tuple[ItemHead, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of entries; ``errors`` says which parameters were passed over, and why, by their names."""

    page: Page[Item]
    category: Category | None
    categories: tuple[Category, ...]
    columns: tuple[Property, ...]
    references: Mapping[str, ReferenceTarget | None]
    sort: str
    errors: Mapping[str, Message] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found; ``near`` are names like the one searched for, where nothing was found."""

    page: Page[ItemHead]
    near: tuple[ItemHead, ...] = ()


def entry(stores: Stores, name: str, locale: str) -> Entry:
    """Return an entry by id, by slug, present or past, or by what has such a slug (``Austria``).

    Raises ItemNotFound or ItemDeleted.
    """
    item = _called(stores, name)
    category = stores.categories.find(item.category) if item.category else None
    return Entry(
        item=item,
        category=category,
        groups=group_facts(item, category, locale),
        references=resolve_references(stores, (item,)),
        similar=tuple(stores.items.similar(item, _SIMILAR)),
        referencing=tuple(stores.items.referencing(item.slug, _REFERENCING, item.past_slugs)),
    )


def _called(stores: Stores, name: str) -> Item:
    try:
        return items.get(stores, name)
    except ItemNotFound:
        slug = slugify(name)
        if slug in ("", name):
            raise
        return items.get(stores, slug)


def group_facts(item: Item, category: Category | None, locale: str) -> tuple[Group, ...]:
    """Return the attributes under their groups, both in the order of the entry itself."""
    groups: dict[str, list[Fact]] = {}
    for attribute in item.attributes:
        prop = category.find_property(attribute.key) if category else None
        group = attribute.group or (prop.group if prop else "")
        label = category.group_label(group, locale) if category else group
        groups.setdefault(label, []).append(Fact(attribute, prop.label(locale) if prop else attribute.name))
    return tuple(Group(label, tuple(facts)) for label, facts in groups.items())


def resolve_references(stores: Stores, found: Iterable[Item]) -> Mapping[str, ReferenceTarget | None]:
    """Return where each reference in these entries leads, in one query."""
    slugs = {
        attribute.value.slug
        for item in found
        for attribute in item.attributes
        if isinstance(attribute.value, Reference)
    }
    heads = stores.items.heads(sorted(slugs)) if slugs else {}
    return {
        slug: ReferenceTarget(heads[slug].slug, heads[slug].title) if slug in heads else None
        for slug in slugs
    }


def browse(stores: Stores, category_slug: str, parameters: Sequence[tuple[str, str]], locale: str) -> Listing:
    """Return the page of a list that the query string ``parameters`` ask for; "" is every category.

    Parameters that cannot be understood are reported in ``errors`` and otherwise passed over, so that
    a mistyped bound still shows a list. Raises CategoryNotFound.
    """
    category = stores.categories.get(category_slug) if category_slug else None
    categories = tuple(stores.categories.all())
    asked = (category,) if category else categories
    conditions = filters.read(parameters, asked, locale, filters.slugs_of(stores))
    given = dict(parameters)
    sort, errors = _sort_of(given.get("sort", ""), category)
    query = ItemQuery(
        category=category_slug,
        filters=conditions.filters,
        sort=sort,
        limit=PAGE,
        cursor=given.get("cursor", ""),
    )
    found, refused = _first_page_if_refused(query, stores.items.page)
    page = _whole(found)
    return Listing(
        page=page,
        category=category,
        categories=categories,
        columns=_columns(category, sort, conditions.filters),
        references=resolve_references(stores, page.rows),
        sort=sort,
        errors=_by_path((*conditions.errors, *errors, *refused)),
    )


def _whole(page: Page[Item | ItemHead]) -> Page[Item]:
    # A query that names no fields is answered with whole items; the type cannot say so.
    return Page(tuple(row for row in page.rows if isinstance(row, Item)), page.next, page.total)


def search(stores: Stores, text: str, cursor: str) -> Results:
    """Return what fits ``text``, best first; a cursor that cannot be used gives the first page."""
    if not text:
        return Results(Page(()))
    try:
        page = stores.items.search(text, PAGE, cursor)
    except BadQuery:
        page = stores.items.search(text, PAGE, "")
    near = () if page.rows else tuple(stores.items.nearest(text, _NEAR))
    return Results(page, near)


def changes(stores: Stores, cursor: str, limit: int = _CHANGES, **wanted: str) -> Page[Revision]:
    """Return recent changes, newest first; a cursor that cannot be used gives the first page.

    ``wanted`` are conditions of ChangeQuery: ``category``, ``user``, ``key``, ``action``, ``item_id``.
    """
    query = ChangeQuery(limit=limit, cursor=cursor, **wanted)
    return _first_page_if_refused(query, stores.items.recent_changes)[0]


Q = TypeVar("Q", ItemQuery, ChangeQuery)


def _first_page_if_refused(query: Q, ask: Callable[[Q], T]) -> tuple[T, tuple[FieldError, ...]]:
    try:
        return ask(query), ()
    except BadQuery as refused:
        return ask(replace(query, cursor="")), refused.errors


def _sort_of(asked: str, category: Category | None) -> tuple[str, tuple[FieldError, ...]]:
    key = asked.removeprefix("-").removeprefix("attr.")
    if not asked or asked in _SORTS:
        return asked or "title", ()
    if category and asked.removeprefix("-").startswith("attr.") and category.find_property(key):
        return asked, ()
    message = Message(N_("The list cannot be sorted that way; it is sorted by title."))
    return "title", (FieldError("sort", message),)


def _columns(
    category: Category | None, sort: str, conditions: Iterable[AttributeFilter]
) -> tuple[Property, ...]:
    """Return the properties shown beside the titles: what is asked about first, then the category's first."""
    if category is None:
        return ()
    asked = [sort.removeprefix("-").removeprefix("attr."), *(condition.key for condition in conditions)]
    wanted = [prop for key in asked if (prop := category.find_property(key))]
    usual = [prop for prop in category.properties if prop.kind in _COLUMN_KINDS]
    return tuple({prop.key: prop for prop in (*wanted, *usual)}.values())[:_COLUMNS]


def _by_path(errors: Iterable[FieldError]) -> Mapping[str, Message]:
    return {error.path: error.message for error in errors}
