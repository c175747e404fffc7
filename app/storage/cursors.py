"""Opaque cursors: where a page ended, as text that fits a URL.

A cursor names the listing it belongs to and the sort values of the last row (keyset paging), so that
rows that come or go elsewhere never shift a page. Cursors are not secret and not trusted: whatever
does not read back as values of the expected types is refused.
"""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from app.domain.errors import BadQuery, FieldError
from app.domain.messages import N_, Message
from app.utils.bson_json import bson_obj_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Years 1 to 9999, in milliseconds of the Unix epoch.
_LEAST_MS, _MOST_MS = -62_135_596_800_000, 253_402_300_799_999
_MOST_CHARACTERS = 4_000

Value = str | int | datetime | ObjectId


def encode(listing: str, values: Sequence[Value]) -> str:
    """Return the cursor that :func:`decode` reads back under the same ``listing``."""
    raw = json.dumps([listing, *map(_plain, values)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode(listing: str, types: Sequence[type[Value]], cursor: str) -> list[Value]:
    """Return the values of ``cursor``; raise BadQuery with the path "cursor" if it is not ours."""
    name, *values = _read(cursor)
    if name != listing or len(values) != len(types):
        raise refused()
    return [_typed(raw, wanted) for raw, wanted in zip(values, types, strict=True)]


def listing_of(cursor: str) -> str:
    """Return the listing that ``cursor`` belongs to; raise BadQuery if it is not ours."""
    return str(_read(cursor)[0])


def _read(cursor: str) -> list[object]:
    if len(cursor) > _MOST_CHARACTERS:
        raise refused()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise refused() from error
    if not isinstance(found, list) or not found:
        raise refused()
    return found


def refused() -> BadQuery:
    """Return the error for a cursor that cannot be used."""
    message = Message(N_("This is not a cursor of this list; start again from the first page."))
    return BadQuery([FieldError("cursor", message)])


def _plain(value: Value) -> str | int:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(milliseconds=1)
    return str(value) if isinstance(value, ObjectId) else value


def _typed(raw: object, wanted: type[Value]) -> Value:
    if wanted is ObjectId and isinstance(raw, str) and (found := bson_obj_id(raw)):
        return found
    if wanted is str and isinstance(raw, str):
        return _checked(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and _LEAST_MS <= raw <= _MOST_MS:
        if wanted is int:
            return raw
        if wanted is datetime:
            return _EPOCH + timedelta(milliseconds=raw)
    raise refused()


def _checked(raw: str) -> str:
    try:
        raw.encode()
    except UnicodeEncodeError as error:
        raise refused() from error
    return raw
