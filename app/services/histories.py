"""What changed between two revisions, in words that a reader understands, and how to take it back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.domain.errors import Conflict
from app.domain.items import Attribute, Item, State
from app.domain.messages import N_, Message
from app.kinds import registry
from app.kinds.base import RenderContext
from app.services.attributes import attribute_to_json

STATE_WORDS: dict[State, str] = {
    State.NONE: N_("none"),
    State.UNKNOWN: N_("unknown"),
    State.NOT_APPLICABLE: N_("not applicable"),
}

# The parts of an item beside its attributes, and what a reader calls them.
FIELD_LABELS: dict[str, str] = {
    "title": N_("Title"),
    "category": N_("Category"),
    "aliases": N_("Aliases"),
    "summary": N_("Summary"),
    "protection": N_("Protection"),
    "protected_keys": N_("Protected attributes"),
}
ORDER_LABEL = N_("Order of the attributes")
# What a writer may take back by undoing; protection has a button of its own.
_UNDOABLE = ("title", "category", "aliases", "summary")


class CannotUndo(Conflict):
    """The change was built upon since: ``names`` are the parts that are no longer as it left them."""

    code = "cannot-undo"

    def __init__(self, names: tuple[str | Message, ...]) -> None:
        super().__init__(
            Message(
                N_("This change cannot be undone, because it was changed again since: %(names)s."),
                {"names": names},
            )
        )
        self.names = names


class NothingToUndo(Conflict):
    """The change touched nothing that a writer could take back: a deletion, a protection."""

    code = "nothing-to-undo"

    def __init__(self) -> None:
        super().__init__(Message(N_("This revision changed nothing that could be undone.")))


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A changed part of the item itself. ``label`` is marked for translation."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """A changed attribute: added where ``before`` is None, deleted where ``after`` is."""

    key: str
    before: Attribute | None
    after: Attribute | None

    @property
    def name(self) -> str:
        """What the attribute is called, by its newer side."""
        side = self.after or self.before
        return side.name if side else self.key

    @property
    def sort(self) -> str:
        """``added``, ``deleted`` or ``changed``."""
        if self.before is None:
            return "added"
        return "deleted" if self.after is None else "changed"

    @property
    def value_changed(self) -> bool:
        """Whether the fact itself differs, not only its sources, note, group or name."""
        if self.before is None or self.after is None:
            return True
        return _fact(self.before) != _fact(self.after)

    def details(self) -> tuple[str, ...]:
        """Return which of name, group, note, sources and verified_on differ."""
        if self.before is None or self.after is None:
            return ()
        names = ("name", "group", "note", "sources", "verified_on")
        return tuple(name for name in names if getattr(self.before, name) != getattr(self.after, name))


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two states of one item."""

    fields: tuple[FieldChange, ...] = ()
    attributes: tuple[AttributeChange, ...] = ()
    reordered: bool = False
    deleted: bool = False
    restored: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields or self.attributes or self.reordered or self.deleted or self.restored)


def difference(old: Item | None, new: Item) -> Difference:
    """Return what leads from ``old`` (None: nothing at all) to ``new``."""
    if old is None:
        return Difference(attributes=tuple(AttributeChange(a.key, None, a) for a in new.attributes))
    return Difference(
        fields=tuple(_field_changes(old, new)),
        attributes=tuple(_attribute_changes(old, new)),
        reordered=_common_order(old, new) != _common_order(new, old),
        deleted=new.deleted and not old.deleted,
        restored=old.deleted and not new.deleted,
    )


def touched_keys(old: Item | None, new: Item) -> tuple[str, ...]:
    """Return what a change touched, as :class:`app.domain.items.Change` keeps it."""
    found = difference(old, new)
    fields = tuple(f"@{change.field}" for change in found.fields)
    order = ("@order",) if found.reordered else ()
    return (*(change.key for change in found.attributes), *fields, *order)


def follows(before: Item, after: Item) -> bool:
    """Say whether ``after`` is the revision that was made of ``before``.

    That is: it differs by what its change says and, where both have identities, names it as its parent and is
    not dated before it.
    """
    # Releases before these identities keep the head's as it is when they write.
    is_named = bool(before.revision_id and after.parent_id) and before.revision_id != after.revision_id
    if is_named and (after.parent_id != before.revision_id or after.change.at < before.change.at):
        return False
    return set(touched_keys(before, after)) == set(after.change.keys)


def fact_text(attribute: Attribute | None, context: RenderContext) -> str:
    """Return what an attribute says as plain text: its value, or its state in words; "" for None."""
    if attribute is None:
        return ""
    if attribute.state is State.VALUE:
        return registry.get(attribute.kind).text(attribute.value, context)
    return context.gettext(STATE_WORDS[attribute.state])


def is_undoable(found: Difference) -> bool:
    """Say whether there is anything in a change that a writer could take back."""
    fields = any(change.field in _UNDOABLE for change in found.fields)
    return bool(fields or found.attributes or found.reordered)


def undone(before: Item, after: Item, present: Item) -> Item:
    """Return ``present`` without what changed from ``before`` to ``after``; everything since stays.

    Raises CannotUndo with the names of what is no longer as ``after`` left it, and NothingToUndo.
    """
    found = difference(before, after)
    if not is_undoable(found):
        raise NothingToUndo
    blocked: tuple[str | Message, ...] = (
        *_changed_again(found, present),
        *_fields_changed_again(found, after, present),
    )
    if blocked:
        raise CannotUndo(blocked)
    for change in found.attributes:
        present = _put_back(change, before, present)
    undoable = {c.field: getattr(before, c.field) for c in found.fields if c.field in _UNDOABLE}
    present = replace(present, **undoable)
    return _in_order_of(before, present) if found.reordered else present


def _changed_again(found: Difference, present: Item) -> Iterator[str]:
    now = _by_key(present)
    return (change.name for change in found.attributes if now.get(change.key) != change.after)


def _fields_changed_again(found: Difference, after: Item, present: Item) -> Iterator[Message]:
    changed = (c for c in found.fields if c.field in _UNDOABLE)
    return (Message(c.label) for c in changed if getattr(present, c.field) != getattr(after, c.field))


def _put_back(change: AttributeChange, before: Item, present: Item) -> Item:
    if change.before is None:
        return present.without_attribute(change.key)
    restored = present.with_attribute(change.before)
    return _in_order_of(before, restored) if change.after is None else restored


def _in_order_of(model: Item, item: Item) -> Item:
    """Return ``item`` with the attributes that ``model`` has in its order; the others keep their places."""
    places = {attribute.key: place for place, attribute in enumerate(model.attributes)}
    shared = [attribute for attribute in item.attributes if attribute.key in places]
    ordered = iter(sorted(shared, key=lambda attribute: places[attribute.key]))
    return replace(item, attributes=tuple(next(ordered) if a.key in places else a for a in item.attributes))


def _field_changes(old: Item, new: Item) -> Iterator[FieldChange]:
    for field, label in FIELD_LABELS.items():
        if getattr(old, field) != getattr(new, field):
            yield FieldChange(field, label, _field_text(old, field), _field_text(new, field))


def _field_text(item: Item, field: str) -> str:
    value = getattr(item, field)
    if field == "aliases":
        return ", ".join(value)
    if field == "protected_keys":
        return ", ".join(f"{key}: {role}" for key, role in value)
    return str(value)


def _attribute_changes(old: Item, new: Item) -> Iterator[AttributeChange]:
    earlier, later = _by_key(old), _by_key(new)
    for key, after in later.items():
        before = earlier.get(key)
        if before is after:
            continue
        # Equal numbers of other digits differ too: 5.0 kg claims more than 5 kg.
        if before != after or (before is not None and _fact(before) != _fact(after)):
            yield AttributeChange(key, before, after)
    for key, before in earlier.items():
        if key not in later:
            yield AttributeChange(key, before, None)


def _by_key(item: Item) -> dict[str, Attribute]:
    return {attribute.key: attribute for attribute in item.attributes}


def _common_order(one: Item, other: Item) -> list[str]:
    keys = {attribute.key for attribute in other.attributes}
    return [attribute.key for attribute in one.attributes if attribute.key in keys]


def _fact(attribute: Attribute) -> tuple[object, ...]:
    form = attribute_to_json(attribute)
    return (form["kind"], form["state"], form["value"])
