"""What can go wrong in the wiki, named. ``app.web_errors`` turns each into a page or a problem document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.domain.messages import N_, Message

if TYPE_CHECKING:
    from app.domain.items import Item


class DomainError(Exception):
    """The root of all errors that a person may be told about.

    ``code`` is stable and machine-readable; ``status`` is the HTTP status that says the same.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NotFound(DomainError):
    code = "not-found"
    status = 404


class ItemNotFound(NotFound):
    code = "item-not-found"

    def __init__(self, name: str) -> None:
        super().__init__(Message(N_("There is no entry “%(name)s”."), {"name": name}))
        self.name = name


class EntriesNotFound(NotFound):
    """Some of several named entries do not exist."""

    code = "item-not-found"

    def __init__(self, names: Sequence[str]) -> None:
        listed = ", ".join(f"“{name}”" for name in names)
        super().__init__(Message(N_("There is no entry %(names)s."), {"names": listed}))
        self.names = tuple(names)


class ItemDeleted(NotFound):
    """The item is a tombstone; moderators can bring it back."""

    code = "item-deleted"
    status = 410

    def __init__(self, item: "Item") -> None:
        super().__init__(Message(N_("The entry “%(title)s” was deleted."), {"title": item.title}))
        self.item = item


class AttributeNotFound(NotFound):
    code = "attribute-not-found"

    def __init__(self, key: str) -> None:
        super().__init__(Message(N_("The entry has no attribute “%(key)s”."), {"key": key}))
        self.key = key


class RevisionNotFound(NotFound):
    code = "revision-not-found"

    def __init__(self, number: int) -> None:
        super().__init__(Message(N_("There is no revision %(number)s."), {"number": number}))
        self.number = number


class CategoryNotFound(NotFound):
    code = "category-not-found"

    def __init__(self, slug: str) -> None:
        super().__init__(Message(N_("There is no category “%(slug)s”."), {"slug": slug}))
        self.slug = slug


class UserNotFound(NotFound):
    code = "user-not-found"

    def __init__(self, username: str) -> None:
        super().__init__(Message(N_("There is no user “%(name)s”."), {"name": username}))
        self.username = username


class FileNotFound(NotFound):
    code = "file-not-found"

    def __init__(self) -> None:
        super().__init__(Message(N_("There is no such file.")))


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused field. ``path`` is dotted, as in the request: ``attributes.2.value.amount``."""

    path: str
    message: Message

    def under(self, prefix: str) -> "FieldError":
        """Return the same error seen from a parent object."""
        return FieldError(f"{prefix}.{self.path}" if self.path else prefix, self.message)


class ValueRefused(Exception):
    """A single value that does not parse; callers turn it into a :class:`FieldError` with a path."""

    def __init__(self, message: Message, path: str = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.path = path


class InvalidInput(DomainError):
    """Something of the request was refused, so nothing of it was stored."""

    code = "invalid-input"
    status = 422

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(Message(N_("Some of what was sent could not be accepted; nothing was stored.")))
        self.errors = tuple(errors)


class BadQuery(InvalidInput):
    """A parameter of a query string was refused."""

    code = "bad-query"
    status = 400


class Conflict(DomainError):
    code = "conflict"
    status = 409


class TitleTaken(Conflict):
    code = "title-taken"

    def __init__(self, title: str, slug: str = "") -> None:
        super().__init__(Message(N_("There is already an entry titled “%(title)s”."), {"title": title}))
        self.title = title
        self.slug = slug


class KeyTaken(Conflict):
    """Two attributes of one item would share a key."""

    code = "key-taken"

    def __init__(self, key: str) -> None:
        super().__init__(Message(N_("The entry already has an attribute “%(key)s”."), {"key": key}))
        self.key = key


class EditConflict(Conflict):
    """The item moved on since it was loaded. ``current`` is it as it is now, where known."""

    code = "edit-conflict"

    def __init__(self, current: "Item | None" = None) -> None:
        super().__init__(Message(N_("Somebody else changed this entry in the meantime.")))
        self.current = current


class PreconditionFailed(DomainError):
    """``If-Match`` named another revision."""

    code = "precondition-failed"
    status = 412

    def __init__(self, current: "Item") -> None:
        super().__init__(Message(N_("The entry is at another revision than the one you named.")))
        self.current = current


class Unauthenticated(DomainError):
    code = "unauthenticated"
    status = 401

    def __init__(self) -> None:
        super().__init__(Message(N_("Please log in first.")))


class Forbidden(DomainError):
    code = "forbidden"
    status = 403

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or Message(N_("Your account may not do this.")))


class ReadOnly(DomainError):
    code = "read-only"
    status = 423

    def __init__(self) -> None:
        super().__init__(Message(N_("The site is read-only for now. Please try again later.")))


class DatabaseUnavailable(DomainError):
    """The database did not answer in time. A write may or may not have happened."""

    code = "database-unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__(Message(N_("The database does not answer. Please try again in a minute.")))


class DatabaseFull(DatabaseUnavailable):
    """The disk under the database is nearly full: reading goes on, and nothing was written."""

    code = "database-full"

    def __init__(self) -> None:
        text = N_("The site's disk is nearly full, so nothing can be changed for now. Reading goes on.")
        DomainError.__init__(self, Message(text))


class NoChangeStreams(DomainError):
    """The database keeps no order of its writes that could be followed."""

    code = "no-change-streams"
    status = 501

    def __init__(self) -> None:
        super().__init__(Message(N_("Changes can't be followed: the site's database is no replica set.")))


class PlaceLost(Exception):
    """A place in the order of changes is unknown, or older than what the database still knows."""


class LoginRefused(DomainError):
    """Unknown name or wrong password: which of the two is nobody's business."""

    code = "login-refused"
    status = 401

    def __init__(self) -> None:
        super().__init__(Message(N_("This name and password do not fit together.")))


class TooManyAttempts(DomainError):
    """``retry_after`` is in seconds."""

    code = "too-many-attempts"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            Message(
                N_("Too many attempts. Please try again in %(minutes)s minutes."),
                {"minutes": -(-retry_after // 60)},
            )
        )
        self.retry_after = retry_after


class LinkRefused(DomainError):
    """A mailed link that does not hold (any more); the message says why."""

    code = "link-refused"
    status = 410


class UsernameTaken(Conflict):
    code = "username-taken"

    def __init__(self, username: str) -> None:
        super().__init__(Message(N_("The username “%(name)s” is taken."), {"name": username}))
        self.username = username


class AddressTaken(Conflict):
    """Never shown to a visitor: it would tell that the address has an account."""

    code = "address-taken"

    def __init__(self) -> None:
        super().__init__(Message(N_("This e-mail address already has an account.")))


class CategoryTaken(Conflict):
    code = "category-taken"

    def __init__(self, name: str, slug: str) -> None:
        super().__init__(Message(N_("There is already a category “%(name)s”."), {"name": name}))
        self.slug = slug


class CategoryConflict(Conflict):
    """The category moved on since it was read."""

    code = "category-conflict"

    def __init__(self) -> None:
        super().__init__(Message(N_("Somebody else changed this category in the meantime.")))
