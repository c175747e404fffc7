"""What may be done to entries. Every write of an item, from page, AJAX, API or import, passes through here.

A write is a function from the present item to the one wanted: so a lost race is retried on the new
present, and nobody's work is lost. Permission, validation and the write itself are decided here alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from threading import RLock
from zlib import crc32

from app.domain.categories import Category
from app.domain.errors import (
    EditConflict,
    FieldError,
    Forbidden,
    InvalidInput,
    ItemDeleted,
    ItemNotFound,
    PreconditionFailed,
    ValueRefused,
)
from app.domain.items import Action, Attribute, Change, Item, Revision
from app.domain.messages import N_, Message
from app.domain.names import slugify, title_key
from app.domain.permissions import Permission, require
from app.domain.users import Actor, Role
from app.kinds.base import every_file
from app.kinds.checks import clean_text
from app.kinds.image import Image
from app.services import categories, histories
from app.services.attributes import Scope, attribute_from_json, attribute_to_json, count_units
from app.services.bodies import Body, clean_comment, line, read_list, visible_line
from app.storage.files import ITEM_IMAGE
from app.storage.stores import Stores
from app.storage.wait_budgets import held

MAX_TITLE = 200
MAX_CATEGORY = 120
MAX_ALIASES = 50
MAX_SUMMARY = 2000
MAX_ATTRIBUTES = 1000
_ATTEMPTS = 50
_WHO = {
    Role.VISITOR: N_("all readers"),
    Role.EDITOR: N_("editors"),
    Role.MODERATOR: N_("moderators"),
    Role.ADMIN: N_("administrators"),
}
# Writers of one entry in this process go one after the other, since each who meets another writes in
# vain. What keeps them from overwriting one another is the revision in the write itself.
_QUEUES = tuple(RLock() for _ in range(256))

WRITABLE = ("title", "category", "aliases", "summary", "attributes")
READ_ONLY = (
    "id",
    "slug",
    "revision",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "links",
)

ChangeOf = Callable[[Item], Item]
Condition = Callable[[Item], bool]


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """What a writer says an item is: everything but what the wiki itself decides."""

    title: str
    category: str = ""
    aliases: tuple[str, ...] = ()
    summary: str = ""
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What goes into the history with a change. ``now`` is aware UTC."""

    now: datetime
    comment: str = ""
    action: Action = Action.EDIT
    minor: bool = False


class Scopes:
    """The surroundings of attributes by category, fetched once and kept for one request or batch.

    ``categories`` may be a function, which is called when they are first needed: many changes touch no
    attribute.
    """

    def __init__(
        self,
        categories: Iterable[Category] | Callable[[], Iterable[Category]],
        locale: str = "en",
        has_file: Callable[[str], bool] = every_file,
    ) -> None:
        self._source = categories
        self._locale = locale
        self._has_file = has_file

    @cached_property
    def _categories(self) -> dict[str, Category]:
        found = self._source() if callable(self._source) else self._source
        return {category.slug: category for category in found}

    @cached_property
    def _units(self) -> frozenset[str]:
        return count_units(self._categories.values())

    def of(self, category: str, present: Item | None = None) -> Scope:
        """Return what a category (its slug, or "") says about attributes.

        Uploaded files that ``present`` names already may be named again, whatever became of them.
        """
        kept = _files_of(present) if present else frozenset()
        return Scope(
            self._categories.get(category),
            self._locale,
            self._units,
            lambda file_id: file_id in kept or self._has_file(file_id),
        )

    def add(self, category: Category) -> None:
        """Know a category that was made meanwhile."""
        self._categories[category.slug] = category
        self._units = count_units(self._categories.values())

    def __contains__(self, slug: str) -> bool:
        return slug in self._categories


def scopes(stores: Stores, locale: str = "en") -> Scopes:
    """Return the surroundings that all categories give, in one query; only files that exist may be named."""
    return Scopes(stores.categories.all, locale, lambda file_id: stores.files.exists(file_id, ITEM_IMAGE))


def _files_of(item: Item) -> frozenset[str]:
    values = (attribute.value for attribute in item.attributes)
    return frozenset(value.file for value in values if isinstance(value, Image) and value.file)


# Reading and showing


def draft_from_json(
    raw: object,
    known: Scopes,
    present: Item | None = None,
    known_keys: Iterable[str] = (),
    *,
    may_name_new: bool = False,
) -> ItemDraft:
    """Return the draft of the contract's JSON form of an item; raise InvalidInput with paths.

    ``present`` is the item that it is to replace: its attributes may keep keys that no longer follow
    from their names, as may those of ``known_keys``, and what is sent back as it is stays, even of a
    kind that is unknown. A category that does not exist is refused unless the body ``may_name_new`` ones,
    which :func:`create` and :func:`edit` make.
    """
    body = Body(raw, (*WRITABLE, "comment"), READ_ONLY)
    read = read_any_category if may_name_new else partial(read_category, known=known)
    category = body.take("category", read, "")
    unchanged = present.attributes if present else ()
    keys = set(known_keys).union(attribute.key for attribute in unchanged)

    def attributes(sent: object) -> tuple[Attribute, ...]:
        return read_attributes(sent, known.of(category, present), keys, unchanged)

    draft = ItemDraft(
        title=body.require("title", visible_line(MAX_TITLE), ""),
        category=category,
        aliases=body.take("aliases", read_aliases, ()),
        summary=body.take("summary", read_summary, ""),
        attributes=body.take("attributes", attributes, ()),
    )
    body.finish()
    return draft


def read_category(raw: object, known: Scopes) -> str:
    """Return the slug of a category that exists, or ""; raise ValueRefused."""
    slug = line(MAX_TITLE)(raw)
    if slug and slug not in known:
        raise ValueRefused(Message(N_("The slug of an existing category was expected.")))
    return slug


def read_any_category(raw: object) -> str:
    """Return the slug of a category that exists or may be made, or ""; raise ValueRefused."""
    slug = line(MAX_CATEGORY)(raw)
    if slugify(slug) != slug:
        raise ValueRefused(Message(N_("A slug such as “%(slug)s” was expected."), {"slug": slugify(slug)}))
    return slug


def read_aliases(raw: object) -> tuple[str, ...]:
    """Return other names, without those that repeat one; raise ValueRefused or InvalidInput."""
    aliases = read_list(raw, MAX_ALIASES, visible_line(MAX_TITLE))
    return tuple({title_key(alias): alias for alias in reversed(aliases)}.values())[::-1]


def read_summary(raw: object) -> str:
    """Return a summary of some sentences; raise ValueRefused."""
    return clean_text(raw, MAX_SUMMARY).strip()


def read_attributes(
    raw: object, scope: Scope, known_keys: Iterable[str] = (), unchanged: Iterable[Attribute] = ()
) -> tuple[Attribute, ...]:
    """Return attributes in their order; raise InvalidInput, also where two of them share a key.

    One that equals the JSON form of one of ``unchanged`` is that one, even of a kind that is unknown.
    """
    keys = frozenset(known_keys)
    kept = {attribute.key: attribute for attribute in unchanged}

    def read(sent: object) -> Attribute:
        same = kept.get(str(sent.get("key"))) if isinstance(sent, Mapping) else None
        if same is not None and sent == attribute_to_json(same):
            return same
        return attribute_from_json(sent, scope, keys)

    found = read_list(raw, MAX_ATTRIBUTES, read)
    refuse_shared_keys(found)
    return found


def refuse_shared_keys(attributes: Iterable[Attribute]) -> None:
    """Raise InvalidInput, with the path of the later one, where two attributes share a key."""
    seen: set[str] = set()
    for index, attribute in enumerate(attributes):
        if attribute.key in seen:
            message = Message(N_("Another attribute has the key “%(key)s”."), {"key": attribute.key})
            raise InvalidInput([FieldError(f"{index}.name", message)])
        seen.add(attribute.key)


def item_to_json(item: Item) -> dict[str, object]:
    """Return the contract's JSON form but for ``links``, which only the web knows."""
    return {
        "id": item.id,
        "slug": item.slug,
        "title": item.title,
        "category": item.category,
        "aliases": list(item.aliases),
        "summary": item.summary,
        "attributes": [attribute_to_json(attribute) for attribute in item.attributes],
        "revision": item.revision,
        "created_at": time_to_json(item.created_at),
        "created_by": item.created_by or None,
        "updated_at": time_to_json(item.updated_at),
        "updated_by": item.updated_by or None,
    }


def time_to_json(at: datetime) -> str:
    """Return an aware time as RFC 3339 in UTC, to the millisecond."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


# Finding


def get(stores: Stores, id_or_slug: str) -> Item:
    """Return an existing item by id, present slug or past slug; raise ItemNotFound or ItemDeleted."""
    found = find(stores, id_or_slug)
    if found is None:
        raise ItemNotFound(id_or_slug)
    if found.deleted:
        raise ItemDeleted(found)
    return found


def find(stores: Stores, id_or_slug: str) -> Item | None:
    """Return an item or its tombstone, or None."""
    return stores.items.find(id_or_slug) or stores.items.find_by_slug(id_or_slug)


# Writing


def create(stores: Stores, actor: Actor, draft: ItemDraft, note: Note, *, category_name: str = "") -> Item:
    """Add an entry and return it; raise TitleTaken, Forbidden or Unauthenticated.

    A category that is new gets ``category_name``, or one made from its slug.
    """
    require(actor, Permission.CREATE, note.now)
    item = stores.items.insert(first_revision(stores, actor, draft, note))
    _ensure_category(stores, actor, item, note, category_name)
    return item


def first_revision(stores: Stores, actor: Actor, draft: ItemDraft, note: Note) -> Item:
    """Return the entry that a draft would become, without storing it."""
    item = Item(
        id=stores.items.new_id(),
        slug=slugify(draft.title),
        title=draft.title,
        category=draft.category,
        aliases=draft.aliases,
        summary=draft.summary,
        attributes=draft.attributes,
        revision=1,
        created_at=note.now,
        created_by=actor.username,
        change=Change(note.now, actor.username, clean_comment(note.comment), Action.CREATE, (), note.minor),
    )
    return replace(item, change=replace(item.change, keys=histories.touched_keys(None, item)))


def edit(
    stores: Stores,
    actor: Actor,
    item_id: str,
    change: ChangeOf,
    note: Note,
    *,
    base_revision: int | None = None,
    only_if: Condition | None = None,
    permission: Permission = Permission.EDIT,
    category_name: str = "",
    present: Item | None = None,
) -> Item:
    """Store ``change`` of the present item as a new revision and return it.

    ``change`` may raise any domain error. Where ``base_revision`` is given and is not the present one,
    or ``only_if`` does not hold of the present item, PreconditionFailed is raised with it, also when it
    moves on during the write. Else a lost race is repeated on the new present, and at last raises
    EditConflict. No difference makes no revision. A title that is given up keeps its slug as a redirect.
    ``category_name`` is as for :func:`create`. ``present`` is the item as it was read a moment ago, if it
    was: where nobody was in the way since, it is not read again.
    """
    require(actor, permission, note.now)
    with held(_QUEUES[crc32(item_id.encode(errors="replace")) % len(_QUEUES)]) as waited:
        # What is refused, is refused by what is there now.
        is_usable = present is not None and not waited and _meets(present, base_revision, only_if)
        before = present if present and is_usable else _existing(stores, item_id)
        item = _edit(stores, actor, before, change, note, base_revision, only_if)
        if item.category != before.category:
            _ensure_category(stores, actor, item, note, category_name)
        return item


def _edit(
    stores: Stores,
    actor: Actor,
    head: Item,
    change: ChangeOf,
    note: Note,
    base_revision: int | None,
    only_if: Condition | None,
) -> Item:
    for _ in range(_ATTEMPTS):
        if not _meets(head, base_revision, only_if):
            raise PreconditionFailed(head)
        new = _as_wanted(head, change(head), actor, note)
        if new is None:
            return head
        require_unprotected(head, new, actor)
        try:
            return stores.items.replace(head, new)
        except EditConflict as conflict:
            head = conflict.current or _existing(stores, head.id)
            _refuse_deleted(head)
    raise EditConflict(head)


def _ensure_category(stores: Stores, actor: Actor, item: Item, note: Note, name: str = "") -> None:
    # After the entry itself, so that a refused one leaves nothing behind; listings bear its absence.
    # Categories stay once they are made, so that to have seen it just now is enough.
    if item.category and stores.categories.find_recent(item.category) is None:
        found = name if slugify(name) == item.category else item.category
        categories.ensure(stores, actor, found, note.now)


def replaced_by(draft: ItemDraft) -> ChangeOf:
    """Return the change to everything that a draft says."""
    return lambda item: replace(
        item,
        title=draft.title,
        category=draft.category,
        aliases=draft.aliases,
        summary=draft.summary,
        attributes=draft.attributes,
    )


def delete(
    stores: Stores,
    actor: Actor,
    item_id: str,
    note: Note,
    *,
    base_revision: int | None = None,
    only_if: Condition | None = None,
) -> Item:
    """Leave a tombstone and return it: the history stays, title and slug become free."""
    return edit(
        stores,
        actor,
        item_id,
        lambda item: replace(item, deleted=True),
        replace(note, action=Action.DELETE),
        base_revision=base_revision,
        only_if=only_if,
        permission=Permission.DELETE,
    )


def undelete(stores: Stores, actor: Actor, item_id: str, note: Note) -> Item:
    """Bring a deleted entry back as it was; raise TitleTaken if its title is in use by now."""
    require(actor, Permission.RESTORE, note.now)
    head = stores.items.get(item_id)
    if not head.deleted:
        return head
    restored = replace(head, deleted=False, slug=slugify(head.title))
    return stores.items.replace(head, replace(restored, change=_change(actor, note, Action.UNDELETE, ())))


def revert(
    stores: Stores,
    actor: Actor,
    item_id: str,
    number: int,
    note: Note,
    *,
    only_if: Condition | None = None,
) -> Item:
    """Make the content of revision ``number`` the newest; raise RevisionNotFound."""
    earlier = _content(stores.items.revision(item_id, number))
    return edit(
        stores,
        actor,
        item_id,
        replaced_by(
            ItemDraft(earlier.title, earlier.category, earlier.aliases, earlier.summary, earlier.attributes)
        ),
        replace(note, action=Action.REVERT),
        only_if=only_if,
    )


def undo(stores: Stores, actor: Actor, item_id: str, number: int, note: Note) -> Item:
    """Take back what revision ``number`` changed and keep all since; raise CannotUndo or RevisionNotFound."""
    after = _content(stores.items.revision(item_id, number))
    before = _content(stores.items.revision(item_id, number - 1))
    return edit(
        stores,
        actor,
        item_id,
        lambda present: histories.undone(before, after, present),
        replace(note, action=Action.REVERT),
    )


def require_unprotected(head: Item, new: Item, actor: Actor) -> None:
    """Raise Forbidden if the change touches what only a higher role may edit."""
    require_open(head, actor)
    for key in new.change.keys:
        require_attribute_open(head, key, actor)


def require_open(item: Item, actor: Actor) -> None:
    """Raise Forbidden if only a higher role may edit the entry."""
    if not _suffices(actor, item.protection):
        raise Forbidden(
            Message(
                N_("This entry is protected; only %(roles)s may change it."), {"roles": _who(item.protection)}
            )
        )


def require_attribute_open(item: Item, key: str, actor: Actor) -> None:
    """Raise Forbidden if only a higher role may edit the attribute, which need not exist yet."""
    level = dict(item.protected_keys).get(key, "")
    if not _suffices(actor, level):
        attribute = item.find_attribute(key)
        name = attribute.name if attribute else key
        raise Forbidden(
            Message(
                N_("The attribute “%(name)s” is protected; only %(roles)s may change it."),
                {"name": name, "roles": _who(level)},
            )
        )


def _suffices(actor: Actor, level: str) -> bool:
    return not level or actor.role.includes(Role(level))


def _who(level: str) -> Message:
    return Message(_WHO[Role(level)])


def _meets(head: Item, base_revision: int | None, only_if: Condition | None) -> bool:
    return base_revision in (None, head.revision) and (only_if is None or only_if(head))


def _as_wanted(head: Item, new: Item, actor: Actor, note: Note) -> Item | None:
    """Return ``new`` with its change and slug, or None where it does not differ from ``head``."""
    refuse_shared_keys(new.attributes)
    keys = histories.touched_keys(head, new)
    if not keys and new.deleted == head.deleted:
        return None
    renamed = title_key(new.title) != title_key(head.title) and slugify(new.title) != slugify(head.title)
    if renamed:
        new = replace(new, slug=slugify(new.title), past_slugs=_past_slugs(head, slugify(new.title)))
    action = Action.RENAME if renamed and note.action is Action.EDIT else note.action
    return replace(new, change=_change(actor, note, action, keys))


def _past_slugs(head: Item, new_slug: str) -> tuple[str, ...]:
    past = dict.fromkeys((*head.past_slugs, head.slug))
    past.pop(new_slug, None)
    return tuple(past)


def _change(actor: Actor, note: Note, action: Action, keys: tuple[str, ...]) -> Change:
    return Change(note.now, actor.username, clean_comment(note.comment), action, keys, note.minor)


def _existing(stores: Stores, item_id: str) -> Item:
    head = stores.items.get(item_id)
    _refuse_deleted(head)
    return head


def _refuse_deleted(head: Item) -> None:
    if head.deleted:
        raise ItemDeleted(head)


def _content(revision: Revision) -> Item:
    if revision.item is None:  # pragma: no cover - the store's verb for one revision always has it
        raise ItemNotFound(revision.item_id)
    return revision.item
