"""Free text such as "Python pk C++ vs Rust" understood as the entries that it names."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.items import ItemHead
from app.domain.names import fold, slugify, title_key
from app.services.comparisons import MOST
from app.storage.stores import Stores

LONGEST = 2000
# Names with a separator inside ("Alien vs Predator") are tried up to so many parts long.
_LONGEST_JOIN = 4
# Of more parts than these nothing can be compared; they are not looked up.
_MOST_PARTS = 24
_NEAREST = 3

_CJK = r"[\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
# Latin words separate between spaces or beside CJK; the Chinese ones need no space around them.
_WORDS = rf"(?:(?<=\s)|(?<={_CJK})|^)(?:pk|versus|vs\.?|/)(?=\s|{_CJK}|$)|对比|對比|比较|比較"
_SEPARATOR = re.compile(_WORDS, re.IGNORECASE)
# What lists things, and stands in many a name: it separates only where that leaves no name unknown.
_LISTING = re.compile(
    rf"{_WORDS}|(?<=\s)(?:and|or|v\.?|with|to|&)(?=\s)|还是|還是|[,;|、和与與跟及]", re.IGNORECASE
)
# What people write around the names, and no name begins or ends with as long as the rest are names.
_ASKING = re.compile(
    r"^\s*(?:compare|(?:what(?:'s|’s| is) )?the difference between|difference between)\s"
    r"|(?:的?(?:区别|區別|差别|不同)|哪个(?:更|比较)?好)?[?!.。\s]*$"
    r"|[\"“”„«»「」『』《》]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One name of a query and the entries it may mean, the likeliest first.

    ``entry`` is the one meant where that is clear; ``nearest`` are names like it where there is none.
    """

    text: str
    candidates: tuple[ItemHead, ...] = ()
    entry: ItemHead | None = None
    nearest: tuple[ItemHead, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Say whether nothing has that name."""
        return not self.candidates

    @property
    def is_ambiguous(self) -> bool:
        """Say whether the reader has to choose."""
        return self.entry is None and bool(self.candidates)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a query means.

    ``parts`` are at most :data:`MOST` different ones; ``repeated`` are names of entries named twice;
    ``surplus`` are the names beyond the most that a comparison takes.
    """

    parts: tuple[Part, ...] = ()
    repeated: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    too_long: bool = False

    @property
    def slugs(self) -> tuple[str, ...]:
        """The slugs of the entries that are clear."""
        return tuple(part.entry.slug for part in self.parts if part.entry)

    @property
    def is_comparison(self) -> bool:
        """Say whether it names two or more entries and leaves no question."""
        return len(self.parts) > 1 and not self.surplus and all(part.entry for part in self.parts)


def resolve(stores: Stores, text: str) -> Resolution:
    """Understand free text. One query looks up all names; one more for each that is unknown.

    Names are separated by pk, vs, versus, /, 对比 or 比较, in any case and width. A name that contains
    one itself is found too, but two known names win over one of both. Where a name stays unknown, a comma,
    "and" or 和 separates too, and "compare" or quotes around names are passed over, if all names are
    known then.
    """
    if len(text) > LONGEST:
        return Resolution(too_long=True)
    names, found = _named(stores, text, _SEPARATOR)
    if not all(map(found.get, names)):
        listed, known = _named(stores, _ASKING.sub(" ", unicodedata.normalize("NFKC", text)), _LISTING)
        if len(listed) > 1 and all(map(known.get, listed)):
            names, found = listed, known
    return _resolution(stores, names, found)


def _named(
    stores: Stores, text: str, separator: re.Pattern[str]
) -> tuple[list[str], Mapping[str, Sequence[ItemHead]]]:
    texts, spans = _split(text, separator)
    found = stores.items.find_named(list(dict.fromkeys(filter(None, spans.values()))))
    return _segment(len(texts), spans, found), found


def resolve_names(stores: Stores, names: Sequence[str]) -> Resolution:
    """Understand names that came one by one, as from the fields of a form; none of them is split."""
    cleaned = [_clean(name) for name in names[:_MOST_PARTS]]
    if any(len(name) > LONGEST for name in cleaned):
        return Resolution(too_long=True)
    wanted = [name for name in cleaned if name]
    return _resolution(stores, wanted, stores.items.find_named(wanted))


def names_several(text: str) -> bool:
    """Say whether free text looks like a comparison, without looking anything up."""
    return len(text) <= LONGEST and len(list(filter(None, _split(text, _SEPARATOR)[0]))) > 1


def _clean(text: str) -> str:
    kept = "".join(char if unicodedata.category(char) != "Cc" else " " for char in text)
    return " ".join(kept.split())


def _split(text: str, separator: re.Pattern[str]) -> tuple[list[str], dict[tuple[int, int], str]]:
    """Return the texts between separators, and the name of every run of them from i to j."""
    clean = _clean(unicodedata.normalize("NFKC", text))
    edges = [(match.start(), match.end()) for match in separator.finditer(clean)][: _MOST_PARTS - 1]
    starts = [0, *(end for _, end in edges)]
    ends = [*(start for start, _ in edges), len(clean)]
    spans = {
        (i, j): clean[starts[i] : ends[j]].strip()
        for i in range(len(starts))
        for j in range(i, min(i + _LONGEST_JOIN, len(starts)))
    }
    return [spans[i, i] for i in range(len(starts))], spans


def _segment(
    count: int, spans: Mapping[tuple[int, int], str], found: Mapping[str, Sequence[ItemHead]]
) -> list[str]:
    """Return the names of the best division: the fewest unknown, the least dropped, the fewest joins.

    Only names that exist are joined of several parts.
    """
    best: list[tuple[tuple[int, int, int], list[str]]] = [((0, 0, 0), [])]
    for end in range(count):
        options = []
        for start in range(max(0, end - _LONGEST_JOIN + 1), end + 1):
            (unknown, dropped, joins), names = best[start]
            name = spans[start, end]
            is_unknown = bool(name) and not found.get(name)
            if is_unknown and start != end:
                continue
            unknown += is_unknown
            cost = (unknown, dropped + (not name), joins + end - start)
            options.append((cost, [*names, name] if name else names))
        best.append(min(options, key=lambda option: option[0]))
    return best[-1][1]


def _resolution(stores: Stores, names: Sequence[str], found: Mapping[str, Sequence[ItemHead]]) -> Resolution:
    parts: dict[str, Part] = {}
    repeated: list[str] = []
    for name in names:
        part = _part(name, found.get(name, ()))
        identity = part.entry.id if part.entry else fold(name)
        if identity in parts:
            repeated.append(part.entry.title if part.entry else name)
        else:
            parts[identity] = part
    kept = list(parts.values())[:MOST]
    surplus = tuple(part.text for part in list(parts.values())[MOST:])
    return Resolution(
        tuple(_with_nearest(stores, part) for part in _by_company(kept)), tuple(repeated), surplus
    )


def _part(name: str, candidates: Sequence[ItemHead]) -> Part:
    return Part(name, tuple(candidates), _meant(name, candidates))


def _meant(name: str, candidates: Sequence[ItemHead]) -> ItemHead | None:
    """Return the entry of exactly that title or slug, else the only one, else None."""
    if len(candidates) == 1:
        return candidates[0]
    key, slug = title_key(name), slugify(name)
    by_title = (head for head in candidates if title_key(head.title) == key)
    by_slug = (head for head in candidates if head.slug == slug == key)
    return next(by_title, None) or next(by_slug, None)


def _by_company(parts: Sequence[Part]) -> list[Part]:
    """Put candidates first that are of the same category as the clear ones."""
    company = {part.entry.category for part in parts if part.entry}
    return [
        part
        if part.entry
        else Part(part.text, tuple(sorted(part.candidates, key=lambda head: head.category not in company)))
        for part in parts
    ]


def _with_nearest(stores: Stores, part: Part) -> Part:
    if not part.is_unknown:
        return part
    return Part(part.text, nearest=tuple(stores.items.nearest(part.text, _NEAREST)))
