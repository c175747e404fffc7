"""Lists of short texts, compared as sets."""

import hashlib
import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.domain.names import title_key
from app.kinds.base import Display, Kind, ParseContext, RenderContext, SortKeys
from app.kinds.checks import clean_line, refuse_blank, text_sort_key

MAX_ELEMENTS = 200
MAX_ELEMENT = 200
# A list longer than FOLD_ABOVE shows its first SHOWN elements and folds the others away.
FOLD_ABOVE = 8
SHOWN = 6

_SEPARATORS = ",，、;；\n"
_QUOTED = re.compile(rf'[^\S\n]*"((?:[^"]|"")*+)"[^\S\n]*(?=[{_SEPARATORS}]|\Z)')
_PLAIN = re.compile(rf"[^{_SEPARATORS}]*")
_NEEDS_QUOTES = re.compile(rf'[{_SEPARATORS}]|^"')
# Every element quoted and all its quotation marks doubled, a separator and a space after each.
_MAX_TYPED = MAX_ELEMENTS * (2 * MAX_ELEMENT + 4)


class ListKind(Kind[tuple[str, ...]]):
    """A tuple of distinct, non-blank single lines. Order is kept for display and means nothing."""

    tag = "list"
    label = N_("List")
    widget = "list"

    def parse(self, text: str, context: ParseContext) -> tuple[str, ...]:
        """Split at commas, semicolons, their Chinese forms and line ends; quotation marks protect them."""
        if len(text) > _MAX_TYPED:
            raise _too_long()
        return _distinct(part for part in _split(text.replace("\r\n", "\n")) if part.strip())

    def from_json(self, raw: object, context: ParseContext) -> tuple[str, ...]:
        """Take an array of strings."""
        return self.from_stored(raw)

    def to_json(self, value: tuple[str, ...]) -> list[str]:
        """Return the elements as they were written."""
        return list(value)

    def from_stored(self, stored: object) -> tuple[str, ...]:
        """Read the elements."""
        if not isinstance(stored, list | tuple):
            raise ValueRefused(Message(N_("A list of texts was expected.")))
        return _distinct(stored)

    def typed(self, value: tuple[str, ...], locale: str) -> str:
        """Return the elements separated by commas, quoted where they contain a separator."""
        return ", ".join(_quote(element) for element in value)

    def text(self, value: tuple[str, ...], context: RenderContext) -> str:
        """Return the elements separated as the reader's language does."""
        return ("、" if context.locale.startswith("zh") else ", ").join(value)

    def render(self, value: tuple[str, ...], context: RenderContext) -> Markup:
        """Return a list element, its end folded away when it is long."""
        return _render(value, frozenset(), context)

    def display_row(
        self, values: Sequence[tuple[str, ...] | None], context: RenderContext
    ) -> list[Display | None]:
        """Return the lists with the members that all of them share marked, unless all lists are alike."""
        common = _common_members([value for value in values if value is not None])
        return [
            None if value is None else Display(_render(value, common, context), self.text(value, context))
            for value in values
        ]

    def sort_keys(self, value: tuple[str, ...]) -> SortKeys:
        """Equal for equal sets; sorted by the elements in their order of sorting."""
        members = tuple(sorted(map(title_key, value)))
        digest = hashlib.sha256("\n".join(members).encode()).hexdigest()
        shown = text_sort_key(", ".join(members)).partition("\x02")[0]
        return SortKeys(f"list {shown}\x02{digest}", members=members)

    def json_schema(self) -> dict[str, object]:
        """An array of strings."""
        return {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_ELEMENT},
            "minItems": 1,
            "maxItems": MAX_ELEMENTS,
        }


def _split(text: str) -> Iterable[str]:
    position = 0
    while position <= len(text):
        if found := _QUOTED.match(text, position):
            yield found[1].replace('""', '"')
        else:
            found = _PLAIN.match(text, position)
            assert found is not None  # noqa: S101 - the pattern matches the empty text
            yield found[0]
        position = found.end() + 1


def _quote(element: str) -> str:
    if not _NEEDS_QUOTES.search(element):
        return element
    return '"' + element.replace('"', '""') + '"'


def _distinct(raw: Iterable[object]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for index, element in enumerate(raw):
        if index >= MAX_ELEMENTS:
            raise _too_long()
        clean = _element(element, index)
        found.setdefault(title_key(clean), clean)
    if not found:
        raise ValueRefused(Message(N_("At least one element was expected.")))
    return tuple(found.values())


def _element(raw: object, index: int) -> str:
    try:
        return refuse_blank(clean_line(raw, MAX_ELEMENT))
    except ValueRefused as error:
        raise ValueRefused(error.message, str(index)) from error


def _too_long() -> ValueRefused:
    return ValueRefused(
        Message(
            N_("At most %(count)s elements of at most %(limit)s characters were expected."),
            {"count": MAX_ELEMENTS, "limit": MAX_ELEMENT},
        )
    )


def _common_members(values: Sequence[tuple[str, ...]]) -> frozenset[str]:
    sets = [frozenset(map(title_key, value)) for value in values]
    if len(sets) < 2 or len(set(sets)) == 1:
        return frozenset()
    return frozenset.intersection(*sets)


def _render(value: tuple[str, ...], common: frozenset[str], context: RenderContext) -> Markup:
    note = context.gettext(N_("in all"))
    rows = [_render_element(element, title_key(element) in common, note) for element in value]
    if len(rows) <= FOLD_ABOVE:
        return _render_list(rows)
    count = len(rows) - SHOWN
    more = context.ngettext("%(num)s more", "%(num)s more", count) % {"num": count}
    return _render_list(rows[:SHOWN]) + Markup(
        '<details class="value-more"><summary>%s</summary>%s</details>'
    ) % (
        more,
        _render_list(rows[SHOWN:]),
    )


def _render_list(rows: list[str]) -> Markup:
    return Markup('<ul class="value-list">' + "".join(rows) + "</ul>")  # noqa: S704 - rows are escaped


def _render_element(element: str, is_common: bool, note: str) -> str:
    bare = f"<bdi>{escape(element)}</bdi>"
    if not is_common:
        return f"<li>{bare}</li>"
    hidden = f'<span class="visually-hidden"> ({escape(note)})</span>'
    return f'<li class="is-common"><mark>{bare}</mark>{hidden}</li>'
