"""What a username may be, and when two of them are the same (public contract, section 6)."""

import re
import unicodedata

from app.domain.names import title_key

SHORTEST = 2
LONGEST = 32
# The prefix under which the edits of deleted accounts stand.
NEUTRAL_PREFIX = "deleted-"
# Paths beside /users/<username>: an account of such a name would have no page of its own.
RESERVED = frozenset(
    {"activate", "avatar", "delete", "login", "logout", "me", "new", "password", "register", "reset"}
    | {"sessions", "settings", "system"}
)
# Default-ignorable characters of other categories than Cf: fillers, joiners, variation selectors (UAX #44).
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def username_key(username: str) -> str:
    """Return what two usernames must not share: NFKC, case-folded, without invisible characters."""
    return _without_invisible(title_key(_without_invisible(username)))


def normal_username(username: str) -> str:
    """Return the form in which a username is kept: NFKC, without white space around it."""
    return unicodedata.normalize("NFKC", username).strip()


def is_well_formed(username: str) -> bool:
    """Say whether a username in its normal form keeps to the rules: length, letters, digits, ``_``, ``-``."""
    return (
        SHORTEST <= len(username) <= LONGEST
        and all(map(_is_allowed, username))
        and unicodedata.category(username[0])[0] != "M"
        and _without_invisible(username) == username
    )


def is_reserved(username: str) -> bool:
    """Say whether nobody may register the name, since the site itself uses it."""
    key = username_key(username)
    return key in RESERVED or key.startswith(NEUTRAL_PREFIX)


def _is_allowed(char: str) -> bool:
    category = unicodedata.category(char)
    # Marks are parts of letters in many scripts (Devanagari, Thai, Arabic).
    return category[0] in "LM" or category == "Nd" or char in "_-"


def _without_invisible(text: str) -> str:
    return "".join(
        char for char in _INVISIBLE.sub("", text) if unicodedata.category(char) not in {"Cc", "Cf"}
    )
