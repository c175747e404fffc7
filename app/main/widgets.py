"""What the widgets of the kinds offer to choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app import rendering
from app.domain.categories import Category, Property
from app.kinds import registry, units
from app.kinds.money import CURRENCIES
from app.main.attribute_fields import STATES, AttributeFields

# Before a dimension is known, these of each are offered.
_EACH = 4


@dataclass(frozen=True, slots=True)
class Choices:
    """The lists of one form. ``kinds`` and ``states`` map to marked labels."""

    kinds: Mapping[str, str]
    states: Mapping[str, str]
    units: tuple[str, ...]
    currencies: tuple[str, ...]
    groups: tuple[str, ...]
    # The typed text of each rating, from nothing to five stars.
    stars: tuple[str, ...]
    yes: str
    no: str


def choices(fields: AttributeFields, prop: Property | None, category: Category | None) -> Choices:
    """Return what the form of an attribute offers."""
    locale = rendering.locale()
    rating, boolean = registry.get("rating"), registry.get("boolean")
    return Choices(
        kinds={tag: kind.label for tag, kind in registry.KINDS.items()},
        states=STATES,
        units=_units(fields.unit or (prop.unit if prop and prop.unit else "")),
        currencies=tuple(sorted(CURRENCIES)),
        groups=tuple(dict.fromkeys(p.group for p in category.properties if p.group)) if category else (),
        stars=tuple(rating.typed(Decimal(halves) / 2, locale) for halves in range(11)),
        yes=boolean.typed(True, locale),
        no=boolean.typed(False, locale),
    )


def _units(unit: str) -> tuple[str, ...]:
    """Return the units of one dimension, that of ``unit``; of all where it has none."""
    if not unit:
        return tuple(symbol for name in units.dimensions() for symbol in units.symbols(name)[:_EACH])
    found = units.find(unit)
    return units.symbols(found.dimension) if found and not found.is_count else (unit,)
