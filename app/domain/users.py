"""People, what they may do, and in whose name a change is made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Each role may do all that the ones before it may."""

    VISITOR = "visitor"
    EDITOR = "editor"
    MODERATOR = "moderator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for visitors, growing with power."""
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Say whether this role may do all that ``other`` may."""
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True)
class User:
    """An account.

    ``epoch`` is raised to end every session that carries an older one, ``token_epoch`` likewise for
    tokens of the API; a change of password raises both.
    """

    id: str
    username: str
    email: str
    password_hash: str
    role: Role
    created_at: datetime
    confirmed_at: datetime | None = None
    epoch: int = 0
    token_epoch: int = 0
    name: str = ""
    location: str = ""
    website: str = ""
    introduction: str = ""
    avatar: str = ""
    locale: str = ""
    blocked_until: datetime | None = None
    blocked_reason: str = ""
    # What the newest mailed link must carry; "" where none is in force.
    activation_nonce: str = ""
    reset_nonce: str = ""
    # A registration with somebody else's address: an account like others that can never be confirmed.
    shadow: bool = False
    # The neutral name that its edits get while the account is being deleted, and after.
    neutral_name: str = ""

    @property
    def actor(self) -> "Actor":
        """In whose name this user's changes are made."""
        return Actor(self.username, self.role, self.blocked_until, self.blocked_reason)


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in. ``key`` is the hash of the secret in the cookie; ``epoch`` the user's when it began."""

    key: str
    user_id: str
    epoch: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user tells of themselves; ``website`` is http(s) or empty, ``locale`` a choice or empty."""

    name: str = ""
    location: str = ""
    website: str = ""
    introduction: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """In whose name something is done: a user, or the system itself (no username, all rights)."""

    username: str
    role: Role
    blocked_until: datetime | None = None
    blocked_reason: str = ""


SYSTEM = Actor("", Role.ADMIN)
ANONYMOUS = Actor("", Role.VISITOR)
