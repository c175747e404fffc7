"""Things to begin with: comparisons worth a look, a random one, and the site map."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.categories import Category
from app.domain.items import ItemHead, Revision
from app.services import browsing
from app.storage.item_walks import Listed
from app.storage.stores import Stores

Heads = tuple[ItemHead, ...]

# What a newcomer understands at once; those whose entries a site does not have are passed over.
SUGGESTED: tuple[tuple[str, ...], ...] = (
    ("austria", "switzerland"),
    ("python", "c-plus-plus", "rust"),
    ("gold", "silver"),
    ("japan", "south-korea"),
    ("javascript", "typescript"),
    ("china", "india", "united-states"),
    ("hydrogen", "helium"),
    ("go", "rust"),
    ("iron", "copper"),
    ("brazil", "argentina"),
)
_POPULAR = 6
_SUGGESTED = 6
_LATEST = 6
_SIMILAR = 12
# A site map may hold 50,000 addresses; smaller ones are kinder to both sides.
SITEMAP_SIZE = 5000
_SITEMAP_MOST = 50_000


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category and how many entries it has."""

    category: Category
    count: int


@dataclass(frozen=True, slots=True)
class Front:
    """What the front page shows. A comparison is the heads of its entries in order."""

    popular: tuple[Heads, ...]
    suggested: tuple[Heads, ...]
    categories: tuple[CategoryCount, ...]
    changes: tuple[Revision, ...]


def front(stores: Stores) -> Front:
    """Return what there is to begin with; each part may be empty."""
    popular = stores.views.popular_comparisons(_POPULAR)
    heads = stores.items.heads({slug for slugs in (*popular, *SUGGESTED) for slug in slugs})
    return Front(
        popular=_comparisons(popular, heads)[:_POPULAR],
        suggested=_comparisons(_unlike(SUGGESTED, popular), heads)[:_SUGGESTED],
        categories=counted_categories(stores),
        changes=browsing.changes(stores, "", limit=_LATEST).rows,
    )


def counted_categories(stores: Stores) -> tuple[CategoryCount, ...]:
    """Return all categories with their counts, the fullest first."""
    counts = stores.items.count_by_category()
    found = [CategoryCount(category, counts.get(category.slug, 0)) for category in stores.categories.all()]
    return tuple(sorted(found, key=lambda each: (-each.count, each.category.slug)))


def chance(stores: Stores) -> Heads:
    """Return two entries that compare well, by chance; fewer where there are no two."""
    first = stores.items.drawn()
    if first is None:
        return ()
    found = stores.items.find(first.id)
    others = stores.items.similar(found, _SIMILAR) if found else []
    return (first, random.choice(others)) if others else (first,)  # noqa: S311 - nothing depends on it


def sitemap_parts(stores: Stores) -> list[tuple[str, str]]:
    """Return the parts of the site map as first id and the id before which it ends; "" is open."""
    starts = stores.items.borders(SITEMAP_SIZE)
    # The first and last are open, so that what is created later is in one of them.
    return list(zip(["", *starts[1:]], [*starts[1:], ""], strict=True)) if starts else []


def sitemap_part(stores: Stores, start: str, end: str) -> list[Listed]:
    """Return the entries of one part."""
    return stores.items.listed(start, end, _SITEMAP_MOST)


def _comparisons(wanted: Iterable[Sequence[str]], heads: dict[str, ItemHead]) -> tuple[Heads, ...]:
    return tuple(
        tuple(heads[slug] for slug in slugs) for slugs in wanted if all(slug in heads for slug in slugs)
    )


def _unlike(wanted: Iterable[Sequence[str]], others: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    known = {frozenset(slugs) for slugs in others}
    return [slugs for slugs in wanted if frozenset(slugs) not in known]
