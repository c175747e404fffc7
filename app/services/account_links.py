"""The links that confirm an address or reset a password: signed, timed, good for one use.

A link carries the account's id and a nonce. The account keeps the nonce of its newest link only, and
storage takes it away in the same write that uses it: so a link is superseded by the next, and used once.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from itsdangerous import BadData, URLSafeTimedSerializer

from app.domain.errors import LinkRefused
from app.domain.messages import N_, Message


class Purpose(StrEnum):
    """What a link is for; one is never taken for another."""

    ACTIVATION = "activation"
    RESET = "reset"


LIFETIMES = {Purpose.ACTIVATION: timedelta(days=3), Purpose.RESET: timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class Link:
    """What a link that holds says."""

    user_id: str
    nonce: str


class AccountLinks:
    """Makes and reads the tokens of links with the site's secret key."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key

    def make(self, purpose: Purpose, user_id: str, nonce: str) -> str:
        """Return the token of a link, safe within a URL."""
        return self._serializer(purpose).dumps([user_id, nonce])

    def read(self, purpose: Purpose, token: str, now: datetime) -> Link:
        """Return what the token says; raise LinkRefused for a forged, damaged or expired one."""
        try:
            said, made_at = self._serializer(purpose).loads(token, return_timestamp=True)
            user_id, nonce = said
        except (BadData, ValueError, TypeError) as error:
            raise damaged() from error
        if now - made_at > LIFETIMES[purpose]:
            raise LinkRefused(Message(N_("This link has expired.")))
        return Link(str(user_id), str(nonce))

    def nonce(self, reference: str, password_hash: str) -> str:
        """Return what tells the link of one letter from every other of an account.

        A letter that is sent again, since nobody knows whether it arrived, has the link that it had; but
        not once a password was chosen, by that link perhaps. Without a ``reference`` it is random.
        """
        if not reference:
            return secrets.token_urlsafe(12)
        message = f"pkyx link of a letter\0{reference}\0{password_hash}".encode()
        return hmac.digest(self._secret_key.encode(), message, "sha256").hex()[:32]

    def _serializer(self, purpose: Purpose) -> URLSafeTimedSerializer:
        salt = f"pkyx account link: {purpose.value}"
        options = {"digest_method": hashlib.sha256}
        return URLSafeTimedSerializer(self._secret_key, salt=salt, signer_kwargs=options)


def damaged() -> LinkRefused:
    """Return the refusal of what never was a link of this site."""
    return LinkRefused(Message(N_("This link is not complete. Please open it as it stands in the mail.")))


def spent() -> LinkRefused:
    """Return the refusal of a link that was used already, or that a newer one replaced."""
    return LinkRefused(Message(N_("This link was used already, or a newer one was sent since.")))
