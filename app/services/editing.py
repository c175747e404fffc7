"""Editing one attribute of an entry that others edit too: what is merged, and what is a conflict.

An editor's change names the revision that was on the screen, its base. Whatever others did to other
attributes since is kept, and both succeed. Only where the same attribute has moved on, to something
else than the editor wants, is there a conflict; it carries all three sides, and nothing is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.errors import AttributeNotFound, Conflict, FieldError, InvalidInput, KeyTaken
from app.domain.items import Attribute, Item
from app.domain.messages import N_, Message
from app.domain.users import Actor
from app.services import items
from app.services.attributes import (
    Scope,
    attribute_from_json,
    attribute_from_typed,
    attribute_to_json,
)
from app.services.items import MAX_ATTRIBUTES, Note
from app.storage.stores import Stores


class AttributeConflict(Conflict):
    """Somebody else changed the same attribute. Each side is the attribute there, None where it has none."""

    code = "attribute-conflict"

    def __init__(
        self, current: Item, theirs: Attribute | None, yours: Attribute | None, base: Attribute | None
    ) -> None:
        name = next((side.name for side in (theirs, yours, base) if side), "")
        super().__init__(Message(N_("Somebody else changed “%(name)s” in the meantime."), {"name": name}))
        self.current = current
        self.theirs = theirs
        self.yours = yours
        self.base = base


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit came to. ``moved_on`` says that others had changed other parts of the entry since."""

    item: Item
    attribute: Attribute | None = None
    moved_on: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """An attribute as it was sent: ``typed`` if its value is text that a person typed."""

    body: Mapping[str, object]
    scope: Scope
    typed: bool = False


def read_base_revision(raw: object) -> int:
    """Return the revision that was on the editor's screen; raise InvalidInput."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw < 2**31:
        message = Message(N_("The number of the revision that you edited was expected."))
        raise InvalidInput([FieldError("base_revision", message)])
    return raw


def add_attribute(
    stores: Stores, actor: Actor, item_id: str, sent: Sent, base_revision: int, note: Note
) -> Edited:
    """Add an attribute at the end. Raises KeyTaken, or AttributeConflict if someone added it just now."""
    wanted = _read(sent, {})
    base = _Base(stores, item_id, base_revision)

    def change(present: Item) -> Item:
        base.refuse_future(present)
        theirs = present.find_attribute(wanted.key)
        if theirs is not None and theirs != wanted:
            if base.attribute(present, wanted.key) is not None:
                raise KeyTaken(wanted.key)
            raise AttributeConflict(present, theirs, wanted, None)
        if theirs is None and len(present.attributes) >= MAX_ATTRIBUTES:
            message = Message(N_("An entry has at most %(count)s attributes."), {"count": MAX_ATTRIBUTES})
            raise InvalidInput([FieldError("", message)])
        return present.with_attribute(wanted)

    return _edited(stores, actor, item_id, change, note, base_revision, wanted.key)


def change_attribute(
    stores: Stores, actor: Actor, item_id: str, key: str, sent: Sent, base_revision: int, note: Note
) -> Edited:
    """Change the members that were sent of one attribute, as seen at the base.

    Raises AttributeNotFound, InvalidInput, AttributeConflict.
    """
    base = _Base(stores, item_id, base_revision)

    def change(present: Item) -> Item:
        seen, theirs = base.attribute(present, key), present.find_attribute(key)
        if seen is None:
            raise AttributeNotFound(key)
        yours = _read(sent, _known(seen, sent))
        _refuse_conflict(present, theirs, yours, seen)
        return present.with_attribute(yours)

    return _edited(stores, actor, item_id, change, note, base_revision, key)


def delete_attribute(
    stores: Stores, actor: Actor, item_id: str, key: str, base_revision: int, note: Note
) -> Edited:
    """Delete one attribute, as seen at the base; raise AttributeNotFound or AttributeConflict."""
    base = _Base(stores, item_id, base_revision)

    def change(present: Item) -> Item:
        seen = base.attribute(present, key)
        if seen is None:
            raise AttributeNotFound(key)
        _refuse_conflict(present, present.find_attribute(key), None, seen)
        return present.without_attribute(key)

    return _edited(stores, actor, item_id, change, note, base_revision, key)


def reorder(
    stores: Stores, actor: Actor, item_id: str, order: object, base_revision: int, note: Note
) -> Edited:
    """Put the attributes into the order of the keys ``order``; raise InvalidInput.

    Keys that were deleted since are passed over; attributes that were added since keep their order
    behind the others.
    """
    keys = _read_order(order)
    places = {key: place for place, key in enumerate(keys)}
    base = _Base(stores, item_id, base_revision)

    def change(present: Item) -> Item:
        expected = {attribute.key for attribute in base.item(present).attributes}
        if expected - places.keys() or places.keys() - expected:
            message = Message(N_("Every key of the entry was expected, each once."))
            raise InvalidInput([FieldError("order", message)])
        ordered = sorted(present.attributes, key=lambda a: places.get(a.key, len(places)))
        return replace(present, attributes=tuple(ordered))

    return _edited(stores, actor, item_id, change, note, base_revision, "")


class _Base:
    """The item as the editor saw it, fetched only where it is not the present one."""

    def __init__(self, stores: Stores, item_id: str, revision: int) -> None:
        self._stores = stores
        self._item_id = item_id
        self._revision = revision
        self._item: Item | None = None

    def refuse_future(self, present: Item) -> None:
        if self._revision > present.revision:
            message = Message(N_("The entry has no revision %(number)s yet."), {"number": self._revision})
            raise InvalidInput([FieldError("base_revision", message)])

    def item(self, present: Item) -> Item:
        if present.revision == self._revision:
            return present
        self.refuse_future(present)
        if self._item is None:
            self._item = self._stores.items.revision(self._item_id, self._revision).item
        return self._item or present

    def attribute(self, present: Item, key: str) -> Attribute | None:
        return self.item(present).find_attribute(key)


def _refuse_conflict(
    present: Item, theirs: Attribute | None, yours: Attribute | None, seen: Attribute
) -> None:
    if theirs not in (seen, yours):
        raise AttributeConflict(present, theirs, yours, seen)


def _known(seen: Attribute, sent: Sent) -> dict[str, object]:
    """Return the members of the attribute as seen, which those that were sent overrule."""
    known = attribute_to_json(seen)
    sent_kind = sent.body.get("kind", seen.kind)
    # A value of another kind, or of a state without one, means nothing any more.
    if sent_kind != seen.kind or sent.body.get("state", "value") != "value" or sent.typed:
        del known["value"]
    if sent.body.get("value") is not None:
        known["state"] = "value"
    return known


def _read(sent: Sent, known: Mapping[str, object]) -> Attribute:
    body = {**known, **sent.body}
    read = attribute_from_typed if sent.typed else attribute_from_json
    key = known.get("key")
    return read(body, sent.scope, [str(key)] if key else [])


def _read_order(raw: object) -> list[str]:
    if (
        not isinstance(raw, Sequence)
        or isinstance(raw, str)
        or not all(isinstance(key, str) for key in raw)
        or len(set(raw)) != len(raw)
    ):
        raise InvalidInput([FieldError("order", Message(N_("A list of keys was expected, each once.")))])
    return list(raw)


def _edited(
    stores: Stores,
    actor: Actor,
    item_id: str,
    change: items.ChangeOf,
    note: Note,
    base_revision: int,
    key: str,
) -> Edited:
    item = items.edit(stores, actor, item_id, change, note)
    return Edited(item, item.find_attribute(key) if key else None, item.revision > base_revision + 1)
