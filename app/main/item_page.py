"""What the page of an entry tells search engines."""

from collections.abc import Iterable

from app import rendering
from app.domain.items import Item
from app.main.facts import FactGroup

_LONGEST_DESCRIPTION = 300
_DESCRIBED = 4
_LONGEST_FACT = 60


def describe(item: Item, groups: Iterable[FactGroup]) -> str:
    """Return a sentence or two: the summary, or else the first few short facts."""
    if item.summary:
        return " ".join(item.summary.split())[:_LONGEST_DESCRIPTION]
    rows = [row for group in groups for row in group.rows if _is_short(row.text)]
    return "; ".join([item.title, *(f"{row.label}: {row.text}" for row in rows[:_DESCRIBED])])


def _is_short(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_FACT and "\n" not in text


def structured(item: Item, description: str) -> dict[str, object]:
    """Return schema.org data about the page and the thing that it is about."""
    url = rendering.absolute_url(rendering.item_url(item.slug))
    return {
        "@context": "https://schema.org",
        "@type": "ItemPage",
        "name": item.title,
        "url": url,
        "dateCreated": item.created_at.isoformat(),
        "dateModified": item.updated_at.isoformat(),
        "mainEntity": {
            "@type": "Thing",
            "name": item.title,
            "alternateName": list(item.aliases),
            "description": description,
            "url": url,
        },
    }
