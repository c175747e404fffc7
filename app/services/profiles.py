"""What users tell of themselves, and what they contributed."""

import unicodedata
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from app.domain.errors import FieldError, InvalidInput
from app.domain.messages import N_, Message
from app.domain.users import Profile, User
from app.storage.stores import Stores

LIMITS = {"name": 80, "location": 80, "website": 200, "introduction": 2000}


@dataclass(frozen=True, slots=True)
class Contributions:
    """How much a user did."""

    created: int
    edits: int


def change(stores: Stores, user_id: str, profile: Profile) -> User:
    """Replace a user's profile; raise InvalidInput with everything that is wrong with it."""
    cleaned = replace(profile, **{name: _clean(getattr(profile, name)) for name in LIMITS})
    errors = [*_length_errors(cleaned), *_website_errors(cleaned.website)]
    if errors:
        raise InvalidInput(errors)
    return stores.users.set_profile(user_id, cleaned)


def contributions(stores: Stores, username: str) -> Contributions:
    """Count the entries created and the edits made."""
    return Contributions(*stores.attribution.count(username))


def _clean(text: str) -> str:
    # Control characters, bidi overrides and lone surrogates have no meaning here but mischief.
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (char for char in lines if char == "\n" or not _is_mischief(char))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _is_mischief(char: str) -> bool:
    return (
        unicodedata.category(char) in {"Cc", "Cs"}
        or "\u202a" <= char <= "\u202e"
        or "\u2066" <= char <= "\u2069"
    )


def _length_errors(profile: Profile) -> list[FieldError]:
    return [
        FieldError(name, Message(N_("At most %(most)s characters fit here."), {"most": most}))
        for name, most in LIMITS.items()
        if len(getattr(profile, name)) > most
    ]


def _website_errors(website: str) -> list[FieldError]:
    if not website or _is_web_address(website):
        return []
    return [
        FieldError("website", Message(N_("An address that begins with https:// or http:// was expected.")))
    ]


def _is_web_address(website: str) -> bool:
    if any(char.isspace() for char in website):
        return False
    try:
        parts = urlsplit(website)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
