"""Hygiene of text from outside: what every kind and service asks before it keeps a string."""

import hashlib
import re
import unicodedata

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.domain.names import fold

# Unicode's control characters (Cc) but the line feed, and surrogates that stand alone.
_REFUSED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")
# They come along unseen with what is pasted, so that whoever pastes could not tell what was refused.
_SEPARATORS = str.maketrans("\u2028\u2029", "  ")
# Letters by their category, yet they show nothing: Hangul fillers, the empty braille cell.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_SORTED_CHARS = 120


def clean_text(raw: object, limit: int) -> str:
    """Return ``raw`` with line ends as ``\\n``; refuse no text, controls, lone surrogates, over ``limit``."""
    if not isinstance(raw, str):
        raise ValueRefused(Message(N_("A text was expected.")))
    if len(raw) <= limit and raw.isprintable():
        return raw  # the usual case, ten times as fast; nothing that is refused is printable
    text = _LINE_END.sub("\n", raw)
    if len(text) > limit:
        raise ValueRefused(Message(N_("At most %(limit)s characters were expected."), {"limit": limit}))
    if _REFUSED.search(text):
        raise ValueRefused(Message(N_("A text without control characters was expected.")))
    return text


def clean_line(raw: object, limit: int) -> str:
    """Return ``raw`` in NFC, trimmed, with spaces for U+2028 and U+2029.

    Refuse what :func:`clean_text` refuses, and line breaks.
    """
    if isinstance(raw, str) and len(raw) <= limit and raw.isascii() and raw.isprintable():
        return raw.strip()
    # Measured as it was sent: the limit that the API's description states is that of what is sent.
    if isinstance(raw, str) and len(raw) <= limit:
        raw = raw.strip(" \n\r")
    text = clean_text(raw, limit)
    if "\n" in text:
        raise ValueRefused(Message(N_("A single line was expected.")))
    return unicodedata.normalize("NFC", text.translate(_SEPARATORS)).strip()


def is_blank(text: str) -> bool:
    """Say whether a reader would see nothing of ``text``."""
    return all(unicodedata.category(char)[0] in "ZC" or char in _BLANK_LETTERS for char in text)


def refuse_blank(text: str) -> str:
    """Return ``text``; refuse it where a reader would see nothing."""
    if is_blank(text):
        raise ValueRefused(Message(N_("Something visible was expected.")))
    return text


def text_sort_key(text: str) -> str:
    """Return a key that sorts as readers do (folded) and is equal for equal texts only.

    The folded beginning is closed by U+0002, below every character of a text, and followed by the text
    itself, or its SHA-256 where it is long. Neither NUL nor U+0001 occurs in it.
    """
    exact = text if len(text) <= _SORTED_CHARS else hashlib.sha256(text.encode()).hexdigest()
    return f"{fold(text)[:_SORTED_CHARS]}\x02{exact}"
