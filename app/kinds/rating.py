"""Ratings from 0 to 5 stars, in halves."""

import re
from decimal import Decimal

from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds import numerals
from app.kinds.base import Display, Kind, ParseContext, RenderContext, SortKeys

MOST = Decimal(5)
_EXPECTED = Message(N_("Expected a rating from 0 to 5, in halves."))
_STARS = re.compile(r"(?P<full>★{0,5})(?P<half>[½⯪]?)☆*")
_OF_FIVE = re.compile(
    r"\s?(?:/|of|out of|von|sur|分，满分)\s?5(?:\s?(?:stars?|★))?$|\s?(?:stars?|★|星|颗星)$"
)
_RATING = Markup(
    '<span class="rating"><span class="rating-stars" aria-hidden="true">%s</span> '
    '<span class="rating-text">%s</span></span>'
)
_TEXT = N_("%(rating)s of 5")


class RatingKind(Kind[Decimal]):
    """A Decimal from 0 to 5, in halves."""

    tag = "rating"
    label = N_("Rating")
    widget = "rating"
    numeric = True

    def parse(self, text: str, context: ParseContext) -> Decimal:
        """Understand ``4.5``, ``4½``, ``4.5/5``, ``4.5 of 5`` and ``★★★★½``."""
        stars = _STARS.fullmatch(text.strip()[:20])
        if stars and text.strip():
            return _checked(Decimal(len(stars["full"])) + (Decimal("0.5") if stars["half"] else 0))
        bare = _OF_FIVE.sub("", text.strip()[: numerals.MAX_TYPED])
        if bare.endswith("½"):
            whole = numerals.parse_decimal(bare[:-1], context.locale) if bare != "½" else Decimal(0)
            return _checked(whole + Decimal("0.5")) if whole == whole.to_integral_value() else _checked(-MOST)
        return _checked(numerals.parse_decimal(bare, context.locale))

    def from_json(self, raw: object, context: ParseContext) -> Decimal:
        """Take a JSON number."""
        return self.from_stored(raw)

    def to_json(self, value: Decimal) -> object:
        """Return a number: an integer, or one and a half."""
        return int(value) if value == value.to_integral_value() else float(value)

    def from_stored(self, stored: object) -> Decimal:
        """Read a number."""
        return _checked(numerals.from_json_number(stored))

    def typed(self, value: Decimal, locale: str) -> str:
        """Return the number with the locale's decimal sign."""
        return numerals.typed_amount(value, locale)

    def text(self, value: Decimal, context: RenderContext) -> str:
        """Return ``4.5 of 5``."""
        return context.gettext(_TEXT) % {"rating": numerals.format_amount(value, context.locale)}

    def render(self, value: Decimal, context: RenderContext) -> Markup:
        """Return stars, for the eye alone, and the text."""
        full, half = int(value), "½" if value % 1 else ""
        empty = int(MOST) - full - len(half)
        return _RATING % ("★" * full + half + "☆" * empty, self.text(value, context))

    def display(self, value: Decimal, context: RenderContext) -> Display:
        """Return the value made ready for a reader; its magnitude counts stars."""
        return Display(self.render(value, context), self.text(value, context), "", value)

    def sort_keys(self, value: Decimal) -> SortKeys:
        """Sort by the number of stars."""
        return SortKeys(f"rating {numerals.sort_key(value)}")

    def json_schema(self) -> dict[str, object]:
        """A number in halves."""
        return {"type": "number", "minimum": 0, "maximum": 5, "multipleOf": 0.5}


def _checked(value: Decimal) -> Decimal:
    # Compared before it is doubled: an extreme exponent would not fit a computation.
    if not 0 <= value <= MOST or value * 2 % 1:
        raise ValueRefused(_EXPECTED)
    return value.normalize(numerals.EXACT) if value else Decimal(0)
