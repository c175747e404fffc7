"""Items as documents and back. Kinds decide how a value is kept; unknown and damaged ones survive.

Reading what was written gives an equal item: the archive of history relies on it.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from bson import ObjectId

from app.domain.errors import ItemNotFound, ValueRefused
from app.domain.items import Action, Attribute, Change, Item, ItemHead, Source, State
from app.domain.names import title_key
from app.kinds import registry
from app.utils.bson_json import bson_obj_id

Document = dict[str, Any]

# A value that its own kind cannot read is shown by the unknown kind under this prefix, and written
# back as it was found.
UNREADABLE = "unreadable "

# What an item's document has beside the item: for searching and sorting only, never read back.
SEARCH_FIELDS = ("title_key", "updated", "names", "grams", "words", "x", "m", "refs", "score")
WITHOUT_SEARCH_FIELDS: Mapping[str, bool] = dict.fromkeys(SEARCH_FIELDS, False)

HEAD_PROJECTION: Mapping[str, bool] = dict.fromkeys(
    ("slug", "title", "category", "revision", "summary", "aliases", "change.at"), True
)


def object_id(item_id: str) -> ObjectId:
    """Return the ObjectId of ``item_id``; raise ItemNotFound for what cannot be one."""
    found = bson_obj_id(item_id)
    if found is None:
        raise ItemNotFound(item_id)
    return found


def to_milliseconds(moment: datetime) -> datetime:
    """Return ``moment`` (aware) in UTC as the database keeps it, so that what is written reads back equal."""
    in_utc = moment.astimezone(UTC)
    return in_utc.replace(microsecond=in_utc.microsecond // 1000 * 1000)


def from_database(moment: datetime) -> datetime:
    """Return a time of the database as aware UTC, whether or not the connection is time-zone aware."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def item_document(item: Item) -> Document:
    """Return the item as its revision is kept, ``_id`` included, without search fields.

    A tombstone gives its slug and title free: the slug moves to ``former_slug``.
    """
    return {
        "_id": ObjectId(item.id),
        ("former_slug" if item.deleted else "slug"): item.slug,
        "title": item.title,
        "category": item.category,
        "revision": item.revision,
        **_identities(item),
        "created_at": to_milliseconds(item.created_at),
        "created_by": item.created_by,
        "change": _change_document(item.change),
        "aliases": list(item.aliases),
        "summary": item.summary,
        "attributes": [_attribute_document(attribute) for attribute in item.attributes],
        "past_slugs": list(item.past_slugs),
        "deleted": item.deleted,
        "protection": item.protection,
        "protected_keys": [list(pair) for pair in item.protected_keys],
    }


def _identities(item: Item) -> Document:
    found = {"revision_id": item.revision_id, "parent_id": item.parent_id}
    return {name: ObjectId(value) for name, value in found.items() if value}


def live_fields(item: Item) -> Document:
    """Return the fields that only an existing item has, unique or sorted by; none for a tombstone."""
    if item.deleted:
        return {}
    return {"title_key": title_key(item.title), "updated": to_milliseconds(item.change.at)}


def revision_document(item: Item) -> Document:
    """Return the item as it is kept among the earlier revisions."""
    document = item_document(item)
    document["item_id"] = document.pop("_id")
    return document


def item_from(document: Mapping[str, Any]) -> Item:
    """Read an item from its head or from one of its archived revisions."""
    return Item(
        id=str(document.get("item_id") or document["_id"]),
        slug=document.get("slug") or document.get("former_slug", ""),
        title=document["title"],
        category=document["category"],
        revision=document["revision"],
        created_at=from_database(document["created_at"]),
        created_by=document["created_by"],
        change=change_from(document["change"]),
        aliases=tuple(document["aliases"]),
        summary=document["summary"],
        attributes=tuple(map(_attribute_from, document["attributes"])),
        past_slugs=tuple(document["past_slugs"]),
        deleted=document["deleted"],
        protection=document["protection"],
        protected_keys=tuple((key, role) for key, role in document["protected_keys"]),
        revision_id=str(document.get("revision_id") or ""),
        parent_id=str(document.get("parent_id") or ""),
    )


def head_from(document: Mapping[str, Any]) -> ItemHead:
    """Read what lists show; fields that were not asked for stay empty."""
    change = document.get("change")
    return ItemHead(
        id=str(document["_id"]),
        slug=document.get("slug", ""),
        title=document.get("title", ""),
        category=document.get("category", ""),
        revision=document.get("revision", 0),
        summary=document.get("summary", ""),
        aliases=tuple(document.get("aliases", ())),
        updated_at=from_database(change["at"]) if change else None,
    )


def change_from(document: Mapping[str, Any]) -> Change:
    """Read who made a revision, when and why."""
    return Change(
        at=from_database(document["at"]),
        by=document["by"],
        comment=document["comment"],
        action=Action(document["action"]),
        keys=tuple(document["keys"]),
        minor=document["minor"],
    )


def _change_document(change: Change) -> Document:
    return {
        "at": to_milliseconds(change.at),
        "by": change.by,
        "comment": change.comment,
        "action": change.action.value,
        "keys": list(change.keys),
        "minor": change.minor,
    }


def _attribute_document(attribute: Attribute) -> Document:
    """Empty fields are left out: 40 attributes an item, a million items."""
    document: Document = {
        "key": attribute.key,
        "name": attribute.name,
        "kind": attribute.kind.removeprefix(UNREADABLE),
        "state": attribute.state.value,
    }
    if attribute.state is State.VALUE:
        document["value"] = registry.get(attribute.kind).to_stored(attribute.value)
    optional: Document = {
        "group": attribute.group,
        "note": attribute.note,
        "sources": [{"url": source.url, "title": source.title} for source in attribute.sources],
        "verified_on": attribute.verified_on.isoformat() if attribute.verified_on else "",
    }
    return document | {name: value for name, value in optional.items() if value}


def _attribute_from(document: Mapping[str, Any]) -> Attribute:
    state = _STATES.get(document["state"]) or State(document["state"])
    kind, value = _value_from(document) if state is State.VALUE else (document["kind"], None)
    verified_on = document.get("verified_on")
    return Attribute(
        key=document["key"],
        name=document["name"],
        kind=kind,
        state=state,
        value=value,
        group=document.get("group", ""),
        note=document.get("note", ""),
        sources=_sources_from(document["sources"]) if "sources" in document else (),
        verified_on=date.fromisoformat(verified_on) if verified_on else None,
    )


# A look-up costs a tenth of the enumeration's own call, and it is made for each attribute.
_STATES = {state.value: state for state in State}


def _sources_from(stored: Iterable[Mapping[str, str]]) -> tuple[Source, ...]:
    return tuple(Source(source["url"], source["title"]) for source in stored)


def _value_from(document: Mapping[str, Any]) -> tuple[str, object]:
    kind, stored = document["kind"], document.get("value")
    try:
        return kind, registry.get(kind).from_stored(stored)
    except (ValueRefused, ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        # One damaged value must not take its whole entry out of reach.
        return UNREADABLE + kind, registry.get(UNREADABLE + kind).from_stored(stored)
