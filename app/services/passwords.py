"""Passwords: which are accepted, how they are kept, how they are checked.

scrypt with Werkzeug's parameters costs about a sixth of a second, so it is paid at log-in and when a
password is set, never on an ordinary request.
"""

import unicodedata
from functools import lru_cache

from werkzeug.security import check_password_hash, generate_password_hash

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.domain.usernames import username_key
from app.services.common_passwords import is_common

SHORTEST = 8
LONGEST = 128
# 32 MiB and three rounds: the least of scrypt that OWASP ASVS 5.0 approves of.
METHOD = "scrypt:32768:8:3"


def checked(password: str, username: str, email: str = "") -> str:
    """Return the password if an account may have it; raise ValueRefused with the rule that it breaks."""
    if not SHORTEST <= len(password) <= LONGEST:
        limits = {"least": SHORTEST, "most": LONGEST}
        raise ValueRefused(Message(N_("A password has %(least)s to %(most)s characters."), limits))
    if _encodable(password) != password:
        raise ValueRefused(Message(N_("The password has characters that are not valid Unicode.")))
    if username_key(password) in {username_key(username), username_key(email)}:
        raise ValueRefused(Message(N_("The password must not be the username or the address.")))
    if is_common(password):
        raise ValueRefused(Message(N_("This is one of the commonest passwords. Please choose another.")))
    return password


def hash_password(password: str) -> str:
    """Return what is kept of a password: scrypt, its parameters and a random salt."""
    return generate_password_hash(_normal(password), method=METHOD)


def matches(password_hash: str, password: str) -> bool:
    """Say whether it is the password. An empty hash (no account) takes as long and never matches."""
    # Longer ones cannot have been accepted; cutting them bounds the work that a stranger can order.
    fits = check_password_hash(password_hash or _hash_of_nobody(METHOD), _normal(password[: LONGEST + 1]))
    return fits and bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """Say whether the hash was made with other parameters than today's."""
    return not password_hash.startswith(f"{METHOD}$")


@lru_cache(maxsize=4)
def _hash_of_nobody(method: str) -> str:
    return generate_password_hash("the password of no account", method=method)


def _normal(password: str) -> str:
    # Keyboards of different systems compose "é" differently (RFC 8265, section 4.2: NFC).
    return unicodedata.normalize("NFC", _encodable(password))


def _encodable(text: str) -> str:
    # A lone surrogate may come out of JSON; it must not become an error of the hash.
    return text.encode(errors="replace").decode()
