"""What a kind of attribute is. One module of this package each; ``registry.py`` lists them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Generic, NamedTuple, TypeVar

from markupsafe import Markup, escape

V = TypeVar("V")


def every_file(_file_id: str) -> bool:
    """Say of every uploaded file that it may be named, where nobody can or need look."""
    return True


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What helps to understand typed text: the writer's locale and what the property declares.

    ``unit`` is meant where none is typed; ``count_units`` are symbols that convert to nothing
    (the category's own, such as ``people``), accepted beside those of the unit table. ``has_file`` says
    whether an uploaded file may be named.
    """

    locale: str = "en"
    unit: str | None = None
    count_units: frozenset[str] = frozenset()
    has_file: Callable[[str], bool] = every_file


@dataclass(frozen=True, slots=True)
class ReferenceTarget:
    """Where a reference leads today."""

    slug: str
    title: str


def _plural(singular: str, plural: str, n: int) -> str:
    return singular if n == 1 else plural


@dataclass(frozen=True, slots=True)
class RenderContext:
    """How a value is to be shown. ``units`` is ``original``, ``metric`` or ``imperial``.

    ``references`` holds the target of every slug that occurs, None where it dangles.
    ``item_url`` and ``file_url`` build links; a kind knows no routes.
    """

    locale: str = "en"
    units: str = "original"
    gettext: Callable[[str], str] = str
    ngettext: Callable[[str, str, int], str] = _plural
    references: Mapping[str, ReferenceTarget | None] = field(default_factory=dict)
    item_url: Callable[[str], str] = lambda slug: f"/item/{slug}"
    file_url: Callable[[str], str] = lambda file_id: f"/files/{file_id}"


def isolated(text: str) -> Markup:
    """Return ``text`` escaped, and isolated from the direction of what surrounds it."""
    # A format of Markup escapes as well, at ten times the cost, and this is done for each cell.
    return Markup(f"<bdi>{escape(text)}</bdi>")  # noqa: S704 - escaped


class Display(NamedTuple):
    """One value made ready for a reader.

    ``html`` and ``text`` say the same. ``original`` is how the value was written, where the display
    converted or rounded it, else "". ``magnitude`` is in the row's unit, for bars; None if it has none.
    ``unit`` is the symbol the magnitude counts in.
    """

    html: Markup
    text: str
    original: str = ""
    magnitude: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SortKeys:
    """Strings whose code-point order is the order of the values, for database indexes.

    ``low`` and ``high`` differ for ranges only. ``members`` are the exact-match keys of a list's
    elements. Keys of values that do not compare (kg and m, EUR and USD) differ in their first part,
    up to the first space.
    """

    low: str
    high: str = ""
    members: tuple[str, ...] = ()


class Kind(ABC, Generic[V]):
    """A kind of attribute: stateless, one instance for all, the owner of every rule about its values.

    ``V`` is the Python type of its values: immutable and hashable. Text that a person typed comes in
    by ``parse``; JSON by ``from_json``; both return a valid ``V`` or raise ``ValueRefused`` with what
    was expected. Markup is made here and nowhere else, so escaping is proved here once.
    """

    tag: ClassVar[str]
    label: ClassVar[str]  # marked with N_
    # A template of includes/widgets/, without its ending.
    widget: ClassVar[str] = "text"
    # Whether the row of a comparison is right-aligned and may have bars and bests.
    numeric: ClassVar[bool] = False

    @abstractmethod
    def parse(self, text: str, context: ParseContext) -> V:
        """Understand what a person typed (form fields, CSV cells)."""

    @abstractmethod
    def from_json(self, raw: object, context: ParseContext) -> V:
        """Understand the JSON form of the contract, and nothing looser."""

    @abstractmethod
    def to_json(self, value: V) -> object:
        """Return the JSON form. ``from_json(to_json(v)) == v``."""

    def to_stored(self, value: V) -> object:
        """Return what the database keeps: strings, numbers, booleans, lists and dicts of them."""
        return self.to_json(value)

    @abstractmethod
    def from_stored(self, stored: object) -> V:
        """Read what ``to_stored`` wrote; raise ValueRefused if it is damaged."""

    @abstractmethod
    def typed(self, value: V, locale: str) -> str:
        """Return text that ``parse`` in the same locale reads back as an equal value (form fields, CSV)."""

    @abstractmethod
    def text(self, value: V, context: RenderContext) -> str:
        """Return the value as plain text for a reader."""

    def render(self, value: V, context: RenderContext) -> Markup:
        """Return the value as HTML for a reader."""
        return isolated(self.text(value, context))

    def display(self, value: V, context: RenderContext) -> Display:
        """Return the value made ready for a reader, on its own."""
        return Display(self.render(value, context), self.text(value, context))

    def display_row(self, values: Sequence[V | None], context: RenderContext) -> list[Display | None]:
        """Return the values of one comparison row, made alike (one unit, equal decimals). None stays None."""
        return [None if value is None else self.display(value, context) for value in values]

    def equal(self, a: V, b: V) -> bool:
        """Say whether two values mean the same: 1 t is 1,000 kg."""
        return self.sort_keys(a) == self.sort_keys(b)

    def compare(self, a: V, b: V) -> int | None:
        """Return -1, 0 or 1; None if the two have no order (kg and m, or a kind without order)."""
        low, other = self.sort_keys(a).low, self.sort_keys(b).low
        if low.partition(" ")[0] != other.partition(" ")[0]:
            return None
        return (low > other) - (low < other)

    @abstractmethod
    def sort_keys(self, value: V) -> SortKeys:
        """Return the keys under which the database sorts and filters the value."""

    def filter_range(self, text: str, context: ParseContext) -> tuple[str, str]:
        """Return the inclusive lower and exclusive upper sort key of the values that equal ``text``.

        Raises ValueRefused. ``.gte`` uses the first, ``.lte`` the second. Keys in the database are
        followed by a NUL and the item's id.
        """
        key = self.sort_keys(self.parse(text, context)).low
        return key + "\x00", key + "\x01"

    @abstractmethod
    def json_schema(self) -> dict[str, object]:
        """Return the JSON Schema (2020-12) of the value's JSON form."""
