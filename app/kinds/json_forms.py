"""Reading JSON objects strictly: the members of the contract, and no others."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds.numerals import quoted


def members(
    raw: object, example: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, object]:
    """Return ``raw`` if it is an object of these members; raise ValueRefused at the member that is wrong."""
    if not isinstance(raw, dict):
        raise ValueRefused(Message(N_("Expected an object such as %(example)s."), {"example": example}))
    for name in required:
        if name not in raw:
            raise ValueRefused(Message(N_("Expected a member “%(name)s”."), {"name": name}), name)
    for name in raw:
        if name not in required and name not in optional:
            shown = quoted(str(name))
            raise ValueRefused(Message(N_("Unknown member “%(name)s”."), {"name": shown}), shown)
    return raw


@contextmanager
def within(name: str) -> Iterator[None]:
    """Let a refusal of the member ``name`` carry its name as the path."""
    try:
        yield
    except ValueRefused as refused:
        raise ValueRefused(refused.message, name) from refused
