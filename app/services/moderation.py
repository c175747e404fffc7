"""What moderators do to entries and people, and who may look at what was deleted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.errors import (
    AttributeNotFound,
    Conflict,
    FieldError,
    Forbidden,
    InvalidInput,
    ItemDeleted,
    ItemNotFound,
    ValueRefused,
)
from app.domain.items import Action, Item
from app.domain.messages import N_, Message
from app.domain.permissions import Permission, allows, require
from app.domain.users import Actor, Role, User
from app.kinds.checks import clean_line
from app.services import accounts, items
from app.services.items import ItemDraft, Note
from app.storage.stores import Stores

MAX_REASON = 300
LONGEST_BLOCK = timedelta(days=3660)
# Who may be told to be the least that may edit. Editors may anyway: choosing them lifts a protection.
PROTECTORS = (Role.EDITOR, Role.MODERATOR, Role.ADMIN)


class NobodyElse(Conflict):
    """There is nothing to roll back to: one person made every revision."""

    code = "nobody-else"

    def __init__(self, username: str) -> None:
        super().__init__(
            Message(
                N_("Nobody but %(name)s has edited this entry, so there is nothing to go back to."),
                {"name": username},
            )
        )
        self.username = username


class NotTheLastEditor(Conflict):
    """Somebody else edited meanwhile, whose work a roll-back would have taken away unseen."""

    code = "not-the-last-editor"

    def __init__(self, username: str, present: Item) -> None:
        super().__init__(
            Message(
                N_("The last edit of this entry is not by %(name)s any more, but by %(other)s."),
                {"name": username, "other": present.updated_by},
            )
        )
        self.present = present


@dataclass(frozen=True, slots=True)
class Block:
    """Until when (aware UTC) somebody may not write, and what they are told of the reason."""

    until: datetime
    reason: str


def readable(stores: Stores, actor: Actor, id_or_slug: str, now: datetime) -> Item:
    """Return an entry whose history ``actor`` may read: a tombstone only for those who may restore it.

    Raises ItemNotFound or ItemDeleted.
    """
    found = items.find(stores, id_or_slug)
    if found is None:
        raise ItemNotFound(id_or_slug)
    if found.deleted and not allows(actor, Permission.RESTORE, now):
        raise ItemDeleted(found)
    return found


def protect(stores: Stores, actor: Actor, item_id: str, role: Role, note: Note, key: str = "") -> Item:
    """Let only ``role`` and those above it edit the entry, or its attribute ``key``.

    EDITOR lifts the protection. Raises AttributeNotFound, and Forbidden where the present or the
    wanted protection is above the actor.
    """
    return items.edit(
        stores,
        actor,
        item_id,
        _protected(actor, "" if role is Role.EDITOR else role.value, key),
        replace(note, action=Action.PROTECT),
        permission=Permission.PROTECT,
    )


def roll_back(stores: Stores, actor: Actor, item_id: str, username: str, note: Note) -> Item:
    """Make the entry again what it was before the latest run of revisions by ``username``.

    What they renamed, wrote and reordered is taken back in one new revision; their revisions stay in
    the history. Raises NobodyElse, and NotTheLastEditor where the newest revision is not theirs.
    """

    def before_the_run(present: Item) -> Item:
        if present.updated_by != username:
            raise NotTheLastEditor(username, present)
        earlier = stores.items.last_not_by(item_id, username)
        if earlier is None or earlier.item is None:
            raise NobodyElse(username)
        return items.replaced_by(_draft(earlier.item))(present)

    note = replace(note, action=Action.REVERT)
    return items.edit(stores, actor, item_id, before_the_run, note, permission=Permission.ROLL_BACK)


def block(stores: Stores, actor: Actor, username: str, wanted: Block, now: datetime) -> User:
    """Keep a user from writing for a while; raise InvalidInput, Forbidden or UserNotFound."""
    require(actor, Permission.BLOCK, now)
    if not timedelta(0) < wanted.until - now <= LONGEST_BLOCK:
        message = Message(N_("The end of a block was expected to lie in the future, within ten years."))
        raise InvalidInput([FieldError("until", message)])
    if accounts.get(stores, username).username == actor.username:
        raise Forbidden(Message(N_("You cannot block yourself.")))
    return accounts.block(stores, actor, username, wanted.until, _reason(wanted.reason), now)


def lift_block(stores: Stores, actor: Actor, username: str, now: datetime) -> User:
    """Let a user write again; raise Forbidden or UserNotFound."""
    return accounts.block(stores, actor, username, None, "", now)


def _reason(given: str) -> str:
    try:
        reason = clean_line(given, MAX_REASON).strip()
    except ValueRefused as error:
        raise InvalidInput([FieldError("reason", error.message)]) from error
    if not reason:
        message = Message(N_("A reason was expected, for those who will ask."))
        raise InvalidInput([FieldError("reason", message)])
    return reason


def _protected(actor: Actor, level: str, key: str) -> Callable[[Item], Item]:
    def change(present: Item) -> Item:
        levels = dict(present.protected_keys)
        _require_above(actor, levels.get(key, "") if key else present.protection, level)
        if not key:
            return replace(present, protection=level)
        # One that was deleted meanwhile can still be set free.
        if level and present.find_attribute(key) is None:
            raise AttributeNotFound(key)
        levels[key] = level
        return replace(present, protected_keys=tuple((k, v) for k, v in levels.items() if v))

    return change


def _require_above(actor: Actor, *levels: str) -> None:
    if any(level and not actor.role.includes(Role(level)) for level in levels):
        raise Forbidden(Message(N_("This protection is above your own role.")))


def _draft(item: Item) -> ItemDraft:
    return ItemDraft(item.title, item.category, item.aliases, item.summary, item.attributes)
