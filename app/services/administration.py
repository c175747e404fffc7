"""What administrators do beside moderating. What they look at is read from the stores as it is."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.permissions import Permission, require
from app.domain.users import Actor, User
from app.storage.stores import Stores
from app.storage.tasks import TaskRecord

ON_A_PAGE = 50


def people(stores: Stores, actor: Actor, typed: str, after: str, now: datetime) -> tuple[Sequence[User], str]:
    """Return accounts whose username begins as typed, or whose address it is, and the next ``after``."""
    require(actor, Permission.MANAGE_ROLES, now)
    if "@" in typed:
        owner = stores.users.find_by_email(typed)
        return ((owner,) if owner else ()), ""
    found = stores.users.beginning_with(typed, after, ON_A_PAGE + 1)
    shown = found[:ON_A_PAGE]
    return shown, shown[-1].username if len(found) > ON_A_PAGE else ""


def blocked(stores: Stores, actor: Actor, cursor: str, now: datetime) -> tuple[Sequence[User], str]:
    """Return who may not write now, the shortest blocks first, and the next cursor; raise BadQuery."""
    require(actor, Permission.ADMINISTER, now)
    return stores.users.blocked(now, cursor, ON_A_PAGE)


def tasks(stores: Stores, actor: Actor, cursor: str, now: datetime) -> tuple[Sequence[TaskRecord], str]:
    """Return background tasks, the newest first, and the next cursor; raise BadQuery."""
    require(actor, Permission.ADMINISTER, now)
    return stores.tasks.page(cursor, ON_A_PAGE)
