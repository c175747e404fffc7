"""``If-Match``: which revision of a resource a change is meant for (RFC 9110, section 13.1.1)."""

import re
from dataclasses import dataclass

from flask import request

from app.services.items import Condition

_TAG = r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"'
# Elements may be empty (RFC 9110, section 5.6.1), and a tag may hold a comma.
_ELEMENT = re.compile(rf"[ \t]*(?:{_TAG})?[ \t]*(?:,|$)")


@dataclass(frozen=True, slots=True)
class IfMatch:
    """What a client asks of the present representation: one of these tags, or None for any at all."""

    tags: frozenset[str] | None

    def allows(self, tag: str) -> bool:
        """Say whether a change of the representation with this tag is meant."""
        return self.tags is None or tag in self.tags


def if_match() -> IfMatch | None:
    """Return what must hold, or None where the client asks for nothing.

    Tags are compared strongly, so a weak one never matches; nor does anything in a malformed header.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return None
    return IfMatch(None if header.strip() == "*" else _strong_tags(header))


def condition() -> Condition | None:
    """Return what must hold of an entry, whose tag is its revision, or None."""
    asked = if_match()
    return asked and (lambda item: asked.allows(str(item.revision)))


def _strong_tags(header: str) -> frozenset[str]:
    found, position = set(), 0
    while position < len(header):
        match = _ELEMENT.match(header, position)
        if match is None:
            return frozenset()
        if match[2] is not None and not match[1]:
            found.add(match[2])
        position = match.end()
    return frozenset(found)
