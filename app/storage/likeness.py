"""How like two entries are: by what they share that few others do.

A trait is one text, truth, reference or element of a list, with its key. Numbers and dates are left out:
they are seldom equal, and what is near depends on what they measure.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from math import log

from app.domain.items import Item
from app.storage.documents import Document
from app.storage.search_fields import list_members, sort_keys

_TELLING = frozenset(("text", "boolean", "reference"))
_MOST_KEYS = 100
# One odd thing in common is not to outweigh all that is shared with a few.
_DAMPING = 3
_SPREAD = 0.3


class Traits:
    """The traits of one entry, and how others compare by them."""

    def __init__(self, item: Item) -> None:
        keys_of = sort_keys(item)
        telling = (each.key for each in item.attributes if each.kind in _TELLING and each.key in keys_of)
        self._low = {key: keys_of[key].low for key in islice(telling, _MOST_KEYS)}
        self._members = frozenset(list_members(keys_of))

    def projection(self) -> dict[str, bool]:
        """Return the fields of a document that :meth:`ranked` looks at."""
        return {"slug": True, "m": True} | {f"x.{key}": True for key in self._low}

    def ranked(self, rows: Sequence[Document], near: Iterable[str]) -> list[Document]:
        """Return the rows, the likest first; where two are alike the order of ``rows`` stays.

        The slugs ``near`` count as if they shared a trait with this entry alone.
        """
        shared = [self._shared(row) for row in rows]
        frequency = Counter(trait for traits in shared for trait in traits)
        rarest, close = log(len(rows) + _DAMPING), frozenset(near)
        worth = [
            sum(share * (rarest - log(frequency[trait] + _DAMPING)) for trait, share in traits.items())
            + rarest * (row["slug"] in close)
            for row, traits in zip(rows, shared, strict=True)
        ]
        order = sorted(range(len(rows)), key=lambda index: -worth[index])
        return [rows[index] for index in order]

    def _shared(self, row: Document) -> dict[str, float]:
        """Return the common traits and what each is worth: one of nine elements less than the only one."""
        members = row.get("m", ())
        common = self._members.intersection(members)
        lengths = Counter(member.partition("=")[0] for member in members) if common else {}
        found = {member: lengths[member.partition("=")[0]] ** -_SPREAD for member in common}
        # A value in the index is its sort key, NUL and the entry's id.
        values = row.get("x", {}).items()
        return found | {key: 1.0 for key, value in values if value.partition("\x00")[0] == self._low[key]}
