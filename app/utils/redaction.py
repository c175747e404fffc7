"""What must not stand in a log, struck out of it: the last guard, where a message brings it along."""

import re
from collections.abc import MutableMapping
from typing import Any

HIDDEN = "[hidden]"
_SECRET_NAMES = re.compile(
    r"passw|token|secret|authorization|cookie|credential|api.?key|private.?key", re.IGNORECASE
)
_SECRET_TEXTS = (
    # headers
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{8,}"),
    re.compile(r"(?i)\b(?:set-)?cookie\s*[:=]\s*[^\r\n]+"),
    # links of mails
    re.compile(r"(?<=/users/activate/)[\w.-]{16,}|(?<=/users/reset/)[\w.-]{16,}"),
    # addresses with credentials
    re.compile(r"(?<=://)[^\s/@]*:[^\s/@]+(?=@)"),
    re.compile(r"(?i)(?<=password=)[^\s&,;]+|(?<=token=)[^\s&,;]+|(?<=secret=)[^\s&,;]+"),
)


def redacted(text: str) -> str:
    """Return ``text`` without what looks like a credential."""
    for pattern in _SECRET_TEXTS:
        text = pattern.sub(HIDDEN, text)
    return text


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike secrets out of an event of the log (a processor of structlog).

    One that ``is_letter`` is a mail that can go nowhere else, and keeps its link.
    """
    if event.pop("is_letter", False):
        return event
    for name, value in event.items():
        if _SECRET_NAMES.search(name):
            event[name] = HIDDEN
        elif isinstance(value, str) and not name.startswith("_"):
            event[name] = redacted(value)
    return event
