"""The JSON body of a request, read strictly, for the API and the calls of pages."""

from flask import request

from app.domain.errors import DomainError
from app.domain.messages import N_, Message
from app.utils import json_in

JSON = "application/json"


class WrongMediaType(DomainError):
    """The body is of a type that the address does not take."""

    code = "unsupported-media-type"
    status = 415

    def __init__(self, expected: tuple[str, ...]) -> None:
        super().__init__(
            Message(
                N_("A body of one of these types was expected: %(types)s."), {"types": ", ".join(expected)}
            )
        )


def require_type(*types: str) -> None:
    """Raise WrongMediaType if the body says to be of another type than these."""
    if request.mimetype and request.mimetype not in types:
        raise WrongMediaType(types)


def read(*types: str) -> object:
    """Return the JSON value of the body; raise WrongMediaType, BadJson, InvalidInput, or what becomes 413.

    A body without a type counts as ``application/json``.
    """
    require_type(*(types or (JSON,)))
    return json_in.loads(request.get_data())


def read_object() -> dict[str, object]:
    """Return the body, which must be an object."""
    body = read()
    if not isinstance(body, dict):
        raise json_in.BadJson(json_in.NO_OBJECT)
    return body
