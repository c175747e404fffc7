"""Items (entries), their attributes and their revisions."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class State(StrEnum):
    """What is known of an attribute. ``missing`` is no state: it is the absence of the attribute."""

    VALUE = "value"
    NONE = "none"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact is from. ``url`` is http(s) or empty; ``title`` may stand alone (a book)."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One typed fact. ``value`` is of the kind's own Python type, and None unless ``state`` is VALUE."""

    key: str
    name: str
    kind: str
    state: State
    value: object = None
    group: str = ""
    note: str = ""
    sources: tuple[Source, ...] = ()
    verified_on: date | None = None


class Action(StrEnum):
    """The kind of a change."""

    CREATE = "create"
    EDIT = "edit"
    RENAME = "rename"
    REVERT = "revert"
    DELETE = "delete"
    UNDELETE = "undelete"
    PROTECT = "protect"


@dataclass(frozen=True, slots=True)
class Change:
    """Who made a revision, when (aware UTC) and why. ``by`` is a username; "" is the system itself.

    ``keys`` are the attributes that it touched; "title", "summary" and the like go as "@title".
    """

    at: datetime
    by: str = ""
    comment: str = ""
    action: Action = Action.EDIT
    keys: tuple[str, ...] = ()
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An entry at one revision. ``id`` is 24 hexadecimal digits; ``category`` is a slug or "".

    ``revision_id`` and ``parent_id`` identify this revision and the one before it, also among drafts that
    had the same number and were never acknowledged. They are given when the item is stored, and say
    nothing of the item: two that differ in them alone are equal.
    """

    id: str
    slug: str
    title: str
    category: str
    revision: int
    created_at: datetime
    created_by: str
    change: Change
    aliases: tuple[str, ...] = ()
    summary: str = ""
    attributes: tuple[Attribute, ...] = ()
    past_slugs: tuple[str, ...] = ()
    deleted: bool = False
    # "" for none, else the least role that may edit: the whole entry, and single attributes by key.
    protection: str = ""
    protected_keys: tuple[tuple[str, str], ...] = ()
    revision_id: str = field(default="", compare=False)
    parent_id: str = field(default="", compare=False)

    @property
    def updated_at(self) -> datetime:
        """When this revision was made."""
        return self.change.at

    @property
    def updated_by(self) -> str:
        """Who made this revision."""
        return self.change.by

    def find_attribute(self, key: str) -> Attribute | None:
        """Return the attribute ``key``, or None."""
        return next((attribute for attribute in self.attributes if attribute.key == key), None)

    def with_attribute(self, attribute: Attribute) -> "Item":
        """Return the item with ``attribute`` in the place of the one of its key, or at the end."""
        if self.find_attribute(attribute.key) is None:
            return replace(self, attributes=(*self.attributes, attribute))
        return replace(
            self, attributes=tuple(attribute if old.key == attribute.key else old for old in self.attributes)
        )

    def without_attribute(self, key: str) -> "Item":
        """Return the item without the attribute ``key``."""
        return replace(self, attributes=tuple(old for old in self.attributes if old.key != key))


@dataclass(frozen=True, slots=True)
class ItemHead:
    """What lists and pickers show of an item."""

    id: str
    slug: str
    title: str
    category: str
    revision: int = 0
    summary: str = ""
    aliases: tuple[str, ...] = ()
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One line of a history: ``item`` only where the whole revision was asked for."""

    item_id: str
    number: int
    change: Change
    slug: str = ""
    title: str = ""
    category: str = ""
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of results. ``next`` is an opaque cursor, or None at the end."""

    rows: tuple[T, ...]
    next: str | None = None
    total: int | None = None

    @staticmethod
    def of(rows: Iterable[T], cursor: str | None = None) -> "Page[T]":
        """Return a page of ``rows``."""
        return Page(tuple(rows), cursor)
