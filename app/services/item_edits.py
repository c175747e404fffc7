"""Editing what an entry is called and belongs to: title, category, aliases and summary.

As with attributes, what others did to other fields since is kept; only where the same field moved on
to something else is there a conflict, which carries the present entry and what each field was.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.domain.errors import Conflict, FieldError, InvalidInput
from app.domain.items import Item, ItemHead
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.domain.users import Actor
from app.services import categories, items
from app.services.bodies import Body, visible_line
from app.services.editing import Edited
from app.services.items import MAX_TITLE, ItemDraft, Note, read_aliases, read_summary
from app.storage.stores import Stores

_FIELDS = ("title", "category", "aliases", "summary")
_MOST_ALIKE = 6


@dataclass(frozen=True, slots=True)
class Sides:
    """One field as it was, as others left it, and as the editor wants it."""

    field: str
    base: object
    theirs: object
    yours: object


class FieldsConflict(Conflict):
    """Somebody else changed the same field. ``merged`` is the present entry with the editor's changes."""

    code = "edit-conflict"

    def __init__(self, current: Item, sides: tuple[Sides, ...], merged: Item) -> None:
        super().__init__(Message(N_("Somebody else changed this entry in the meantime.")))
        self.current = current
        self.sides = sides
        self.merged = merged


def read_revision(raw: object, path: str = "base_revision") -> int:
    """Return the number of a revision, also as a form sends it; raise InvalidInput."""
    text = str(raw) if isinstance(raw, int | str) and not isinstance(raw, bool) else ""
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text):
        return int(text)
    raise InvalidInput([FieldError(path, Message(N_("The number of a revision was expected.")))])


def read_draft(raw: Mapping[str, object]) -> ItemDraft:
    """Return title, aliases and summary; raise InvalidInput with the fields' names as paths."""
    body = Body(raw, ("title", "aliases", "summary"))
    draft = ItemDraft(
        title=body.require("title", visible_line(MAX_TITLE), ""),
        aliases=body.take("aliases", read_aliases, ()),
        summary=body.take("summary", read_summary, ""),
    )
    body.finish()
    return draft


def alike(stores: Stores, draft: ItemDraft) -> tuple[ItemHead, ...]:
    """Return entries that a reader might take for the one of the draft: of that name, or nearly so."""
    names = (draft.title, *draft.aliases)
    named = [head for heads in stores.items.find_named(names).values() for head in heads]
    near = stores.items.nearest(draft.title, _MOST_ALIKE)
    return tuple({head.id: head for head in (*named, *near)}.values())[:_MOST_ALIKE]


def create(stores: Stores, actor: Actor, draft: ItemDraft, category: str, note: Note) -> Item:
    """Add an entry; its category, by name or slug, is made if it is new. Raises as items.create does."""
    wanted = replace(draft, category=_slug(stores, category))
    return items.create(stores, actor, wanted, note, category_name=category)


def edit(
    stores: Stores,
    actor: Actor,
    item_id: str,
    raw: Mapping[str, object],
    category: str,
    base_revision: int,
    note: Note,
) -> Edited:
    """Change the fields that differ from the base; raise FieldsConflict, InvalidInput or TitleTaken."""
    wanted = replace(read_draft(raw), category=_slug(stores, category))

    def change(present: Item) -> Item:
        base = _base(stores, present, base_revision)
        changed = [name for name in _FIELDS if getattr(wanted, name) != getattr(base, name)]
        merged = replace(present, **{name: getattr(wanted, name) for name in changed})
        sides = tuple(_conflicting(base, present, wanted, changed))
        if sides:
            raise FieldsConflict(present, sides, merged)
        return merged

    item = items.edit(stores, actor, item_id, change, note, category_name=category)
    return Edited(item, None, item.revision > base_revision + 1)


def _slug(stores: Stores, category: str) -> str:
    """Return the slug of a category by its name in any language, of a new one if there is none."""
    if not category.strip():
        return ""
    wanted = categories.named(category).slug
    if stores.categories.find(wanted) is not None:
        return wanted
    named_so = (
        found.slug
        for found in stores.categories.all()
        if wanted in map(slugify, (found.name, *found.labels.values()))
    )
    return next(named_so, wanted)


def _base(stores: Stores, present: Item, base_revision: int) -> Item:
    if base_revision == present.revision:
        return present
    if base_revision > present.revision:
        message = Message(N_("The entry has no revision %(number)s yet."), {"number": base_revision})
        raise InvalidInput([FieldError("base_revision", message)])
    return stores.items.revision(present.id, base_revision).item or present


def _conflicting(base: Item, present: Item, wanted: ItemDraft, changed: Iterable[str]) -> Iterator[Sides]:
    for name in changed:
        sides = Sides(name, getattr(base, name), getattr(present, name), getattr(wanted, name))
        if sides.theirs not in (sides.base, sides.yours):
            yield sides
