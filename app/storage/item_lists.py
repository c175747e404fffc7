"""Lists of items: filtered, sorted and paged by keyset, each order given by an index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from app.domain.errors import BadQuery, FieldError
from app.domain.items import Item, ItemHead, Page
from app.domain.messages import N_, Message
from app.storage import cursors
from app.storage.base import BY_SCORE, LIVE, ItemCollections, Query, Sort
from app.storage.documents import HEAD_PROJECTION, SEARCH_FIELDS, Document, head_from, item_from
from app.storage.errors import database_errors
from app.storage.likeness import Traits
from app.storage.queries import AttributeFilter, ItemQuery
from app.storage.search_fields import UPPER, check_key, member_key, references, words_of

Row = Item | ItemHead

_HEAD_FIELDS = {"updated_at": "change.at"} | {
    name: name for name in ("id", "slug", "title", "category", "revision", "summary", "aliases")
}
_ATTRIBUTE = "attr."
# How many are looked at to find similar ones: whole small categories, a sample of large ones.
_CANDIDATES = 250
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Order:
    """A total order of some of the items: ``field`` is unique, or ``_id`` breaks its ties.

    ``range`` keeps the items that are in this order at all. A list sorted by an attribute has two
    parts, first the items that have it and then the others; ``part`` tells their cursors apart.
    """

    name: str
    field: str
    type: type[cursors.Value]
    direction: int
    range: Query
    is_unique: bool = False
    part: int = 0

    def sort(self) -> Sort:
        last = [] if self.is_unique else [("_id", self.direction)]
        return [(self.field, self.direction), *last]

    def after(self, cursor: str) -> Query:
        """Return the condition of the rows after ``cursor``, as a range of the index where it can be."""
        if cursor == self.start():
            return self.range
        types = [self.type] if self.is_unique else [self.type, ObjectId]
        value, *rest = cursors.decode(self.listing, types, cursor)
        beyond = "$gt" if self.direction == 1 else "$lt"
        within = self.range[self.field]
        if not rest:
            return {**self.range, self.field: {**within, beyond: value}}
        # The plain bound starts the index scan at the right place; the alternative settles ties.
        ties = [{self.field: {beyond: value}}, {"_id": {beyond: rest[0]}}]
        return {**self.range, self.field: {**within, beyond + "e": value}, "$or": ties}

    def cursor_of(self, document: Document) -> str:
        """Return the cursor after the row."""
        value = _dig(document, self.field)
        return cursors.encode(self.listing, [value] if self.is_unique else [value, document["_id"]])

    def start(self) -> str:
        """Return the cursor before the first row, for the border between two parts."""
        return cursors.encode(self.listing, [])

    @property
    def listing(self) -> str:
        """What its cursors are called."""
        return f"{self.name}/{self.part}"


class ItemLists(ItemCollections):
    """The listing verbs."""

    @database_errors()
    def page(self, query: ItemQuery) -> Page[Row]:
        """Return one page of existing items.

        Raises BadQuery for a cursor that is not of this list, or a sort that does not exist.
        """
        conditions = _conditions(query)
        orders = _orders(query)
        rows, following = self._rows(query, conditions, orders)
        total = self._items.count_documents(_all_of(LIVE, *conditions)) if query.count else None
        read = head_from if _wants_heads(query) else item_from
        return Page(tuple(map(read, rows)), following, total)

    def _rows(
        self, query: ItemQuery, conditions: list[Query], orders: list[_Order]
    ) -> tuple[list[Document], str | None]:
        """Fill one page from the parts of the order, beginning with the one the cursor is in."""
        first = _first_part(orders, query.cursor)
        rows: list[Document] = []
        for order in orders[first:]:
            cursor = query.cursor if order is orders[first] else ""
            missing = query.limit - len(rows)
            if missing == 0:
                return rows, order.start()
            found = self._part(query, conditions, order, cursor, missing + 1)
            rows.extend(found[:missing])
            if len(found) > missing:
                return rows, order.cursor_of(found[missing - 1])
        return rows, None

    def _part(
        self, query: ItemQuery, conditions: list[Query], order: _Order, cursor: str, limit: int
    ) -> list[Document]:
        after = order.after(cursor) if cursor else order.range
        found = self._items.find(_all_of(*conditions, after), _projection(query, order))
        return list(found.sort(order.sort()).limit(limit))

    @database_errors()
    def similar(self, item: Item, limit: int = 6) -> list[ItemHead]:
        """Return existing items to compare it with.

        Of the best known of its category, and of those of it that this one points at, the likest come first:
        those that share with it what few do.
        """
        traits, near = Traits(item), references(item)
        of_category = {"category": item.category, "deleted": False}
        known = self._items.find(of_category, traits.projection()).sort(BY_SCORE).limit(_CANDIDATES)
        pointed_at = _all_of(LIVE, {"slug": {"$in": near}, "category": item.category})
        found = {row["_id"]: row for row in known}
        if near:
            further = self._items.find(pointed_at, traits.projection()).limit(_CANDIDATES)
            found |= {row["_id"]: row for row in further}
        found.pop(ObjectId(item.id), None)
        return self._heads([row["_id"] for row in traits.ranked(list(found.values()), near)[:limit]])

    def _heads(self, ids: Sequence[ObjectId]) -> list[ItemHead]:
        found = {row["_id"]: row for row in self._items.find({"_id": {"$in": ids}}, HEAD_PROJECTION)}
        return [head_from(found[each]) for each in ids if each in found]

    @database_errors()
    def referencing(self, slug: str, limit: int = 20, past_slugs: tuple[str, ...] = ()) -> list[ItemHead]:
        """Return existing items that point at the slug, or at a past one, best known first."""
        query = {"refs": {"$in": [slug, *past_slugs]}}
        found = self._items.find(query, HEAD_PROJECTION).sort(BY_SCORE).limit(limit)
        return list(map(head_from, found))


def _orders(query: ItemQuery) -> list[_Order]:
    sort = query.sort
    name, direction = sort.removeprefix("-"), -1 if sort.startswith("-") else 1
    if name == "title":
        return [_Order(sort, "title_key", str, direction, {"title_key": {"$gte": ""}}, is_unique=True)]
    if name == "updated_at":
        return [_Order(sort, "updated", datetime, direction, {"updated": {"$gt": _EARLIEST}})]
    if name.startswith(_ATTRIBUTE):
        key = name.removeprefix(_ATTRIBUTE)
        orders = list(_attribute_orders(sort, key, direction))
        # With a condition on the attribute nothing without it can match: no need to look.
        return orders[:1] if any(found.key == key for found in query.filters) else orders
    raise BadQuery([FieldError("sort", Message(N_("A sort by title, updated_at or attr.KEY was expected.")))])


def _attribute_orders(sort: str, key: str, direction: int) -> Iterator[_Order]:
    path = _sort_path(key, "sort")
    yield _Order(sort, path, str, direction, {path: {"$gte": ""}}, is_unique=True)
    without = {"title_key": {"$gte": ""}, path: {"$exists": False}}
    yield _Order(sort, "title_key", str, 1, without, is_unique=True, part=1)


def _first_part(orders: list[_Order], cursor: str) -> int:
    if not cursor:
        return 0
    listing = cursors.listing_of(cursor)
    found = next((number for number, order in enumerate(orders) if order.listing == listing), None)
    if found is None:
        raise cursors.refused()
    return found


def _conditions(query: ItemQuery) -> list[Query]:
    conditions: list[Query] = []
    if query.category:
        conditions.append({"category": query.category})
    if words := words_of(query.text):
        conditions.append({"words": {"$all": list(dict.fromkeys(words))}})
    elif query.text.strip():
        # Signs alone: no word can contain them, so nothing matches.
        conditions.append({"words": ""})
    for condition in query.filters:
        conditions.extend(_filter_conditions(condition))
    return conditions


def _filter_conditions(condition: AttributeFilter) -> Iterator[Query]:
    path = _sort_path(condition.key, _ATTRIBUTE + condition.key)
    alternatives: list[Query] = [_between(path, low, high) for low, high in condition.ranges]
    if condition.members:
        members = [member_key(condition.key, member) for member in condition.members]
        alternatives.append({"m": {"$in": members}})
    if alternatives:
        yield _any_of(alternatives)
    if condition.ranges and condition.upper:
        upper = path + UPPER
        within = [_between(upper, low, high) for low, high in condition.ranges]
        yield _any_of([{upper: {"$exists": False}}, *within])


def _between(path: str, low: str, high: str) -> Query:
    return {path: {"$gte": low, "$lt": high} if high else {"$gte": low}}


def _sort_path(key: str, parameter: str) -> str:
    try:
        check_key(key)
    except ValueError as error:
        message = Message(N_("The key of an attribute was expected."))
        raise BadQuery([FieldError(parameter, message)]) from error
    return f"x.{key}"


def _projection(query: ItemQuery, order: _Order) -> dict[str, bool]:
    if not _wants_heads(query):
        # The sort value must come along: the cursor is made of it.
        kept = order.field.partition(".")[0]
        return {name: False for name in SEARCH_FIELDS if name != kept}
    fields = query.fields or frozenset()
    return {_HEAD_FIELDS[name]: True for name in fields if name != "id"} | {order.field: True}


def _wants_heads(query: ItemQuery) -> bool:
    return query.fields is not None and query.fields <= _HEAD_FIELDS.keys()


def _all_of(*conditions: Query) -> dict[str, Any]:
    return {"$and": [dict(condition) for condition in conditions]}


def _any_of(conditions: list[Query]) -> Query:
    return conditions[0] if len(conditions) == 1 else {"$or": conditions}


def _dig(document: Document, path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        found = found[name]
    return found
