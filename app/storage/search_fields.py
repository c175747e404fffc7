"""What is computed from an item so that the database can find, rank, filter and sort it by an index.

Everything here is derived: it can be rebuilt from the item at any time, and is never read back.
Each list is bounded, so that one entry with thousands of aliases cannot swell the indexes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from operator import is_
from typing import Any

from app.domain.items import Item, State
from app.domain.names import base_title, fold
from app.kinds import registry
from app.kinds.base import RenderContext, SortKeys
from app.kinds.reference import Reference

# How a name is met by what is typed. The tier is the first character of a gram.
TITLE_PREFIX, WORD_PREFIX, INSIDE = "1", "2", "3"
TIERS = (TITLE_PREFIX, WORD_PREFIX, INSIDE)

# Few names share more than that; what is typed beyond is compared with the names themselves. The
# grams are the largest index by far, so each character here is paid for a million times.
GRAM_LENGTHS = {TITLE_PREFIX: 10, WORD_PREFIX: 8, INSIDE: 2}
_MOST_GRAMS = 300
_MOST_NAMES = 200
_MOST_WORDS = 400
_LONGEST_WORD = 40
_MOST_REFERENCES = 500
_MOST_MEMBERS = 500
# A word that also stands in a name is kept a second time with this mark.
NAME_WORD = "="

_WORD = re.compile(r"[^\W_]+(?:[+#]+|(?=\W|_|$))|[^\W_]+|[+#]+")
# Scripts written without spaces: Thai, Lao, Burmese, Khmer, kana and Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_PLAIN = RenderContext()


def search_fields(item: Item) -> dict[str, Any]:
    """Return the search fields of an item that exists; a tombstone has none."""
    if item.deleted:
        return {}
    return {**_of_names(item), "words": words(item), **_of_attributes(item)}


def changed_search_fields(old: Item, new: Item) -> dict[str, Any]:
    """Return the search fields of ``new`` that may differ from those of ``old``; both exist."""
    renamed = _named(old) != _named(new)
    revalued = not has_same_attributes(old, new)
    found = _of_names(new) if renamed else {}
    if renamed or revalued or old.summary != new.summary:
        found["words"] = words(new)
    return found | _of_attributes(new) if revalued else found


def has_same_attributes(old: Item, new: Item) -> bool:
    """Say whether the attributes of ``new`` were taken over from ``old`` as they are.

    Equal ones are not enough: 5.0 kg equals 5 kg and is written otherwise.
    """
    before, after = old.attributes, new.attributes
    return len(before) == len(after) and all(map(is_, before, after))


def _named(item: Item) -> tuple[object, ...]:
    return item.title, item.slug, item.aliases


def _of_names(item: Item) -> dict[str, Any]:
    return {"names": names(item), "grams": grams(item)}


def _of_attributes(item: Item) -> dict[str, Any]:
    keys_of = sort_keys(item)
    return {"x": _sort_values(item.id, keys_of), "m": list_members(keys_of), "refs": references(item)}


def names(item: Item) -> list[str]:
    """Return what a query may call the item, folded: title, aliases, slug, base title."""
    spellings = (item.title, base_title(item.title), item.slug, *item.aliases)
    return _bounded((fold(spelling) for spelling in spellings), _MOST_NAMES)


def grams(item: Item) -> list[str]:
    """Return tier and prefix for everything that, as it is typed, should suggest the item."""
    title, aliases = fold(item.title), [fold(alias) for alias in item.aliases]
    found = _grams_in_order_of_worth(title, aliases)
    return _bounded(found, _MOST_GRAMS)


def _grams_in_order_of_worth(title: str, aliases: list[str]) -> Iterator[str]:
    yield from _prefixes(TITLE_PREFIX, title)
    for tail in _later_tails(title):
        yield from _prefixes(WORD_PREFIX, tail)
    for alias in aliases:
        yield from _prefixes(WORD_PREFIX, alias)
    for name in (title, *aliases):
        yield from (INSIDE + pair for pair in unspaced_pairs(name))
    for alias in aliases:
        for tail in _later_tails(alias):
            yield from _prefixes(WORD_PREFIX, tail)


def _prefixes(tier: str, text: str) -> Iterator[str]:
    return (tier + text[:length] for length in range(1, min(len(text), GRAM_LENGTHS[tier]) + 1))


def gram(tier: str, typed: str) -> str:
    """Return the gram that the items of a tier have if a name goes on from folded ``typed``."""
    return tier + typed[: GRAM_LENGTHS[tier]]


def _later_tails(name: str) -> Iterator[str]:
    """Yield the rest of the name from each word on, but for the first."""
    starts = [match.start() for match in _WORD.finditer(name)]
    return (name[start:] for start in starts if start > 0)


def words(item: Item) -> list[str]:
    """Return the words of names (marked, and plain), of the summary, and of texts, lists and notes.

    Not of the attributes' names: most entries of a category share them, so they would find nothing.
    """
    in_names = [word for name in (item.title, *item.aliases) for word in words_of(name)]
    elsewhere = (word for text in _texts(item) for word in words_of(text))
    return _bounded((*(NAME_WORD + word for word in in_names), *in_names, *elsewhere), _MOST_WORDS)


def _texts(item: Item) -> Iterator[str]:
    yield item.summary
    for attribute in item.attributes:
        yield attribute.note
        if attribute.state is State.VALUE and attribute.kind in ("text", "list", "reference"):
            yield registry.get(attribute.kind).text(attribute.value, _PLAIN)


def words_of(text: str) -> list[str]:
    """Return the folded words of ``text``; runs of unspaced scripts as their overlapping pairs."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        found.extend(_parts(word[:_LONGEST_WORD]))
    return found


def _parts(word: str) -> Iterator[str]:
    position = 0
    for run in _UNSPACED_RUN.finditer(word):
        if run.start() > position:
            yield word[position : run.start()]
        yield from _pairs(run.group())
        position = run.end()
    if position < len(word):
        yield word[position:]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def unspaced_pairs(text: str) -> list[str]:
    """Return the overlapping pairs of characters of every run of an unspaced script in folded ``text``."""
    return [pair for run in _UNSPACED_RUN.findall(text) for pair in _pairs(run)]


def _sort_values(item_id: str, keys_of: Mapping[str, SortKeys]) -> dict[str, str]:
    """Return sort key + NUL + id by attribute: unique, so the order is total and a value is a cursor."""
    found: dict[str, str] = {}
    for key, keys in keys_of.items():
        found[key] = f"{keys.low}\x00{item_id}"
        if keys.high and keys.high != keys.low:
            found[key + UPPER] = f"{keys.high}\x00{item_id}"
    return found


def sort_keys(item: Item) -> dict[str, SortKeys]:
    """Return the sort keys of every attribute that has a value, by its key."""
    found: dict[str, SortKeys] = {}
    for attribute in item.attributes:
        if attribute.state is State.VALUE:
            check_key(attribute.key)
            found[attribute.key] = registry.get(attribute.kind).sort_keys(attribute.value)
    return found


# A slug has no plus sign, so no attribute's key ends in this.
UPPER = "+high"


def check_key(key: str) -> None:
    """Raise ValueError for a key that could mean something to the database."""
    if not key or any(sign in key for sign in ".$\x00+"):
        raise ValueError(key)


def list_members(keys_of: Mapping[str, SortKeys]) -> list[str]:
    """Return the entries of ``m`` for the elements of all lists."""
    members = (member_key(key, member) for key, keys in keys_of.items() for member in keys.members)
    return _bounded(members, _MOST_MEMBERS)


def member_key(key: str, member: str) -> str:
    """Return the entry of ``m`` for one element of a list."""
    return f"{key}={member}"


def references(item: Item) -> list[str]:
    """Return the slugs that the item's attributes point at."""
    values = (attribute.value for attribute in item.attributes)
    return _bounded((value.slug for value in values if isinstance(value, Reference)), _MOST_REFERENCES)


def known_points(item: Item) -> int:
    """Return what the item's facts add to its score.

    In steps of a fourth of a doubling, so that most edits leave the score, and with it the indexes
    that are sorted by it, as they are.
    """
    known = sum(1 for attribute in item.attributes if attribute.state is State.VALUE)
    return points(known)


def points(count: int) -> int:
    """Return about four times the binary logarithm of ``count + 1``."""
    whole = (count + 1).bit_length() - 1
    fourths = ((count + 1) * 4 >> whole) - 4
    return 4 * whole + fourths


def _bounded(found: Iterable[str], most: int) -> list[str]:
    return list(islice(dict.fromkeys(text for text in found if text), most))
