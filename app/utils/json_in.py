"""Reading JSON that a client sent, strictly: RFC 8259 with the limits of the public contract."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import cast

from app.domain.errors import DomainError, FieldError, InvalidInput
from app.domain.messages import N_, Message

MAX_DEPTH = 32
MAX_DIGITS = 34
MAX_EXPONENT = 6000
# Of these no more than this many digits are significant, whatever they are.
_SURELY_FINE = 18
_SHOWN_PATH = 200
NO_OBJECT = Message(N_("The body is not a JSON object."))


class BadJson(DomainError):
    """The body is not JSON, or not JSON that everybody reads alike."""

    code = "bad-json"
    status = 400


class _OutOfRange:
    """Stands for a number that is refused, until its path is known."""


def loads(data: bytes) -> object:
    """Return the value of a JSON text: fractions as Decimal, whole numbers as int (or Decimal, if long).

    Raises BadJson for what is no JSON in UTF-8, repeats a key of an object, holds NaN or Infinity, or is
    nested deeper than MAX_DEPTH; InvalidInput, with the path, for numbers beyond MAX_DIGITS significant
    digits or MAX_EXPONENT, and for lone surrogates.
    """
    try:
        value: object = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_decimal,
            parse_int=_integer,
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadJson(Message(N_("The body is not JSON in UTF-8."))) from error
    except RecursionError as error:
        raise _too_deep() from error
    # Text that came as UTF-8 has no lone surrogates but those that are spelled out.
    if b"\\u" in data or not _is_sound(value):
        errors = list(_errors(value))
        if errors:
            raise InvalidInput(errors)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson(Message(N_("An object of the body has the same key twice.")))
    return found


def _refuse_constant(name: str) -> object:
    raise BadJson(Message(N_("NaN and Infinity are not JSON.")))


def _integer(text: str) -> object:
    return int(text) if len(text) <= _SURELY_FINE else _decimal(text)


def _decimal(text: str) -> object:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _OutOfRange()
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        return _OutOfRange()
    mantissa = text.lower().partition("e")[0]
    digits = mantissa.replace(".", "").lstrip("-0").rstrip("0")
    return number if len(digits) <= MAX_DIGITS else _OutOfRange()


_TELLING = frozenset({dict, list, _OutOfRange})


def _is_sound(value: object) -> bool:
    """Say, cheaply, whether all numbers are in range and nothing is nested too deeply."""
    level: Iterable[object] = (value,)
    for _ in range(MAX_DEPTH + 1):
        # What stands in the objects and lists of this level, and means anything here.
        inner = [found for found in level if type(found) in _TELLING]
        if not inner:
            return True
        if _OutOfRange in map(type, inner):
            return False
        level = chain.from_iterable(
            found.values() if isinstance(found, dict) else cast("list[object]", found) for found in inner
        )
    return False


def _errors(value: object) -> Iterator[FieldError]:
    """Walk without recursion: the depth is the client's choice."""
    pending: list[tuple[object, str, int]] = [(value, "", 1)]
    while pending:
        found, path, depth = pending.pop()
        if isinstance(found, dict | list):
            if depth > MAX_DEPTH:
                raise _too_deep()
            pairs = found.items() if isinstance(found, dict) else enumerate(found)
            pending.extend((child, _under(path, name), depth + 1) for name, child in pairs)
            if isinstance(found, dict) and any(map(_has_surrogate, found)):
                yield FieldError(path, Message(N_("A member's name is not valid Unicode.")))
        elif isinstance(found, _OutOfRange):
            yield FieldError(path, _OUT_OF_RANGE)
        elif isinstance(found, str) and _has_surrogate(found):
            yield FieldError(path, Message(N_("This text is not valid Unicode.")))


_OUT_OF_RANGE = Message(
    N_("Numbers have at most %(digits)s significant digits and an exponent within ±%(exponent)s."),
    {"digits": MAX_DIGITS, "exponent": MAX_EXPONENT},
)


def _under(path: str, name: object) -> str:
    shown = str(name).encode("utf-8", "replace").decode()
    return (f"{path}.{shown}" if path else shown)[:_SHOWN_PATH]


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def _too_deep() -> BadJson:
    return BadJson(
        Message(N_("The body is nested too deeply; at most %(depth)s levels."), {"depth": MAX_DEPTH})
    )
