"""Yes or no."""

import unicodedata

from markupsafe import Markup, escape

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys

_YES = frozenset(
    ("yes", "y", "true", "t", "1", "on", "是", "是的", "有", "对", "真", "支持", "✓", "✔", "✔️", "✅", "☑")
)
_NO = frozenset(
    (
        "no",
        "n",
        "false",
        "f",
        "0",
        "off",
        "否",
        "不是",
        "不是的",
        "没有",
        "不支持",
        "无",
        "不",
        "错",
        "假",
        "✗",
        "✘",
        "✕",
        "✖",
        "❌",
        "×",
    )
)
_EXPECTED = Message(N_("“yes” or “no” was expected."))


class BooleanKind(Kind[bool]):
    """A bool, shown as a word with a sign beside it."""

    tag = "boolean"
    label = N_("Yes or no")
    widget = "boolean"

    def parse(self, text: str, context: ParseContext) -> bool:
        """Understand yes and no in English, Chinese, digits and signs."""
        word = unicodedata.normalize("NFKC", text[:20]).strip().casefold()
        if word in _YES or word in _NO:
            return word in _YES
        raise ValueRefused(_EXPECTED)

    def from_json(self, raw: object, context: ParseContext) -> bool:
        """Take ``true`` or ``false``."""
        return self.from_stored(raw)

    def to_json(self, value: bool) -> bool:
        """Return the bool."""
        return value

    def from_stored(self, stored: object) -> bool:
        """Read the bool."""
        if not isinstance(stored, bool):
            raise ValueRefused(Message(N_("true or false was expected.")))
        return stored

    def typed(self, value: bool, locale: str) -> str:
        """Return ``yes`` or ``no``, in Chinese for a Chinese locale."""
        if locale.startswith("zh"):
            return "是" if value else "否"
        return "yes" if value else "no"

    def text(self, value: bool, context: RenderContext) -> str:
        """Return the word."""
        return context.gettext(N_("Yes")) if value else context.gettext(N_("No"))

    def render(self, value: bool, context: RenderContext) -> Markup:
        """Return the sign, for the eye alone, and the word."""
        tone, sign = ("yes", "✓") if value else ("no", "✗")
        word = escape(self.text(value, context))
        return Markup(f'<span class="value-{tone}"><span aria-hidden="true">{sign}</span> {word}</span>')  # noqa: S704 - the word is escaped

    def sort_keys(self, value: bool) -> SortKeys:
        """No comes before yes."""
        return SortKeys(f"boolean {int(value)}")

    def json_schema(self) -> dict[str, object]:
        """A boolean."""
        return {"type": "boolean"}
