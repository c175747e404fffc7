"""From aligned attributes to rows: made alike for the eye, and judged for difference and for the best."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from babel.numbers import format_decimal

from app.domain.categories import Direction
from app.domain.items import MISSING, Attribute, Item, State
from app.domain.messages import N_, Message
from app.domain.names import title_key
from app.kinds import registry
from app.kinds.base import Display, RenderContext
from app.kinds.coordinates import Coordinates, distance_km
from app.kinds.registry import AnyKind
from app.services.comparisons.alignment import AlignedRow
from app.services.comparisons.model import Cell, Row

_KM_PER_MILE = 1.609344

_WITH_BARS = frozenset({"number", "money", "range"})
# Their zero is a convention, so twice the number is not twice as much and a bar would lie.
_WITHOUT_ZERO = frozenset({"°C", "°F"})

# Members and words of enumerations, each looked up once: this runs for every cell.
_VALUE = State.VALUE
_NEUTRAL = Direction.NEUTRAL
_WORDS: Mapping[str, str] = {state: state.value for state in State}


def judge(row: AlignedRow, items: Sequence[Item], context: RenderContext) -> Row:
    """Return ``row`` with a cell for each of ``items``, ready to be shown.

    Two cells differ if their states do, or their values by :meth:`Kind.equal`; values of different
    kinds are compared as text. A row that is missing everywhere does not differ. The best is told
    only among two or more values of one kind that all have an order and are not all equal.
    """
    attributes = row.attributes
    states = [MISSING if a is None else _WORDS[a.state] for a in attributes]
    # Tags in the order of the columns; an attribute without a value has a value of None.
    tags = list(dict.fromkeys(a.kind for a in attributes if a is not None and a.state is _VALUE))
    kind = registry.get(tags[0]) if len(tags) == 1 else None
    values = [None if a is None else a.value for a in attributes]
    displays = _displays(attributes, values, kind, context)
    direction = row.prop.direction if row.prop else _NEUTRAL
    best = _best(values, kind, direction)
    shares = _shares(displays, kind) or [None] * len(values)
    distances = _distances(values, items, kind, context) or [None] * len(values)
    differs = _differs(states, values, kind, displays)
    slugs = [item.slug for item in items]
    marks = [column in best for column in range(len(values))]
    return Row(
        key=row.key,
        name=row.name,
        kind=tags[0] if len(tags) == 1 else row.kind,
        group=row.group,
        direction=direction,
        differs=differs,
        empty=not any(attributes),
        numeric=bool(tags) and all(registry.get(tag).numeric for tag in tags),
        mixed=len(tags) > 1,
        sortable=kind is not None and differs and states.count(_VALUE) > 1,
        cells=tuple(map(Cell, slugs, states, attributes, displays, marks, shares, distances)),
    )


def sort_columns(row: AlignedRow, *, descending: bool) -> list[int]:
    """Return the order of the columns by their values in ``row``; those without one come last."""
    keyed: list[tuple[str, int]] = []
    rest: list[int] = []
    for column, attribute in enumerate(row.attributes):
        if attribute is None or attribute.state is not State.VALUE:
            rest.append(column)
        else:
            kind = registry.get(attribute.kind)
            keyed.append((f"{kind.tag} {kind.sort_keys(attribute.value).low}", column))
    keyed.sort(key=lambda pair: pair[0], reverse=descending)
    return [column for _, column in keyed] + rest


def _displays(
    attributes: Sequence[Attribute | None],
    values: Sequence[object],
    kind: AnyKind | None,
    context: RenderContext,
) -> Sequence[Display | None]:
    if kind is not None:
        return kind.display_row(values, context)
    return [
        registry.get(a.kind).display(a.value, context) if a is not None and a.state is _VALUE else None
        for a in attributes
    ]


def _differs(
    states: Sequence[str],
    values: Sequence[object],
    kind: AnyKind | None,
    displays: Sequence[Display | None],
) -> bool:
    if states.count(_VALUE) < len(states):
        return states.count(states[0]) < len(states)
    if kind is None:
        return len({title_key(display.text) for display in displays if display}) > 1
    first = values[0]
    return not all(value == first or kind.equal(first, value) for value in values[1:])


def _best(values: Sequence[object], kind: AnyKind | None, direction: Direction) -> frozenset[int]:
    if kind is None or direction is _NEUTRAL:
        return frozenset()
    known = [(column, value) for column, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return frozenset()
    wanted = 1 if direction is Direction.HIGHER else -1
    winners, top = [known[0][0]], known[0][1]
    for column, value in known[1:]:
        order = kind.compare(value, top)
        if order is None:
            return frozenset()
        if order == wanted:
            winners, top = [column], value
        elif order == 0:
            winners.append(column)
    return frozenset(winners) if len(winners) < len(known) else frozenset()


def _shares(displays: Sequence[Display | None], kind: AnyKind | None) -> Sequence[float | None]:
    """Return the part of the row's maximum that each value is; nothing where bars make no sense."""
    if kind is None or kind.tag not in _WITH_BARS:
        return ()
    shown = [display for display in displays if display is not None]
    sizes = [display.magnitude for display in shown if display.magnitude is not None]
    units = {display.unit for display in shown}
    top = max(sizes, default=Decimal(0))
    if len(sizes) < 2 or len(units) > 1 or units & _WITHOUT_ZERO or min(sizes) < 0 or top <= 0:
        return ()
    return [float(d.magnitude / top) if d and d.magnitude is not None else None for d in displays]


def _distances(
    values: Sequence[object], items: Sequence[Item], kind: AnyKind | None, context: RenderContext
) -> Sequence[Message | None]:
    if kind is None or kind.tag != "coordinates":
        return ()
    found: list[Message | None] = [None] * len(values)
    places = [(i, value) for i, value in enumerate(values) if isinstance(value, Coordinates)]
    for column, place in places[1:]:
        start, origin = places[0]
        params = {"distance": _length(origin, place, context), "title": items[start].title}
        found[column] = Message(N_("%(distance)s from %(title)s"), params)
    return found


def _length(a: Coordinates, b: Coordinates, context: RenderContext) -> str:
    unit, length = "km", distance_km(a, b)
    if context.units == "imperial":
        unit, length = "mi", length / _KM_PER_MILE
    pattern = "#,##0" if length >= 10 else "#,##0.0"
    return f"{format_decimal(length, pattern, locale=context.locale)}\N{NO-BREAK SPACE}{unit}"
