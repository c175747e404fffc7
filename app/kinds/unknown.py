"""What stands in for a kind that this version does not know."""

import re
from dataclasses import dataclass, field

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys
from app.kinds.checks import text_sort_key
from app.utils.bson_json import bson_to_json

_LIMIT = 2000
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_REFUSED = Message(N_("A value of this kind can only be read here."))


@dataclass(frozen=True, slots=True)
class Opaque:
    """A stored value that nobody here understands, carried along unharmed. ``text`` is all that is shown."""

    text: str
    stored: object = field(compare=False, repr=False)


class UnknownKind(Kind[Opaque]):
    """An :class:`Opaque`: shown as text, never written."""

    tag = "unknown"
    label = N_("Unknown kind")
    widget = "unknown"

    def parse(self, text: str, context: ParseContext) -> Opaque:
        """Refuse."""
        raise ValueRefused(_REFUSED)

    def from_json(self, raw: object, context: ParseContext) -> Opaque:
        """Refuse."""
        raise ValueRefused(_REFUSED)

    def to_json(self, value: Opaque) -> str:
        """Return the text."""
        return value.text

    def to_stored(self, value: Opaque) -> object:
        """Return what was stored, so that an edit elsewhere in the entry loses nothing."""
        return value.stored

    def from_stored(self, stored: object) -> Opaque:
        """Take anything."""
        words = stored if isinstance(stored, str) else bson_to_json(stored)
        return Opaque(_INVISIBLE.sub("\N{REPLACEMENT CHARACTER}", words)[:_LIMIT], stored)

    def typed(self, value: Opaque, locale: str) -> str:
        """Return the text; it does not parse."""
        return value.text

    def text(self, value: Opaque, context: RenderContext) -> str:
        """Return the text."""
        return value.text

    def sort_keys(self, value: Opaque) -> SortKeys:
        """Sort by the text."""
        return SortKeys(f"unknown {text_sort_key(value.text)}")

    def json_schema(self) -> dict[str, object]:
        """A string, for reading only."""
        return {"type": "string", "readOnly": True}
