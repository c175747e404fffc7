"""What is mailed to the owners of addresses, decided where nobody waits for it.

A request only says "somebody gave this address for that"; who owns it, and so which mail goes out, is
looked up later. A request thus does the same for known and unknown addresses, and takes as long.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.users import User
from app.services.account_links import AccountLinks, Purpose
from app.storage.stores import Stores


class Occasion(StrEnum):
    """Why an address was given."""

    REGISTRATION = "registration"
    RESET = "reset"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - no secret


@dataclass(frozen=True, slots=True)
class Letter:
    """An order for a mail: plain texts only, so that it passes through any queue.

    Whoever queues it gives it a ``reference`` of its own, which stays when it is sent again.
    """

    occasion: str
    address: str
    locale: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to be rendered from the templates ``email/<template>.txt`` and ``.html``.

    ``path`` is that of the link within the site, or "". ``reference`` is that of its letter.
    """

    template: str
    address: str
    username: str
    locale: str
    path: str = ""
    reference: str = ""


Post = Callable[[Letter], None]


def write(stores: Stores, links: AccountLinks, letter: Letter, now: datetime) -> Mail | None:
    """Return the mail that a letter comes to, or None where the address has no account.

    A link in it takes the place of all earlier ones of its purpose.
    """
    user = stores.users.find_by_email(letter.address)
    if user is None:
        return None
    occasion = Occasion(letter.occasion)
    if occasion is Occasion.RESET:
        return _reset(stores, links, letter, user)
    if occasion is Occasion.PASSWORD_CHANGED:
        return _mail("password_changed", letter, user)
    if user.confirmed_at is not None:
        return _mail("address_known", letter, user)
    return _activation(stores, links, letter, user)


def _activation(stores: Stores, links: AccountLinks, letter: Letter, user: User) -> Mail:
    nonce = links.nonce(letter.reference, user.password_hash)
    stores.users.set_activation_nonce(user.id, nonce)
    token = links.make(Purpose.ACTIVATION, user.id, nonce)
    return _mail("activation", letter, user, f"/users/activate/{token}")


def _reset(stores: Stores, links: AccountLinks, letter: Letter, user: User) -> Mail:
    nonce = links.nonce(letter.reference, user.password_hash)
    stores.users.set_reset_nonce(user.id, nonce)
    return _mail("reset", letter, user, f"/users/reset/{links.make(Purpose.RESET, user.id, nonce)}")


def _mail(template: str, letter: Letter, user: User, path: str = "") -> Mail:
    locale = user.locale or letter.locale
    return Mail(template, user.email, user.username, locale, path, letter.reference)
