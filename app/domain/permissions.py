"""Who may do what: the one table that pages, AJAX and the API ask."""

from datetime import datetime
from enum import StrEnum

from app.domain.errors import Forbidden, Unauthenticated
from app.domain.messages import N_, Message
from app.domain.users import ANONYMOUS, Actor, Role


class Permission(StrEnum):
    """Something that only some roles may do."""

    CREATE = "create"
    EDIT = "edit"
    UPLOAD = "upload"
    DELETE = "delete"
    RESTORE = "restore"
    PROTECT = "protect"
    ROLL_BACK = "roll-back"
    BLOCK = "block"
    EDIT_CATEGORY = "edit-category"
    MANAGE_ROLES = "manage-roles"
    ADMINISTER = "administer"


LEAST_ROLE: dict[Permission, Role] = {
    Permission.CREATE: Role.EDITOR,
    Permission.EDIT: Role.EDITOR,
    Permission.UPLOAD: Role.EDITOR,
    Permission.DELETE: Role.MODERATOR,
    Permission.RESTORE: Role.MODERATOR,
    Permission.PROTECT: Role.MODERATOR,
    Permission.ROLL_BACK: Role.MODERATOR,
    Permission.BLOCK: Role.MODERATOR,
    Permission.EDIT_CATEGORY: Role.MODERATOR,
    Permission.MANAGE_ROLES: Role.ADMIN,
    Permission.ADMINISTER: Role.ADMIN,
}

_UNCONFIRMED = Message(
    N_("Your address is not confirmed yet. Open the link in the mail that we sent you, and you can edit.")
)


def allows(actor: Actor, permission: Permission, now: datetime) -> bool:
    """Say whether ``actor`` may do it at ``now`` (aware UTC)."""
    return actor.role.includes(LEAST_ROLE[permission]) and not is_blocked(actor, now)


def is_blocked(actor: Actor, now: datetime) -> bool:
    """Say whether a block of the actor is in force."""
    return actor.blocked_until is not None and actor.blocked_until > now


def require(actor: Actor, permission: Permission, now: datetime) -> None:
    """Raise Unauthenticated for visitors without an account, Forbidden (with the reason) for others."""
    if actor == ANONYMOUS:
        raise Unauthenticated
    if is_blocked(actor, now):
        raise Forbidden(
            Message(
                N_("Your account is blocked until %(until)s: %(reason)s"),
                {"until": f"{actor.blocked_until:%Y-%m-%d %H:%M} UTC", "reason": actor.blocked_reason},
            )
        )
    if actor.role is Role.VISITOR and LEAST_ROLE[permission] is Role.EDITOR:
        raise Forbidden(_UNCONFIRMED)
    if not allows(actor, permission, now):
        raise Forbidden
