"""What the page of a list shows: filters by kind, orders, columns in one unit, ways onward."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext
from markupsafe import Markup, escape

from app import rendering
from app.domain.categories import Property
from app.domain.items import MISSING, Attribute, Item, State
from app.domain.messages import Message
from app.kinds import registry, units
from app.services.browsing import Listing
from app.services.comparisons import STATE_EXPLANATIONS, STATE_WORDS

Pairs = Sequence[tuple[str, str]]

# How the values of a kind are asked for; kinds that are not named here cannot be filtered by.
_WIDGETS: Mapping[str, str] = {
    "number": "bounds",
    "range": "bounds",
    "money": "bounds",
    "rating": "bounds",
    "date": "bounds",
    "boolean": "choice",
    "text": "exact",
    "list": "exact",
    "color": "exact",
    "reference": "exact",
}
_SORTABLE = frozenset({"number", "range", "money", "rating", "date", "text", "boolean"})
_PREFIX = "attr."
_SIGNS: Mapping[str, str] = {"": "=", ".gte": "≥", ".lte": "≤"}
_MOST_OPTIONS = 40
_LONGEST_OPTION = 40
_LONGEST_CHIP = 60


@dataclass(frozen=True, slots=True)
class Filter:
    """The control of one property: what was typed and what was wrong with it, by "", ".gte" and ".lte".

    ``options`` are values that occur among the entries shown, to choose from while typing.
    """

    name: str
    label: str
    widget: str
    unit: str
    values: Mapping[str, str]
    errors: Mapping[str, Message]
    options: tuple[str, ...] = ()

    @property
    def is_used(self) -> bool:
        """Say whether something was typed."""
        return any(self.values.values())


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """Controls under one heading; ``is_open`` where there is something to see at once."""

    label: str
    filters: tuple[Filter, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A property as a column. ``url`` orders by it, or the other way round; ``order`` is for aria-sort."""

    key: str
    label: str
    is_numeric: bool
    url: str
    order: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What is in a column: a value, or the words that stand for its absence."""

    state: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Row:
    """An entry and its cells, one for each column."""

    item: Item
    cells: tuple[Cell, ...]


def build(listing: Listing, given: Pairs, path: str) -> dict[str, object]:
    """Return the variables of ``main/items.html``; ``given`` are the parameters after ``path``."""
    here = _Here(path, given)
    following = listing.page.next
    return {
        "listing": listing,
        "path": path,
        "groups": _groups(listing, dict(given)),
        "chips": _chips(listing, here),
        "kept": [(name, value) for name, value in given if name.startswith(_PREFIX)],
        "sorts": _sorts(listing),
        "columns": tuple(_column(prop, listing, here) for prop in listing.columns),
        "rows": _rows(listing),
        "title_url": here.url(cursor="", sort=_turned("title", listing.sort)),
        "title_order": _order_of("title", listing.sort),
        "notices": _notices(listing),
        "next_url": here.url(cursor=following) if following else "",
        "first_url": here.url(cursor="") if "cursor" in dict(given) else "",
    }


@dataclass(frozen=True, slots=True)
class _Here:
    """The address of the list as it is now."""

    path: str
    given: Pairs

    def url(self, **changes: str) -> str:
        """Return it with some parameters changed; "" takes one away."""
        kept = [pair for pair in self.given if pair[0] not in changes]
        return self._with([*kept, *((name, value) for name, value in changes.items() if value)])

    def without(self, number: int) -> str:
        """Return it without one of the parameters, from the first page."""
        rest = [*self.given[:number], *self.given[number + 1 :]]
        return self._with([pair for pair in rest if pair[0] != "cursor"])

    def _with(self, pairs: Pairs) -> str:
        query = urlencode(pairs, safe=",-", errors="replace")
        return f"{self.path}?{query}" if query else self.path


def _groups(listing: Listing, given: Mapping[str, str]) -> tuple[FilterGroup, ...]:
    found: dict[str, list[Filter]] = {}
    for prop in listing.category.properties if listing.category else ():
        if prop.kind in _WIDGETS and listing.category:
            label = listing.category.group_label(prop.group, rendering.locale())
            found.setdefault(label, []).append(_filter(prop, listing, given))
    return tuple(
        FilterGroup(label, tuple(filters), number == 0 or any(each.is_used for each in filters))
        for number, (label, filters) in enumerate(found.items())
    )


def _filter(prop: Property, listing: Listing, given: Mapping[str, str]) -> Filter:
    name, widget = _PREFIX + prop.key, _WIDGETS[prop.kind]
    return Filter(
        name=name,
        label=rendering.label(prop),
        widget=widget,
        unit=_unit_label(prop),
        values={ending: given.get(name + ending, "") for ending in _SIGNS},
        errors={
            ending: listing.errors[name + ending] for ending in _SIGNS if name + ending in listing.errors
        },
        options=_options(prop, listing.page.rows) if widget == "exact" else (),
    )


def _unit_label(prop: Property) -> str:
    # Words alone are translated: a symbol such as % would be taken for a message's placeholder.
    unit = prop.unit or ""
    return gettext(unit) if units.is_word(unit) else unit


def _options(prop: Property, items: Iterable[Item]) -> tuple[str, ...]:
    locale, kind = rendering.locale(), registry.get(prop.kind)
    found: set[str] = set()
    for item in items:
        value = _value(item.find_attribute(prop.key), prop)
        if value is not None:
            found.update(value if isinstance(value, tuple) else [kind.typed(value, locale)])
    return tuple(sorted(text for text in found if len(text) <= _LONGEST_OPTION))[:_MOST_OPTIONS]


def _value(attribute: Attribute | None, prop: Property) -> object:
    """Return the value where it is of the property's kind, else None."""
    if attribute is None or attribute.kind != prop.kind or attribute.state is not State.VALUE:
        return None
    return attribute.value


def _chips(listing: Listing, here: _Here) -> list[tuple[str, str]]:
    """Return each condition in force in words, with the address of the list without it."""
    return [
        (_condition(name, value, listing), here.without(number))
        for number, (name, value) in enumerate(here.given)
        if name.startswith(_PREFIX) and name not in listing.errors and "attr" not in listing.errors
    ]


def _condition(name: str, value: str, listing: Listing) -> str:
    key, dot, ending = name.removeprefix(_PREFIX).partition(".")
    prop = listing.category.find_property(key) if listing.category else None
    if prop and prop.kind == "boolean":
        value = {"true": gettext("yes"), "false": gettext("no")}.get(value.casefold(), value)
    return f"{rendering.label(prop) if prop else key} {_SIGNS.get(dot + ending, '')} {value[:_LONGEST_CHIP]}"


def _sorts(listing: Listing) -> list[tuple[str, str]]:
    """Return the orders that the list can have, as the parameter and in words."""
    found = [
        ("title", gettext("Title, A to Z")),
        ("-title", gettext("Title, Z to A")),
        ("-updated_at", gettext("Changed last")),
        ("updated_at", gettext("Changed first")),
    ]
    for prop in listing.category.properties if listing.category else ():
        if prop.kind in _SORTABLE:
            name = rendering.label(prop)
            found.append((f"attr.{prop.key}", gettext("%(name)s, ascending", name=name)))
            found.append((f"-attr.{prop.key}", gettext("%(name)s, descending", name=name)))
    return found


def _column(prop: Property, listing: Listing, here: _Here) -> Column:
    field = _PREFIX + prop.key
    return Column(
        key=prop.key,
        label=rendering.label(prop),
        is_numeric=registry.get(prop.kind).numeric,
        url=here.url(cursor="", sort=_turned(field, listing.sort)),
        order=_order_of(field, listing.sort),
    )


def _order_of(field: str, sort: str) -> str:
    return {field: "ascending", f"-{field}": "descending"}.get(sort, "")


def _turned(field: str, sort: str) -> str:
    return f"-{field}" if sort == field else field


def _rows(listing: Listing) -> tuple[Row, ...]:
    columns = [_cells(prop, listing) for prop in listing.columns]
    items = listing.page.rows
    return tuple(Row(item, tuple(column[number] for column in columns)) for number, item in enumerate(items))


def _cells(prop: Property, listing: Listing) -> list[Cell]:
    """Return a column; its numbers have one unit and equal decimals."""
    context = rendering.render_context(references=listing.references)
    attributes = [item.find_attribute(prop.key) for item in listing.page.rows]
    values = [_value(attribute, prop) for attribute in attributes]
    shown = registry.get(prop.kind).display_row(values, context)
    return [
        Cell(State.VALUE.value, display.html) if display else _stray(attribute, context)
        for attribute, display in zip(attributes, shown, strict=True)
    ]


def _stray(attribute: Attribute | None, context: rendering.RenderContext) -> Cell:
    """Return the cell of what is absent, or of another kind than the property's."""
    if attribute and attribute.state is State.VALUE:
        return Cell(State.VALUE.value, registry.get(attribute.kind).display(attribute.value, context).html)
    state = attribute.state.value if attribute else MISSING
    why, word = gettext(STATE_EXPLANATIONS[state]), gettext(STATE_WORDS[state])
    return Cell(state, Markup('<span class="absent" title="{}">{}</span>').format(escape(why), escape(word)))


def _notices(listing: Listing) -> list[Message]:
    """Return what was passed over and has no control beside which it could be said."""
    shown = {_PREFIX + prop.key for prop in (listing.category.properties if listing.category else ())}
    return [
        message
        for name, message in listing.errors.items()
        if name.removesuffix(".gte").removesuffix(".lte") not in shown
    ]
