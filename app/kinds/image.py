"""Pictures: elsewhere by their address, or uploaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys
from app.kinds.checks import clean_line, text_sort_key
from app.kinds.url import clean_url, outside_link, readable

MAX_ALT = 300
_FILE_ID = re.compile(r"[0-9a-f]{24}")
_EXPECTED = Message(N_("The address of a picture or an uploaded file was expected."))
_NO_FILE = Message(N_("There is no such file."))
_IMG = Markup(
    '<img class="value-image" src="%s" alt="%s" loading="lazy" decoding="async" referrerpolicy="no-referrer">'
)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: either ``url`` or ``file`` (24 hexadecimal digits) is given; ``alt`` says what it shows."""

    url: str | None
    file: str | None
    alt: str = ""


class ImageKind(Kind[Image]):
    """An :class:`Image`. What a person types is the address or file id, a space, and the description."""

    tag = "image"
    label = N_("Picture")
    widget = "image"

    def parse(self, text: str, context: ParseContext) -> Image:
        """Understand ``https://… a description`` or ``FILEID a description``."""
        place, _, alt = text.strip().partition(" ")
        member = "file" if _FILE_ID.fullmatch(place) else "url"
        return _uploaded(self.from_stored({member: place, "alt": alt}), context)

    def from_json(self, raw: object, context: ParseContext) -> Image:
        """Take ``{"url", "alt"}`` or ``{"file", "alt"}``; a missing ``alt`` is empty."""
        return _uploaded(self.from_stored(raw), context)

    def to_json(self, value: Image) -> dict[str, str]:
        """Return the place and ``alt``."""
        place = {"url": value.url} if value.url is not None else {"file": value.file or ""}
        return {**place, "alt": value.alt}

    def from_stored(self, stored: object) -> Image:
        """Read the place and ``alt``."""
        if not isinstance(stored, Mapping) or set(stored) - {"alt"} not in ({"url"}, {"file"}):
            raise ValueRefused(_EXPECTED)
        return Image(_url(stored), _file(stored), _alt(stored))

    def typed(self, value: Image, locale: str) -> str:
        """Return the place, a space and the description."""
        return f"{value.url or value.file} {value.alt}".strip()

    def text(self, value: Image, context: RenderContext) -> str:
        """Return the description, and where the picture is."""
        place = value.url or context.file_url(value.file or "")
        return f"{value.alt} ({place})" if value.alt else place

    def render(self, value: Image, context: RenderContext) -> Markup:
        """Return the picture; a link where its address is not secure, which browsers would not show."""
        if value.file is not None:
            return _IMG % (context.file_url(value.file), value.alt)
        url = value.url or ""
        if url.lower().startswith("https:"):
            return _IMG % (url, value.alt)
        return outside_link(url, value.alt or readable(url))

    def sort_keys(self, value: Image) -> SortKeys:
        """Sort by the description; equal for the same picture with the same description."""
        return SortKeys(f"image {text_sort_key(f'{value.alt} {value.url or value.file}')}")

    def json_schema(self) -> dict[str, object]:
        """An object with ``alt`` and one of ``url`` and ``file``."""
        url = {"type": "string", "format": "iri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}
        file = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
        return {
            "type": "object",
            "properties": {"url": url, "file": file, "alt": {"type": "string", "maxLength": MAX_ALT}},
            "oneOf": [{"required": ["url"]}, {"required": ["file"]}],
            "additionalProperties": False,
        }


def _url(raw: Mapping[str, object]) -> str | None:
    if "url" not in raw:
        return None
    try:
        return clean_url(raw["url"])
    except ValueRefused as error:
        raise ValueRefused(error.message, "url") from error


def _file(raw: Mapping[str, object]) -> str | None:
    if "file" not in raw:
        return None
    file = raw["file"]
    if not isinstance(file, str) or not _FILE_ID.fullmatch(file):
        raise ValueRefused(_EXPECTED, "file")
    return file


def _uploaded(image: Image, context: ParseContext) -> Image:
    if image.file is not None and not context.has_file(image.file):
        raise ValueRefused(_NO_FILE, "file")
    return image


def _alt(raw: Mapping[str, object]) -> str:
    try:
        return clean_line(raw.get("alt", ""), MAX_ALT)
    except ValueRefused as error:
        raise ValueRefused(error.message, "alt") from error
