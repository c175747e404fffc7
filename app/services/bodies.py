"""Reading JSON objects member by member, with every refusal gathered under its path."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from app.domain.errors import FieldError, InvalidInput, ValueRefused
from app.domain.messages import N_, Message
from app.kinds.checks import clean_line, refuse_blank

T = TypeVar("T")

MAX_COMMENT = 300
_SHOWN_NAME = 80
_REQUIRED = Message(N_("This is required."))


class Body:
    """One JSON object in the reading.

    ``known`` members may be taken; ``ignored`` ones are passed over, since a client that sends back
    what it got includes them; any other is an error. Call :meth:`finish` last.
    """

    def __init__(self, raw: object, known: Collection[str], ignored: Collection[str] = ()) -> None:
        # A dict first: to ask an abstract class takes ten times as long, and an entry has dozens of bodies.
        if not isinstance(raw, dict | Mapping):
            raise InvalidInput([FieldError("", Message(N_("An object was expected.")))])
        self.raw = raw
        self.errors: list[FieldError] = [
            FieldError(shown_name(name), Message(N_("There is no such member.")))
            for name in raw
            if name not in known and name not in ignored
        ]

    def take(self, name: str, read: Callable[[object], T], default: T) -> T:
        """Return the member as ``read`` understands it; ``default`` if it is absent, null or refused."""
        raw = self.raw.get(name)
        if raw is None:
            return default
        return self._read(name, raw, read, default)

    def require(self, name: str, read: Callable[[object], T], default: T) -> T:
        """Return the member as ``read`` understands it; absent or null is an error too."""
        raw = self.raw.get(name)
        if raw is None:
            self.refuse(name, _REQUIRED)
            return default
        return self._read(name, raw, read, default)

    def refuse(self, path: str, message: Message) -> None:
        """Add an error."""
        self.errors.append(FieldError(path, message))

    def finish(self) -> None:
        """Raise InvalidInput if anything was refused."""
        if self.errors:
            raise InvalidInput(self.errors)

    def _read(self, name: str, raw: object, read: Callable[[object], T], default: T) -> T:
        try:
            return read(raw)
        except ValueRefused as error:
            self.errors.append(FieldError(error.path, error.message).under(name))
        except InvalidInput as error:
            self.errors.extend(found.under(name) for found in error.errors)
        return default


def read_list(raw: object, limit: int, read: Callable[[object], T]) -> tuple[T, ...]:
    """Return the elements of a JSON array of at most ``limit``; raise InvalidInput with their indices."""
    if not isinstance(raw, Sequence) or isinstance(raw, str | bytes):
        raise ValueRefused(Message(N_("A list was expected.")))
    if len(raw) > limit:
        raise ValueRefused(Message(N_("At most %(count)s elements were expected."), {"count": limit}))
    elements = {str(index): element for index, element in enumerate(raw)}
    body = Body(elements, elements)
    found: list[T] = []
    for index in elements:
        body.require(index, lambda element: found.append(read(element)), None)
    body.finish()
    return tuple(found)


def line(limit: int) -> Callable[[object], str]:
    """Return a reader of single lines, which may be empty."""
    return lambda raw: clean_line(raw, limit)


def visible_line(limit: int) -> Callable[[object], str]:
    """Return a reader of single lines that show something."""
    return lambda raw: refuse_blank(clean_line(raw, limit))


def clean_comment(comment: object) -> str:
    """Return an edit summary; raise InvalidInput with the path "comment"."""
    try:
        return clean_line(comment, MAX_COMMENT)
    except ValueRefused as error:
        raise InvalidInput([FieldError("comment", error.message)]) from error


def shown_name(name: object) -> str:
    """Return a member's name as an error may repeat it: short, and printable whatever was sent."""
    text = str(name)[:_SHOWN_NAME]
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
