"""What the converters share: properties declared once, facts in their order, numbers without noise."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.names import slugify

JSON = dict[str, Any]


@dataclass(frozen=True)
class Packages:
    """The folder into which the packages were unpacked, each into a folder of its own."""

    root: Path

    def find(self, name: str) -> Path:
        """Return the one path that ends in ``name``, wherever the unpacking put it."""
        found = sorted(self.root.glob(f"**/{name}"), key=lambda path: len(path.parts))
        if not found:
            raise SystemExit(f"{name} is not in {self.root}; see the commands in scripts/build_demo.py")
        return found[0]


@dataclass(frozen=True)
class Column:
    """One property of a category, with its Chinese name. ``source`` is given to each of its facts."""

    name: str
    zh: str
    kind: str
    group: str
    unit: str | None = None
    direction: str = ""
    aliases: tuple[str, ...] = ()
    sources: tuple[JSON, ...] = ()

    @property
    def key(self) -> str:
        """The key of the property and of its attributes."""
        return slugify(self.name)

    def as_property(self) -> JSON:
        """Return the property in the form of the category's JSON."""
        return {
            "key": self.key,
            "name": self.name,
            "kind": self.kind,
            "unit": self.unit,
            "direction": self.direction or None,
            "group": self.group,
            "aliases": list(self.aliases),
            "labels": {"zh": self.zh},
        }


@dataclass(frozen=True)
class Table:
    """A category with its columns in the order in which people ask for them."""

    slug: str
    name: str
    zh: str
    groups: Mapping[str, str]
    columns: Sequence[Column]

    def as_category(self) -> JSON:
        """Return the category as ``services.demo`` loads it."""
        return {
            "slug": self.slug,
            "name": self.name,
            "labels": {"zh": self.zh},
            "group_labels": {group: {"zh": zh} for group, zh in self.groups.items()},
            "properties": [column.as_property() for column in self.columns],
        }

    def item(self, title: str, aliases: Iterable[str], summary: str, facts: "Facts") -> JSON:
        """Return one line of the JSON Lines file."""
        known = dict.fromkeys(alias.strip() for alias in aliases if alias and alias.strip())
        known.pop(title, None)
        return {
            "title": title,
            "category": self.slug,
            "aliases": list(known),
            "summary": summary,
            "attributes": [
                self._attribute(column, facts) for column in self.columns if column.name in facts.of
            ],
        }

    @staticmethod
    def _attribute(column: Column, facts: "Facts") -> JSON:
        fact = facts.of[column.name]
        attribute = {"name": column.name, "kind": column.kind, "group": column.group, **fact}
        sources = [*fact.get("sources", ()), *column.sources]
        if sources:
            attribute["sources"] = sources
        if column.kind in ("number", "range") and "value" in fact:
            attribute["value"] = {**fact["value"], "unit": fact["value"].get("unit") or column.unit}
        return attribute


@dataclass
class Facts:
    """The facts of one entry by the name of their column. What is None or empty is left out."""

    of: dict[str, JSON] = field(default_factory=dict)

    def add(self, name: str, value: object, note: str = "", sources: Sequence[JSON] = ()) -> None:
        """Add a value in its JSON form."""
        if value is None or value == "" or value == []:
            return
        fact: JSON = {"value": value}
        self._store(name, fact, note, sources)

    def number(self, name: str, value: object, unit: str | None = None, note: str = "") -> None:
        """Add a number; floats lose their binary noise."""
        if value is not None:
            self.add(name, {"amount": plain(value), **({"unit": unit} if unit else {})}, note)

    def range(self, name: str, low: object, high: object) -> None:
        """Add a range."""
        if low is not None and high is not None:
            self.add(name, {"min": plain(low), "max": plain(high)})

    def state(self, name: str, state: str, note: str = "") -> None:
        """Say that there is no value: ``none``, ``unknown`` or ``not_applicable``."""
        self._store(name, {"state": state}, note, ())

    def _store(self, name: str, fact: JSON, note: str, sources: Sequence[JSON]) -> None:
        if note:
            fact["note"] = note
        if sources:
            fact["sources"] = list(sources)
        self.of[name] = fact


def plain(value: object, digits: int = 9) -> str:
    """Return a number as a plain decimal string of at most ``digits`` significant digits."""
    number = Decimal(f"{value:.{digits - 1}e}") if isinstance(value, float) else Decimal(str(value))
    text = format(number, "f")
    return re.sub(r"\.?0+$", "", text) if "." in text else text


def source(title: str, url: str = "") -> JSON:
    """Return a source in its JSON form."""
    return {"url": url, "title": title}


def joined(names: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def article(word: str) -> str:
    """Return the word with its indefinite article."""
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"
