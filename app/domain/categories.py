"""Categories: which attributes the items of one sort are expected to have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from app.domain.names import slugify


class Direction(StrEnum):
    """Which value of a property is the better one; NEUTRAL where none is."""

    HIGHER = "higher"
    LOWER = "lower"
    NEUTRAL = ""


@dataclass(frozen=True, slots=True)
class Property:
    """An expected attribute. ``labels`` maps a locale (``zh``) to the name in that language."""

    key: str
    name: str
    kind: str
    unit: str | None = None
    direction: Direction = Direction.NEUTRAL
    group: str = ""
    aliases: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, locale: str) -> str:
        """Return the name for a reader of ``locale`` (``zh_Hans_CN`` falls back to ``zh``)."""
        return self.labels.get(locale) or self.labels.get(locale.split("_")[0]) or self.name

    def accepted_keys(self) -> tuple[str, ...]:
        """Return every key under which an item may carry this property, its own first."""
        return (self.key, *(slugify(alias) for alias in (self.name, *self.aliases, *self.labels.values())))


@dataclass(frozen=True)
class Category:
    """A sort of items. ``group_labels`` maps a group's name to its names by locale."""

    slug: str
    name: str
    properties: tuple[Property, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    group_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    revision: int = 1

    def label(self, locale: str) -> str:
        """Return the name for a reader of ``locale``."""
        return self.labels.get(locale) or self.labels.get(locale.split("_")[0]) or self.name

    def group_label(self, group: str, locale: str) -> str:
        """Return a group's name for a reader of ``locale``."""
        labels = self.group_labels.get(group, {})
        return labels.get(locale) or labels.get(locale.split("_")[0]) or group

    def find_property(self, key: str) -> Property | None:
        """Return the property that an attribute of this key belongs to, by its own key or an alias."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[str, Property]:
        # Own keys before aliases, and earlier properties before later ones.
        found = {prop.key: prop for prop in reversed(self.properties)}
        for prop in self.properties:
            for key in prop.accepted_keys():
                found.setdefault(key, prop)
        return found
