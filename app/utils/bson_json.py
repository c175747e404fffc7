"""What the database hands over as plain JSON, for values that no kind knows; the API has its own forms."""

from datetime import UTC, datetime

import orjson
from bson import Code, DBRef, Decimal128, MaxKey, MinKey, ObjectId, Regex, Timestamp

_WRITTEN_AS_TEXT = (ObjectId, Decimal128, Regex, Timestamp, DBRef, MinKey, MaxKey, Code)


def bson_to_json(document: object) -> str:
    """Return ``document`` as JSON text: ids as hexadecimal digits, times in RFC 3339, decimals as text.

    Unlike MongoDB's extended JSON there are no ``$`` keys, and nothing is read back. Types that pkyx never
    stores are text as Python writes them. Raises TypeError for what no database hands over.
    """
    return orjson.dumps(document, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def bson_obj_id(text: str) -> ObjectId | None:
    """Return the id of 24 hexadecimal digits, or None for any other text."""
    return ObjectId(text) if ObjectId.is_valid(text) else None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, _WRITTEN_AS_TEXT):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")
