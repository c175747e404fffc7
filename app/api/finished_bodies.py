"""Bodies of entries that were asked for lately, valid while the entry is at the same revision.

Decoding a large entry and writing it as JSON costs several times as much as asking for its revision.
An entry that is not known costs nothing more than without this memory.
"""

from dataclasses import dataclass

import orjson
from flask import current_app

from app.api.representations import item_body
from app.domain.items import Item
from app.extensions import stores
from app.utils.lru import BoundedCache

_KEY = "pkyx.api.bodies"
# Entries of 40 attributes have about 8 KB each.
_KEPT = 2048
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class FinishedBody:
    """The JSON of an entry at a revision."""

    item_id: str
    slug: str
    revision: int
    body: bytes


def find(id_or_slug: str) -> FinishedBody | None:
    """Return the body of the entry's present revision, or None where it has to be made."""
    known = _cache().get(id_or_slug)
    if known is None:
        return None
    present = stores().items.present_revision(known.item_id)
    return known if present == (known.slug, known.revision) else None


def keep(id_or_slug: str, item: Item) -> FinishedBody:
    """Make the body of an entry, remember it under the name it was asked by, and return it."""
    made = FinishedBody(item.id, item.slug, item.revision, orjson.dumps(item_body(item)))
    if len(made.body) <= _LONGEST:
        _cache().put(id_or_slug, made)
    return made


def _cache() -> BoundedCache[str, FinishedBody]:
    cache: BoundedCache[str, FinishedBody] = current_app.extensions.setdefault(_KEY, BoundedCache(_KEPT))
    return cache
