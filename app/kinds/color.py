"""Colours of the sRGB space."""

import re

from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys

_CODE = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE | re.ASCII)
_TYPED = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE | re.ASCII)
_EXPECTED = Message(N_("A colour such as #1e90ff was expected."))
# The sixteen basic keywords of CSS Color Module Level 4, and orange, which CSS 2.1 added.
_NAMES = {
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "grey": "#808080",
    "white": "#ffffff",
    "maroon": "#800000",
    "red": "#ff0000",
    "purple": "#800080",
    "fuchsia": "#ff00ff",
    "green": "#008000",
    "lime": "#00ff00",
    "olive": "#808000",
    "yellow": "#ffff00",
    "navy": "#000080",
    "blue": "#0000ff",
    "teal": "#008080",
    "aqua": "#00ffff",
    "orange": "#ffa500",
}
# A presentation attribute, not a style, so that a strict content security policy lets it pass.
_SWATCH = Markup(
    '<span class="value-color"><svg class="swatch" width="16" height="16" aria-hidden="true">'
    '<rect width="16" height="16" rx="3" fill="%s"/></svg> <code>%s</code></span>'
)


class ColorKind(Kind[str]):
    """A str of ``#`` and six lower-case hexadecimal digits."""

    tag = "color"
    label = N_("Colour")
    widget = "color"

    def parse(self, text: str, context: ParseContext) -> str:
        """Understand ``#1e90ff``, ``#abc`` and the basic names of CSS."""
        word = text[:40].strip().lower()
        if word in _NAMES:
            return _NAMES[word]
        found = _TYPED.fullmatch(word)
        if not found:
            raise ValueRefused(_EXPECTED)
        digits = found[1]
        return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))

    def from_json(self, raw: object, context: ParseContext) -> str:
        """Take ``#`` and six hexadecimal digits."""
        return self.from_stored(raw)

    def to_json(self, value: str) -> str:
        """Return the code."""
        return value

    def from_stored(self, stored: object) -> str:
        """Read the code."""
        if not isinstance(stored, str) or not _CODE.fullmatch(stored):
            raise ValueRefused(_EXPECTED)
        return stored.lower()

    def typed(self, value: str, locale: str) -> str:
        """Return the code."""
        return value

    def text(self, value: str, context: RenderContext) -> str:
        """Return the code."""
        return value

    def render(self, value: str, context: RenderContext) -> Markup:
        """Return a swatch, for the eye alone, and the code."""
        return _SWATCH % (value, value)

    def sort_keys(self, value: str) -> SortKeys:
        """Sort by the code."""
        return SortKeys(f"color {value}")

    def compare(self, a: str, b: str) -> int | None:
        """Return 0 for the same colour; different ones have no order."""
        return 0 if a == b else None

    def json_schema(self) -> dict[str, object]:
        """A six-digit code."""
        return {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"}
