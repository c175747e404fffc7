"""References from one entry to another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys
from app.kinds.checks import clean_line

LIMIT = 200
# A slug may be longer than its title: folding lengthens, signs become words.
MAX_SLUG = 20 * LIMIT
_ADDRESS = re.compile(r"(?:https?://[^/\s]+)?/item/(?P<slug>[^/?#\s]+)[^\s]*")
_EXPECTED = Message(N_("The name of an entry was expected."))


@dataclass(frozen=True, slots=True)
class Reference:
    """The slug of the entry meant, present or past."""

    slug: str


class ReferenceKind(Kind[Reference]):
    """A :class:`Reference`. That its entry exists is not required: it may be written later."""

    tag = "reference"
    label = N_("Entry")
    widget = "reference"

    def parse(self, text: str, context: ParseContext) -> Reference:
        """Understand a slug, a title, or the address of an entry's page."""
        line = clean_line(text, MAX_SLUG)
        address = _ADDRESS.fullmatch(line)
        slug = slugify(clean_line(unquote(address["slug"]), MAX_SLUG) if address else line)
        if not slug:
            raise ValueRefused(_EXPECTED)
        return Reference(slug)

    def from_json(self, raw: object, context: ParseContext) -> Reference:
        """Take ``{"item": slug}``."""
        return self.from_stored(raw)

    def to_json(self, value: Reference) -> dict[str, str]:
        """Return ``{"item": slug}``."""
        return {"item": value.slug}

    def from_stored(self, stored: object) -> Reference:
        """Read ``{"item": slug}``."""
        if not isinstance(stored, Mapping) or set(stored) != {"item"}:
            raise ValueRefused(_EXPECTED)
        slug = stored["item"]
        if not isinstance(slug, str) or not slug or len(slug) > MAX_SLUG or slugify(slug) != slug:
            raise ValueRefused(
                Message(N_("The slug of an entry was expected, such as “new-zealand”.")), "item"
            )
        return Reference(slug)

    def typed(self, value: Reference, locale: str) -> str:
        """Return the slug."""
        return value.slug

    def text(self, value: Reference, context: RenderContext) -> str:
        """Return the present title of the entry, or the slug where there is none."""
        target = context.references.get(value.slug)
        return target.title if target else value.slug

    def render(self, value: Reference, context: RenderContext) -> Markup:
        """Return a link to the entry; a dangling one as such."""
        target = context.references.get(value.slug)
        if target:
            return Markup('<a class="value-reference" href="%s"><bdi>%s</bdi></a>') % (
                context.item_url(target.slug),
                target.title,
            )
        note = context.gettext(N_("no such entry"))
        return Markup('<span class="value-dangling"><bdi>%s</bdi> <small>(%s)</small></span>') % (
            value.slug,
            note,
        )

    def sort_keys(self, value: Reference) -> SortKeys:
        """Sort by the slug."""
        return SortKeys(f"reference {value.slug}")

    def json_schema(self) -> dict[str, object]:
        """An object with the slug."""
        return {
            "type": "object",
            "properties": {"item": {"type": "string", "minLength": 1, "maxLength": MAX_SLUG}},
            "required": ["item"],
            "additionalProperties": False,
        }
