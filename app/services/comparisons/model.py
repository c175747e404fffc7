"""What a comparison is: columns of entries, rows of facts, and what can be said of each cell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from app.domain.categories import Category, Direction
from app.domain.items import MISSING, Attribute, Item, State
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.kinds.base import Display
from app.services.comparisons.options import Options

# What is known, even if it is that there is nothing: an unknown or missing fact is not.
KNOWN = frozenset({State.VALUE, State.NONE, State.NOT_APPLICABLE})

_IDS_OF_THE_PAGE = frozenset(
    {"adder", "adder-name", "comparison", "content", "nothing-recorded", "site-search"}
)

STATE_WORDS: Mapping[str, str] = {
    State.NONE: N_("None"),
    State.UNKNOWN: N_("Unknown"),
    State.NOT_APPLICABLE: N_("Not applicable"),
    MISSING: N_("Not recorded"),
}
STATE_EXPLANATIONS: Mapping[str, str] = {
    State.NONE: N_("It is known to have none."),
    State.UNKNOWN: N_("Someone looked and could not find it."),
    State.NOT_APPLICABLE: N_("The question makes no sense here."),
    MISSING: N_("Nobody has recorded this yet."),
}
# By kind, "" for all that have no words of their own.
DIRECTION_WORDS: Mapping[tuple[str, Direction], str] = {
    ("", Direction.HIGHER): N_("highest is best"),
    ("", Direction.LOWER): N_("lowest is best"),
    ("date", Direction.HIGHER): N_("latest is best"),
    ("date", Direction.LOWER): N_("earliest is best"),
    ("boolean", Direction.HIGHER): N_("yes is best"),
    ("boolean", Direction.LOWER): N_("no is best"),
}


# Cells and rows are many, and a tuple is made in a third of the time of a frozen dataclass.
class Cell(NamedTuple):
    """One entry's side of one row.

    ``state`` is a :class:`State` or ``missing``; ``display`` and ``attribute`` are None accordingly.
    ``share`` is the value's part of the row's maximum, 0 to 1, where a bar makes sense.
    ``distance`` says how far it lies from the first entry that has a place, ready to be shown.
    """

    item: str
    state: str
    attribute: Attribute | None = None
    display: Display | None = None
    best: bool = False
    share: float | None = None
    distance: Message | None = None


class Row(NamedTuple):
    """One fact of all entries. ``key`` is unique in its comparison; ``group`` is a name for the reader.

    ``empty`` rows are expected by a category, but no entry has them. ``mixed`` rows hold several kinds
    and are compared as text. ``sortable`` says that columns can usefully be ordered by it.
    """

    key: str
    name: str
    kind: str
    group: str
    cells: tuple[Cell, ...]
    direction: Direction = Direction.NEUTRAL
    differs: bool = False
    empty: bool = False
    numeric: bool = False
    mixed: bool = False
    sortable: bool = False

    @property
    def known(self) -> bool:
        """Say whether the fact is known for every entry."""
        return all(cell.state in KNOWN for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Column:
    """One entry, its category if it has one, and of how many of the rows its fact is known."""

    item: Item
    category: Category | None
    known: int


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading. ``anchor`` is unique in its comparison; ``name`` may be ""."""

    anchor: str
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Comparison:
    """Two to eight entries side by side.

    ``rows`` are all rows, whatever ``options`` hide; :meth:`shown` are those to be shown. A fact counts
    as known if it is a value, "none" or "not applicable"; ``known`` counts the rows known for all
    entries, ``total`` all rows, those that nobody fills included.

    ``requested`` are the present slugs in the order asked for, from which a sort may differ.
    ``version`` changes whenever an entry, a category or the target of a reference that went into it
    does, or the language or the units: with ``options`` it is the key of whatever is made of a comparison.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    options: Options = field(default_factory=Options)
    requested: tuple[str, ...] = ()
    version: str = ""

    @property
    def slugs(self) -> tuple[str, ...]:
        """The entries' present slugs, in the order of the columns."""
        return tuple(column.item.slug for column in self.columns)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    @cached_property
    def known(self) -> int:
        """How many rows are known for all entries."""
        return sum(row.known for row in self.rows)

    @cached_property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(row.differs for row in self.rows)

    @cached_property
    def equal(self) -> int:
        """How many rows "differences only" hides, beside those that the reader hid by name."""
        return sum(not row.differs and row.key not in self.options.hide for row in self.rows)

    @cached_property
    def hidden(self) -> tuple[Row, ...]:
        """The rows that the reader hid by name."""
        return tuple(row for row in self.rows if row.key in self.options.hide)

    def shown(self) -> Iterator[Row]:
        """Yield the rows that the options leave, those that nobody fills included."""
        for row in self.rows:
            if row.key not in self.options.hide and (row.differs or not self.options.only_differences):
                yield row

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The shown rows that somebody fills under their headings, in order."""
        grouped: dict[str, list[Row]] = {}
        for row in self.shown():
            if not row.empty:
                grouped.setdefault(row.group, []).append(row)
        # Two names may fold into one anchor, or into an id of the page; the second says which it is.
        taken = set(_IDS_OF_THE_PAGE)
        groups = []
        for name, rows in grouped.items():
            anchor = stem = slugify(name) or "facts"
            number = 1
            while anchor in taken:
                number += 1
                anchor = f"{stem}-{number}"
            taken.add(anchor)
            groups.append(Group(anchor, name, tuple(rows)))
        return tuple(groups)

    def empty_rows(self) -> tuple[Row, ...]:
        """Return the shown rows that nobody fills."""
        return tuple(row for row in self.shown() if row.empty)
