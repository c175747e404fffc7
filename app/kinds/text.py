"""Plain text of up to 2,000 characters."""

from markupsafe import Markup, escape

from app.domain.messages import N_
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys, isolated
from app.kinds.checks import clean_text, refuse_blank, text_sort_key

LIMIT = 2000


class TextKind(Kind[str]):
    """A str. Line breaks are kept and nothing is ever interpreted as HTML."""

    tag = "text"
    label = N_("Text")
    widget = "text"

    def parse(self, text: str, context: ParseContext) -> str:
        """Take the text as it is."""
        return refuse_blank(clean_text(text, LIMIT))

    def from_json(self, raw: object, context: ParseContext) -> str:
        """Take a JSON string."""
        return refuse_blank(clean_text(raw, LIMIT))

    def to_json(self, value: str) -> str:
        """Return the text."""
        return value

    def from_stored(self, stored: object) -> str:
        """Read the text."""
        return clean_text(stored, LIMIT)

    def typed(self, value: str, locale: str) -> str:
        """Return the text."""
        return value

    def text(self, value: str, context: RenderContext) -> str:
        """Return the text."""
        return value

    def render(self, value: str, context: RenderContext) -> Markup:
        """Return the text, isolated from its surroundings' direction, with ``<br>`` for line breaks."""
        if "\n" not in value:
            return isolated(value)
        lines = "<br>".join(map(escape, value.split("\n")))
        return Markup(f"<bdi>{lines}</bdi>")  # noqa: S704 - every line is escaped

    def sort_keys(self, value: str) -> SortKeys:
        """Sort as readers do; equal only for the same text, case included."""
        return SortKeys(f"text {text_sort_key(value)}")

    def json_schema(self) -> dict[str, object]:
        """A string."""
        return {"type": "string", "minLength": 1, "maxLength": LIMIT}
