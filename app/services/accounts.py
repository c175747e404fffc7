"""Accounts: registration, log-in, confirmation, reset, roles, deletion."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from app.domain.errors import (
    AddressTaken,
    FieldError,
    Forbidden,
    InvalidInput,
    LoginRefused,
    UsernameTaken,
    UserNotFound,
    ValueRefused,
)
from app.domain.messages import N_, Message
from app.domain.permissions import Permission, require
from app.domain.usernames import NEUTRAL_PREFIX
from app.domain.users import Actor, Role, User
from app.services import account_rules, passwords
from app.services.account_links import AccountLinks, Link, Purpose, damaged, spent
from app.services.account_rules import Registration
from app.services.letters import Letter, Occasion, Post
from app.services.password_memory import PasswordMemory
from app.storage.files import AVATAR
from app.storage.stores import Stores


def register(stores: Stores, post: Post, registration: Registration, now: datetime) -> None:
    """Open an unconfirmed account and send its address a link; raise InvalidInput.

    With an address that has an account already, everything goes the same way for the visitor: the
    username is taken and the password works, but the account can never be confirmed, and the mail
    tells the owner. So nothing that a visitor can try shows whether the address was known.
    """
    checked = _checked(stores, registration)
    password_hash = passwords.hash_password(checked.password)
    try:
        _insert(stores, checked, password_hash, now)
    except UsernameTaken as error:
        raise _refused("username", error.message) from error
    post(Letter(Occasion.REGISTRATION, checked.email, checked.locale))


def create(stores: Stores, registration: Registration, role: Role, now: datetime) -> User:
    """Open a confirmed account for the operator; raise InvalidInput, also for a known address."""
    checked = _checked(stores, registration)
    user = _new_user(checked, passwords.hash_password(checked.password), now, role=role, confirmed_at=now)
    try:
        return stores.users.insert(user)
    except UsernameTaken as error:
        raise _refused("username", error.message) from error
    except AddressTaken as error:
        raise _refused("email", error.message) from error


def authenticate(stores: Stores, identifier: str, password: str) -> User:
    """Return whose e-mail (or username) and password these are; raise LoginRefused.

    The same number of hashes is computed whether or not there is such an account.
    """
    candidates = _candidates(stores, identifier)
    fitting = [user for user in candidates if passwords.matches(user.password_hash if user else "", password)]
    if not fitting or fitting[0] is None:
        raise LoginRefused
    _renew_hash(stores, fitting[0], password)
    return fitting[0]


def recognise(stores: Stores, identifier: str, password: str, memory: PasswordMemory) -> User | None:
    """Return whose password this was found to be a moment ago, without a hash; None says nothing."""
    candidates = _candidates(stores, identifier)
    return next((user for user in candidates if user and memory.knows(user, password)), None)


def send_activation(post: Post, address: str, locale: str) -> None:
    """Send a new confirmation link, if an unconfirmed account has the address."""
    post(Letter(Occasion.REGISTRATION, address.strip(), locale))


def send_reset(post: Post, address: str, locale: str) -> None:
    """Send a link to choose a new password, if an account has the address."""
    post(Letter(Occasion.RESET, address.strip(), locale))


def check_activation(stores: Stores, links: AccountLinks, token: str, now: datetime) -> User:
    """Return whose address the link confirms, without using it up; raise LinkRefused."""
    link = links.read(Purpose.ACTIVATION, token, now)
    user = _user_of(stores, link)
    _require_newest(user.activation_nonce, link)
    return user


def activate(stores: Stores, links: AccountLinks, token: str, now: datetime) -> User:
    """Confirm the address that a link was sent to: its user becomes an editor. Raise LinkRefused."""
    link = links.read(Purpose.ACTIVATION, token, now)
    if not stores.users.confirm(link.user_id, link.nonce, now):
        raise spent()
    return stores.users.get(link.user_id)


def check_reset(stores: Stores, links: AccountLinks, token: str, now: datetime) -> User:
    """Return whose password the link resets, without using it up; raise LinkRefused."""
    link = links.read(Purpose.RESET, token, now)
    user = _user_of(stores, link)
    _require_newest(user.reset_nonce, link)
    return user


def reset_password(
    stores: Stores, links: AccountLinks, post: Post, token: str, password: str, now: datetime
) -> User:
    """Set the password by a mailed link; all sessions and tokens end. Raise LinkRefused or InvalidInput."""
    user = check_reset(stores, links, token, now)
    _check_password(password, user, "password")
    if not stores.users.reset_password(user.id, user.reset_nonce, passwords.hash_password(password), now):
        raise spent()
    stores.sessions.delete_of_user(user.id)
    post(Letter(Occasion.PASSWORD_CHANGED, user.email, user.locale))
    return stores.users.get(user.id)


def change_password(stores: Stores, post: Post, user_id: str, current: str, password: str) -> User:
    """Set another password, end all sessions and tokens; raise InvalidInput."""
    user = _confirmed_by_password(stores, user_id, current, "current_password")
    _check_password(password, user, "password")
    changed = stores.users.set_password(user.id, passwords.hash_password(password))
    stores.sessions.delete_of_user(user.id)
    if not user.shadow:
        post(Letter(Occasion.PASSWORD_CHANGED, user.email, user.locale))
    return changed


def delete(stores: Stores, user_id: str, password: str, now: datetime) -> None:
    """Delete one's own account; its edits stay, under a neutral name. Raise InvalidInput."""
    user = _confirmed_by_password(stores, user_id, password, "password")
    begun = stores.users.begin_deletion(user.id, NEUTRAL_PREFIX + secrets.token_hex(5))
    _finish_deletion(stores, begun, now)


def finish_deletions(stores: Stores, now: datetime) -> int:
    """Bring deletions to their end that a crash cut short; return how many."""
    begun = stores.users.find_deleting()
    for user in begun:
        _finish_deletion(stores, user, now)
    return len(begun)


def set_role(stores: Stores, actor: Actor, username: str, role: Role, now: datetime) -> User:
    """Give a user a role; raise Forbidden, Unauthenticated or UserNotFound.

    Nobody changes their own, so that the last administrator cannot vanish by a slip.
    """
    require(actor, Permission.MANAGE_ROLES, now)
    user = get(stores, username)
    if user.username == actor.username:
        raise Forbidden(Message(N_("You cannot change your own role.")))
    return stores.users.set_role(user.id, role)


def block(
    stores: Stores, actor: Actor, username: str, until: datetime | None, reason: str, now: datetime
) -> User:
    """Block a user until then, or unblock with None; nobody blocks who stands above them."""
    require(actor, Permission.BLOCK, now)
    user = get(stores, username)
    if not actor.role.includes(user.role):
        raise Forbidden
    return stores.users.set_block(user.id, until, reason.strip()[:500])


def get(stores: Stores, username: str) -> User:
    """Return the account of a name in any case or form; raise UserNotFound."""
    user = stores.users.find_by_username(username)
    if user is None:
        raise UserNotFound(username)
    return user


def _user_of(stores: Stores, link: Link) -> User:
    user = stores.users.find(link.user_id)
    if user is None:
        raise damaged()
    return user


def _require_newest(nonce: str, link: Link) -> None:
    if not nonce or not secrets.compare_digest(nonce.encode(), link.nonce.encode()):
        raise spent()


def _candidates(stores: Stores, identifier: str) -> Sequence[User | None]:
    # No username has an "@". An address may stand for its owner, or for who claimed it as well.
    if "@" in identifier:
        return stores.users.find_by_email(identifier), stores.users.find_shadow(identifier)
    return (stores.users.find_by_username(identifier),)


def _renew_hash(stores: Stores, user: User, password: str) -> None:
    if passwords.is_outdated(user.password_hash):
        stores.users.renew_hash(user.id, user.password_hash, passwords.hash_password(password))


def _confirmed_by_password(stores: Stores, user_id: str, password: str, path: str) -> User:
    user = stores.users.get(user_id)
    if not passwords.matches(user.password_hash, password):
        raise _refused(path, Message(N_("This is not your present password.")))
    return user


def _finish_deletion(stores: Stores, user: User, now: datetime) -> None:
    # Every step can be repeated, and the username stays taken until the last one, so that a crash
    # in between never lets somebody else inherit the edits.
    stores.sessions.delete_of_user(user.id)
    for file_id in stores.files.find_owned(AVATAR, user.id):
        stores.files.delete(file_id)
    stores.attribution.rename(user.username, user.neutral_name)
    stores.users.finish_deletion(user.id, user.neutral_name, now)


def _insert(stores: Stores, checked: Registration, password_hash: str, now: datetime) -> None:
    try:
        stores.users.insert(_new_user(checked, password_hash, now))
    except AddressTaken:
        stores.users.insert(_new_user(checked, password_hash, now, shadow=True))


def _new_user(
    checked: Registration,
    password_hash: str,
    now: datetime,
    *,
    role: Role = Role.VISITOR,
    confirmed_at: datetime | None = None,
    shadow: bool = False,
) -> User:
    return User(
        id="",
        username=checked.username,
        email=checked.email,
        password_hash=password_hash,
        role=role,
        created_at=now,
        confirmed_at=confirmed_at,
        locale=checked.locale,
        shadow=shadow,
    )


def _checked(stores: Stores, registration: Registration) -> Registration:
    """Return the registration in its normal form; raise InvalidInput with all that is wrong with it."""
    taken = stores.users.find_by_username(registration.username) is not None
    checked, errors = account_rules.check(registration, taken)
    if errors:
        raise InvalidInput(errors)
    return checked


def _check_password(password: str, user: User, path: str) -> None:
    try:
        passwords.checked(password, user.username, user.email)
    except ValueRefused as error:
        raise _refused(path, error.message) from error


def _refused(path: str, message: Message) -> InvalidInput:
    return InvalidInput([FieldError(path, message)])
