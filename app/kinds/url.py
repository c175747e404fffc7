"""Links to pages elsewhere: http and https only."""

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys
from app.kinds.checks import text_sort_key

LIMIT = 2048
_SHOWN = 60
_EXPECTED = Message(N_("An address such as https://example.org/page was expected."))
# Excluded by RFC 3986 and read in different ways by different programs.
_AMBIGUOUS = re.compile(r'[<>"\\`]')
_LABEL = re.compile(r"(?!-)[^\W]{1,63}|(?!-)[\w-]{1,63}(?<!-)")


def clean_url(raw: object) -> str:
    """Return ``raw`` if it is an absolute http(s) URL without credentials; refuse it otherwise.

    Spaces, controls, invisible and direction characters are refused, so that a reader sees where a
    link leads. Hosts may be international.
    """
    if not isinstance(raw, str):
        raise ValueRefused(_EXPECTED)
    if len(raw) > LIMIT:
        raise ValueRefused(Message(N_("At most %(limit)s characters were expected."), {"limit": LIMIT}))
    if _AMBIGUOUS.search(raw) or any(unicodedata.category(char)[0] in "CZ" for char in raw):
        raise ValueRefused(_EXPECTED)
    if not _is_public(_split(raw)):
        raise ValueRefused(_EXPECTED)
    return raw


def _split(raw: str) -> SplitResult:
    try:
        parts = urlsplit(raw)
        _ = parts.port  # raises where it is no number, or too large a one
    except ValueError as error:
        raise ValueRefused(_EXPECTED) from error
    return parts


def _is_public(parts: SplitResult) -> bool:
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return False
    host = parts.hostname or ""
    return _is_ipv6(host) if parts.netloc.startswith("[") else _is_host(host)


def _is_host(host: str) -> bool:
    # Marks belong to the words of many scripts, yet \w does not match them.
    letters = "".join(char for char in host if unicodedata.category(char)[0] != "M")
    labels = letters.removesuffix(".").split(".")
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def readable(url: str) -> str:
    """Return the address as a reader wants it: without scheme and closing slash, shortened."""
    bare = re.sub(r"^https?://(www\.)?", "", url, flags=re.IGNORECASE)
    bare = bare.removesuffix("/") or url
    return bare if len(bare) <= _SHOWN else bare[: _SHOWN - 1] + "…"


def outside_link(url: str, words: str) -> Markup:
    """Return a link to ``url``, a clean one, that search engines need not trust."""
    return Markup('<a href="%s" rel="nofollow noopener ugc"><bdi>%s</bdi></a>') % (url, words)


class UrlKind(Kind[str]):
    """A str that :func:`clean_url` accepted."""

    tag = "url"
    label = N_("Link")
    widget = "url"

    def parse(self, text: str, context: ParseContext) -> str:
        """Take an absolute address; spaces around it are forgiven."""
        return clean_url(text.strip())

    def from_json(self, raw: object, context: ParseContext) -> str:
        """Take an absolute address."""
        return clean_url(raw)

    def to_json(self, value: str) -> str:
        """Return the address."""
        return value

    def from_stored(self, stored: object) -> str:
        """Read the address."""
        return clean_url(stored)

    def typed(self, value: str, locale: str) -> str:
        """Return the address."""
        return value

    def text(self, value: str, context: RenderContext) -> str:
        """Return the whole address."""
        return value

    def render(self, value: str, context: RenderContext) -> Markup:
        """Return a link."""
        return outside_link(value, readable(value))

    def sort_keys(self, value: str) -> SortKeys:
        """Sort by the address."""
        return SortKeys(f"url {text_sort_key(value)}")

    def json_schema(self) -> dict[str, object]:
        """An http(s) URI."""
        return {"type": "string", "format": "iri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://", "maxLength": LIMIT}
