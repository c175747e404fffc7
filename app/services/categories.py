"""Categories: reading them from JSON, changing them, making those that an import names."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from app.domain.categories import Category, Direction, Property
from app.domain.errors import (
    CategoryConflict,
    CategoryTaken,
    DomainError,
    FieldError,
    InvalidInput,
    ValueRefused,
)
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.domain.permissions import Permission, require
from app.domain.users import Actor
from app.kinds.checks import clean_line
from app.kinds.money import CURRENCIES, NO_CURRENCY, MoneyKind
from app.services.attributes import MAX_GROUP, MAX_NAME, read_kind
from app.services.bodies import Body, line, read_list, visible_line
from app.storage.stores import Stores

MAX_PROPERTIES = 300
MAX_PROPERTY_ALIASES = 50
MAX_LABELS = 50
MAX_UNIT = 40
_ATTEMPTS = 50
_PROPERTY_MEMBERS = ("key", "name", "kind", "unit", "direction", "group", "aliases", "labels")
_MEMBERS = ("name", "properties", "labels", "group_labels", "comment")
_READ_ONLY = ("slug", "revision", "count", "links")


class StaleCategory(DomainError):
    """The writer meant another revision than ``current``, which is None where there is no such category."""

    code = "precondition-failed"
    status = 412

    def __init__(self, current: Category | None) -> None:
        super().__init__(Message(N_("The category is at another revision than the one you named.")))
        self.current = current


def category_from_json(raw: object, slug: str) -> Category:
    """Return the category of the JSON form that :func:`category_to_json` writes; raise InvalidInput."""
    body = Body(raw, _MEMBERS, _READ_ONLY)
    found = Category(
        slug=slug,
        name=body.require("name", visible_line(MAX_NAME), ""),
        properties=body.take("properties", lambda sent: _read_properties(sent), ()),
        labels=body.take("labels", _read_labels, {}),
        group_labels=body.take("group_labels", _read_group_labels, {}),
    )
    body.finish()
    return found


def category_to_json(category: Category) -> dict[str, object]:
    """Return the JSON form, every member present."""
    return {
        "slug": category.slug,
        "name": category.name,
        "labels": dict(category.labels),
        "group_labels": {group: dict(labels) for group, labels in category.group_labels.items()},
        "properties": [_property_to_json(found) for found in category.properties],
        "revision": category.revision,
    }


def definition_of(category: Category) -> dict[str, object] | None:
    """Return what a bulk file says of a category, or None where its slug is all there is to say.

    :func:`category_from_json` reads it back.
    """
    if category == replace(named(category.slug), slug=category.slug, revision=category.revision):
        return None
    found = category_to_json(category)
    return {name: found[name] for name in _MEMBERS if found.get(name)}


def put(
    stores: Stores, actor: Actor, category: Category, now: datetime, base_revision: int | None = None
) -> Category:
    """Add or overwrite a category, for moderators, and return it as stored.

    With a ``base_revision`` it is overwritten only at that one; else CategoryConflict is raised.
    """
    require(actor, Permission.EDIT_CATEGORY, now)
    if slugify(category.slug) != category.slug or not 0 < len(category.slug) <= MAX_NAME:
        message = Message(N_("A slug such as “%(slug)s” was expected."), {"slug": slugify(category.name)})
        raise InvalidInput([FieldError("slug", message)])
    if base_revision is not None:
        return stores.categories.replace(category, base_revision)
    return stores.categories.put(category)


def edit(
    stores: Stores,
    actor: Actor,
    slug: str,
    change: Callable[[object], object],
    now: datetime,
    *,
    only_if: Callable[[Category], bool] | None = None,
) -> Category:
    """Store ``change`` of the JSON form of a category, for moderators, and return it; no difference is none.

    ``change`` is repeated on what is there if somebody else was quicker. Raises StaleCategory where
    ``only_if`` does not hold of what is there when it is written, CategoryNotFound, CategoryConflict.
    """
    require(actor, Permission.EDIT_CATEGORY, now)
    for _ in range(_ATTEMPTS):
        present = stores.categories.get(slug)
        if only_if is not None and not only_if(present):
            raise StaleCategory(present)
        wanted = category_from_json(change(category_to_json(present)), slug)
        if replace(wanted, revision=present.revision) == present:
            return present
        with suppress(CategoryConflict):
            return stores.categories.replace(wanted, present.revision)
    raise CategoryConflict


def ensure(
    stores: Stores, actor: Actor, name: str, now: datetime, definition: Category | None = None
) -> Category:
    """Return the category of that name or slug, made new if there is none, by anyone who may create.

    Made new, it is as in ``definition``, or has but a name.
    """
    require(actor, Permission.CREATE, now)
    wanted = definition or named(name)
    found = stores.categories.find(wanted.slug)
    if found is not None:
        return found
    try:
        return stores.categories.insert(wanted)
    except CategoryTaken:
        return stores.categories.get(wanted.slug)


def named(name: object) -> Category:
    """Return the category that a name or slug would make, without storing it; raise InvalidInput."""
    try:
        cleaned = visible_line(MAX_NAME)(name)
    except ValueRefused as refused:
        raise InvalidInput([FieldError("category", refused.message)]) from refused
    return Category(slugify(cleaned), _shown(cleaned))


def _shown(name: str) -> str:
    """Return a name for a category that was named by its slug: ``garden-tools`` → ``Garden tools``."""
    return name.replace("-", " ").capitalize() if slugify(name) == name else name


def _read_properties(raw: object) -> tuple[Property, ...]:
    found = read_list(raw, MAX_PROPERTIES, _read_property)
    seen: set[str] = set()
    for index, declared in enumerate(found):
        if declared.key in seen:
            message = Message(N_("Another property has the key “%(key)s”."), {"key": declared.key})
            raise InvalidInput([FieldError(f"{index}.key", message)])
        seen.add(declared.key)
    return found


def _read_property(raw: object) -> Property:
    body = Body(raw, _PROPERTY_MEMBERS)
    name = body.require("name", visible_line(MAX_NAME), "")
    found = Property(
        key=body.take("key", _read_key, slugify(name)),
        name=name,
        kind=body.require("kind", read_kind, ""),
        unit=body.take("unit", line(MAX_UNIT), "") or None,
        direction=body.take("direction", _read_direction, Direction.NEUTRAL),
        group=body.take("group", line(MAX_GROUP), ""),
        aliases=body.take(
            "aliases", lambda sent: read_list(sent, MAX_PROPERTY_ALIASES, visible_line(MAX_NAME)), ()
        ),
        labels=body.take("labels", _read_labels, {}),
    )
    if found.kind == MoneyKind.tag and found.unit and found.unit not in CURRENCIES:
        body.refuse("unit", NO_CURRENCY)
    body.finish()
    return found


def _read_key(raw: object) -> str:
    key = clean_line(raw, MAX_NAME)
    if not key or slugify(key) != key:
        raise ValueRefused(Message(N_("A key such as “boiling-point” was expected.")))
    return key


def _read_direction(raw: object) -> Direction:
    if raw == "none":
        return Direction.NEUTRAL
    if not isinstance(raw, str) or raw not in set(Direction):
        raise ValueRefused(Message(N_("“higher”, “lower” or nothing was expected.")))
    return Direction(raw)


def _read_labels(raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping) or len(raw) > MAX_LABELS:
        raise ValueRefused(Message(N_("An object of names by language was expected.")))
    return {clean_line(locale, MAX_UNIT): clean_line(label, MAX_NAME) for locale, label in raw.items()}


def _read_group_labels(raw: object) -> dict[str, dict[str, str]]:
    if not isinstance(raw, Mapping) or len(raw) > MAX_PROPERTIES:
        raise ValueRefused(Message(N_("An object of names by language was expected.")))
    return {clean_line(group, MAX_GROUP): _read_labels(labels) for group, labels in raw.items()}


def _property_to_json(found: Property) -> dict[str, object]:
    return {
        "key": found.key,
        "name": found.name,
        "kind": found.kind,
        "unit": found.unit,
        "direction": found.direction.value or None,
        "group": found.group,
        "aliases": list(found.aliases),
        "labels": dict(found.labels),
    }
