"""Finding items by what people call them: exact names, suggestions, search, near misses."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from bson import ObjectId

from app.domain.items import ItemHead, Page
from app.domain.names import fold, slugify, title_key
from app.storage import cursors
from app.storage.base import BY_SCORE, ItemCollections, Query
from app.storage.documents import HEAD_PROJECTION, Document, head_from
from app.storage.errors import database_errors
from app.storage.search_fields import (
    GRAM_LENGTHS,
    INSIDE,
    NAME_WORD,
    TIERS,
    TITLE_PREFIX,
    WORD_PREFIX,
    gram,
    unspaced_pairs,
    words_of,
)

MOST_SUGGESTIONS = 10
# Longer texts name nothing; they would only cost.
_LONGEST_TEXT = 200
# So many items may share names before each name is asked for on its own.
_MOST_NAMED = 1000
_MOST_PER_NAME = 50
_CANDIDATES = 100
# As many characters seldom begin more names than are suggested, so that one question does for two.
_FEW_FROM = 4
# The database merges at most 200 ranges of an index in the order of another field.
_GRAMS_AT_ONCE = 180
_LIKENESS = 0.6
# Many Chinese names have two characters, of which one may be wrong.
_LIKENESS_UNSPACED = 0.5
_MOST_WORDS = 20

# Without paths into documents, which the database follows at twice the cost.
_SUGGESTED = dict.fromkeys(("slug", "title", "category"), True)
_WITH_NAMES = {**HEAD_PROJECTION, "names": True, "score": True}
_SUGGESTED_BY_NAME = {**_SUGGESTED, "names": True, "score": True}


class ItemNames(ItemCollections):
    """The verbs that take what a person typed."""

    @database_errors()
    def find_named(self, texts: Iterable[str]) -> dict[str, list[ItemHead]]:
        """Return for each text the existing items it may mean, the likeliest first, in one query.

        An exact title comes before aliases and slugs, these before titles that differ by a distinction
        in brackets; among equals the better known first. A text that names nothing has an empty list.
        """
        folded = {text: fold(text[:_LONGEST_TEXT]) for text in texts}
        wanted = sorted({name for name in folded.values() if name})
        found = self._named(wanted)
        return {text: _meant(name, found) for text, name in folded.items()}

    def _named(self, wanted: Sequence[str]) -> list[Document]:
        if not wanted:
            return []
        query = self._items.find({"names": {"$in": wanted}}, _WITH_NAMES)
        found = list(query.limit(_MOST_NAMED))
        if len(found) < _MOST_NAMED:
            return found
        return [row for name in wanted for row in self._best_named(name)]

    def _best_named(self, name: str) -> list[Document]:
        exact = self._items.find({"title_key": title_key(name)}, _WITH_NAMES)
        others = self._items.find({"names": name}, _WITH_NAMES).sort(BY_SCORE).limit(_MOST_PER_NAME)
        return [*exact, *others]

    @database_errors()
    def suggest(self, text: str, limit: int = MOST_SUGGESTIONS, category: str = "") -> list[ItemHead]:
        """Return at most 10 existing items whose names go on from ``text``, as one types.

        Titles that begin with it come first, then aliases and later words of names, then names that
        contain it in a script without spaces; the better known first within each. The heads have
        slug, title and category alone.
        """
        typed = fold(text[:_LONGEST_TEXT])
        most = min(limit, MOST_SUGGESTIONS)
        few = self._few(typed, category, most)
        found: dict[ObjectId, Document] = {row["_id"]: row for row in few or ()}
        for tier in _tiers_after(few, typed):
            if len(found) >= most:
                break
            for row in self._in_tier(tier, typed, category, most):
                found.setdefault(row["_id"], row)
        return [head_from(row) for row in list(found.values())[:most]]

    def _few(self, typed: str, category: str, most: int) -> list[Document] | None:
        """Return the rows of both tiers of prefixes by one query; None where that may be too many."""
        if not _FEW_FROM <= len(typed) <= GRAM_LENGTHS[WORD_PREFIX]:
            return None
        grams = {"$in": [gram(tier, typed) for tier in (TITLE_PREFIX, WORD_PREFIX)]}
        query: Query = {"grams": grams, "category": category} if category else {"grams": grams}
        rows = list(self._items.find(query, _SUGGESTED).sort(BY_SCORE).limit(most + 1))
        if len(rows) > most:
            return None
        return sorted(rows, key=lambda row: not _fits(TITLE_PREFIX, typed, row))

    def _in_tier(self, tier: str, typed: str, category: str, limit: int) -> list[Document]:
        query = _tier_query(tier, typed)
        if query is None:
            return []
        within: Query = {"category": category} if category else {}
        if len(typed) <= GRAM_LENGTHS[tier]:
            return list(self._items.find({**query, **within}, _SUGGESTED).sort(BY_SCORE).limit(limit))
        # Grams are cut short: what is longer is compared with the names themselves.
        by_gram = self._items.find({**query, **within}, _SUGGESTED_BY_NAME).sort(BY_SCORE).limit(_CANDIDATES)
        by_name = self._items.find({**_begun_with(typed), **within}, _SUGGESTED_BY_NAME).limit(_CANDIDATES)
        found = {row["_id"]: row for row in (*by_name, *by_gram) if _fits(tier, typed, row)}
        return sorted(found.values(), key=lambda row: (-row["score"], row["_id"]))[:limit]

    @database_errors()
    def nearest(self, text: str, limit: int = 3) -> list[ItemHead]:
        """Return existing items with a name much like ``text``, the likest first: "did you mean"."""
        typed = fold(text[:_LONGEST_TEXT])
        if not typed:
            return []
        same = {row["_id"]: row for row in self._named(_respelled(typed))}
        found = same | {row["_id"]: row for row in self._neighbours(_neighbouring_grams(typed))}
        likeness = {key: 1.0 if key in same else _likeness(typed, row["names"]) for key, row in found.items()}
        ranked = sorted(found.values(), key=lambda row: (-likeness[row["_id"]], -row["score"], row["_id"]))
        enough = _LIKENESS_UNSPACED if unspaced_pairs(typed) else _LIKENESS
        return [head_from(row) for row in ranked if likeness[row["_id"]] >= enough][:limit]

    def _neighbours(self, grams: Sequence[str]) -> Iterator[Document]:
        for start in range(0, len(grams), _GRAMS_AT_ONCE):
            among = {"$in": grams[start : start + _GRAMS_AT_ONCE]}
            yield from self._items.find({"grams": among}, _WITH_NAMES).sort(BY_SCORE).limit(_CANDIDATES)

    @database_errors()
    def search(self, text: str, limit: int = 20, cursor: str = "") -> Page[ItemHead]:
        """Return existing items for ``text``, ranked, one page of them.

        Exact names come first, then titles that begin with it, then aliases and later words that do,
        then items with all its words in their names, then those with all words anywhere; the better
        known first within each. Raises BadQuery for a cursor that is not of a search.
        """
        tiers = _search_tiers(fold(text[:_LONGEST_TEXT]))
        start, after = _search_position(cursor)
        rows: list[tuple[int, Document]] = []
        for number in range(start, len(tiers)):
            missing = limit + 1 - len(rows)
            if missing <= 0:
                break
            query = {"$and": [tiers[number], *(after if number == start else [])]}
            found = self._items.find(query, {**HEAD_PROJECTION, "score": True}).sort(BY_SCORE)
            rows.extend((number, row) for row in found.limit(missing))
        return _search_page(rows, limit)


def _meant(name: str, found: Iterable[Document]) -> list[ItemHead]:
    rows = {row["_id"]: row for row in found if name in row["names"]}
    ranked = sorted(rows.values(), key=lambda row: (_distance(name, row), -row["score"], row["_id"]))
    return [head_from(row) for row in ranked]


def _distance(name: str, row: Document) -> int:
    if fold(row["title"]) == name:
        return 0
    return 1 if name == fold(row["slug"]) or name in map(fold, row["aliases"]) else 2


def _tier_query(tier: str, typed: str) -> Query | None:
    if tier != INSIDE:
        return {"grams": gram(tier, typed)}
    pairs = list(dict.fromkeys(unspaced_pairs(typed)))
    # A single character inside a name says too little.
    if not any(len(pair) > 1 for pair in pairs):
        return None
    return {"grams": {"$all": [INSIDE + pair for pair in pairs[:_MOST_WORDS]]}}


def _tiers_after(few: Sequence[Document] | None, typed: str) -> Sequence[str]:
    if not typed:
        return ()
    return TIERS if few is None else (INSIDE,)


def _begun_with(typed: str) -> Query:
    return {"names": {"$elemMatch": {"$gte": typed, "$lt": typed + "\U0010ffff"}}}


def _fits(tier: str, typed: str, row: Document) -> bool:
    if tier == TITLE_PREFIX:
        return fold(row["title"]).startswith(typed)
    return any(typed in name for name in row["names"])


def _likeness(typed: str, names: Iterable[str]) -> float:
    matcher = SequenceMatcher(b=typed, autojunk=False)
    best = 0.0
    for name in names:
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            best = max(best, matcher.ratio())
    return best


def _respelled(typed: str) -> list[str]:
    """Return how the same name may be known in other signs: as a slug, and without any (U.S.A.)."""
    bare = "".join(char for char in typed if char.isalnum())
    return sorted({fold(slugify(typed)), bare} - {""})


# Between words there may be a space, a hyphen, or nothing.
_LETTERS = "abcdefghijklmnopqrstuvwxyz -"
_HEAD_LENGTH = 5


def _neighbouring_grams(typed: str) -> list[str]:
    """Return the beginnings of names within one slip of the pen of how ``typed`` begins, and its pairs."""
    head = typed[:_HEAD_LENGTH]
    if len(head) == 1:
        # With a slip in its only character it would be anything.
        return [tier + head for tier in TIERS]
    cuts = [(head[:i], head[i:]) for i in range(len(head) + 1)]
    heads = {head}
    heads.update(a + b[1:] for a, b in cuts if b)
    heads.update(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1)
    heads.update(a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS)
    heads.update((a + letter + b)[:_HEAD_LENGTH] for a, b in cuts for letter in _LETTERS)
    heads.discard("")
    prefixes = [tier + name for tier in (TITLE_PREFIX, WORD_PREFIX) for name in sorted(heads)]
    return prefixes + [INSIDE + pair for pair in unspaced_pairs(typed)[:_MOST_WORDS]]


def _search_tiers(typed: str) -> list[Query]:
    """Return the conditions of the tiers, each without the rows of those before it."""
    if not typed:
        return []
    tiers: list[Query] = [{"names": typed}]
    if len(typed) <= min(GRAM_LENGTHS[TITLE_PREFIX], GRAM_LENGTHS[WORD_PREFIX]):
        tiers += [{"grams": gram(tier, typed)} for tier in (TITLE_PREFIX, WORD_PREFIX)]
    else:
        # Longer than grams: a range of names, few enough to be put in order as they are found.
        tiers.append(_begun_with(typed))
    if words := list(dict.fromkeys(words_of(typed)))[:_MOST_WORDS]:
        tiers.append({"words": {"$all": [NAME_WORD + word for word in words]}})
        tiers.append({"words": {"$all": words}})
    return [{**tier, "$nor": tiers[:number]} if number else tier for number, tier in enumerate(tiers)]


def _search_position(cursor: str) -> tuple[int, list[Query]]:
    if not cursor:
        return 0, []
    tier, score, last = cursors.decode("search", (int, int, ObjectId), cursor)
    if not isinstance(tier, int) or tier not in range(5):
        raise cursors.refused()
    ties = [{"score": {"$lt": score}}, {"_id": {"$gt": last}}]
    return tier, [{"score": {"$lte": score}, "$or": ties}]


def _search_page(rows: Sequence[tuple[int, Document]], limit: int) -> Page[ItemHead]:
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        tier, last = shown[-1]
        following = cursors.encode("search", (tier, last["score"], last["_id"]))
    return Page(tuple(head_from(row) for _, row in shown), following)
