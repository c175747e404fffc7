"""Reading the parameters of a query string: what makes no sense is refused, never passed over."""

import re
from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from app.domain.errors import BadQuery, FieldError
from app.domain.messages import N_, Message

MAX_LIMIT = 100
LIMIT = 20
MAX_TEXT = 500
_NUMBER = re.compile(r"[0-9]{1,6}")

Args = MultiDict[str, str]


def read_limit(args: Args, most: int = MAX_LIMIT, default: int = LIMIT) -> int:
    """Return ``limit``, from 1 to ``most``."""
    raw = args.get("limit")
    if raw is None:
        return default
    if _NUMBER.fullmatch(raw) and 1 <= int(raw) <= most:
        return int(raw)
    raise refused("limit", Message(N_("A whole number from 1 to %(most)s was expected."), {"most": most}))


def read_flag(args: Args, name: str) -> bool:
    """Return a parameter that is ``true``, ``false`` or absent."""
    return read_choice(args, name, ("false", "true")) == "true"


def read_choice(args: Args, name: str, choices: Collection[str]) -> str:
    """Return a parameter that is one of ``choices``, or "" where it is absent."""
    raw = args.get(name, "")
    if raw and raw not in choices:
        expected = ", ".join(choices)
        raise refused(name, Message(N_("One of these was expected: %(choices)s."), {"choices": expected}))
    return raw


def read_text(args: Args, name: str = "q") -> str:
    """Return a text that was sent in at most MAX_TEXT characters, trimmed."""
    text = args.get(name, "")
    if len(text) > MAX_TEXT:
        message = Message(N_("At most %(limit)s characters were expected."), {"limit": MAX_TEXT})
        raise refused(name, message)
    return text.strip()


def read_names(args: Args, name: str, choices: Collection[str]) -> frozenset[str] | None:
    """Return a comma-separated list of some of ``choices``, or None where it is absent."""
    raw = args.get(name, "")
    if not raw:
        return None
    found = frozenset(part.strip() for part in raw[:MAX_TEXT].split(","))
    if found <= set(choices):
        return found
    expected = ", ".join(choices)
    raise refused(name, Message(N_("Some of these were expected: %(choices)s."), {"choices": expected}))


def refused(name: str, message: Message) -> BadQuery:
    """Return the error for one parameter."""
    return BadQuery([FieldError(name, message)])
