"""Adding and changing attributes by forms: pages of their own, and the same forms within the entry's page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import json_bodies, rendering
from app.domain.categories import Category
from app.domain.errors import (
    AttributeNotFound,
    DomainError,
    FieldError,
    Forbidden,
    InvalidInput,
    KeyTaken,
    NotFound,
)
from app.domain.items import Attribute, Item
from app.domain.permissions import Permission, require
from app.extensions import current_actor, stores
from app.kinds import registry
from app.kinds.image import ImageKind
from app.main import attribute_fields, change_words, widgets
from app.main.attribute_fields import AttributeFields
from app.main.blueprint import blueprint
from app.services import browsing, editing, histories, items, pictures
from app.services.editing import AttributeConflict, Edited
from app.services.items import Note

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

Page = Response | str | tuple[str, int]


@blueprint.get("/item/<slug>/attributes/new")
def new_attribute(slug: str) -> Page:
    """The empty form; ``key`` names a property of the category to be filled."""
    item = _editable(slug)
    category = category_of(item)
    key = request.args.get("key", "")
    _require_open(item, key)
    prop = category.find_property(key) if category and key else None
    if (present := item.find_attribute(key)) is not None:
        return _page(item, attribute_fields.of_attribute(item, present, rendering.locale()))
    return _page(item, attribute_fields.blank(item, prop, request.args.get("name", "")))


@blueprint.get("/item/<slug>/attributes/<key>/edit")
def edit_attribute(slug: str, key: str) -> Page:
    """The form of one attribute as it is now."""
    item = _editable(slug)
    _require_open(item, key)
    return _page(item, attribute_fields.of_attribute(item, _attribute(item, key), rendering.locale()))


def add(slug: str) -> Page:
    """Take the form of a new attribute."""
    item = _editable(slug)
    fields = attribute_fields.of_form(request.form)
    if request.form.get("action") == "kind":
        return _page(item, fields)
    return _take(item, fields, _add)


@blueprint.post("/item/<slug>/attributes/<key>")
def post_attribute(slug: str, key: str) -> Page:
    """Take the form of an attribute; ``action`` is save, delete, up, down, or kind (another widget)."""
    item = _editable(slug)
    json_bodies.require_type(*FORM_TYPES)
    fields = attribute_fields.of_form(request.form, key)
    action = request.form.get("action", "save")
    if action == "kind":
        return _page(item, fields)
    return _take(item, fields, _ACTIONS.get(action, _change))


def category_of(item: Item) -> Category | None:
    """Return the category of an entry, if it has one that exists."""
    return stores().categories.find(item.category) if item.category else None


def back_to(item: Item, moved_on: bool = False, anchor: str = "") -> Response:
    """Return the way to the entry, with a word if others changed it meanwhile.

    The words are of the sort "stored", by which a page knows that a draft is no longer needed.
    """
    if moved_on:
        flash(
            _("Saved. Others changed other parts of this entry meanwhile; their changes are kept."), "stored"
        )
    else:
        flash(_("Saved."), "stored")
    return redirect(rendering.item_url(item.slug) + (f"#fact-{anchor}" if anchor else ""), 303)


def _editable(slug: str) -> Item:
    require(current_actor(), Permission.EDIT, datetime.now(UTC))
    return items.get(stores(), slug)


def _require_open(item: Item, key: str) -> None:
    """Tell of a protection before anything is typed; what was typed already is kept in its form."""
    items.require_open(item, current_actor())
    items.require_attribute_open(item, key, current_actor())


def _attribute(item: Item, key: str) -> Attribute:
    found = item.find_attribute(key)
    if found is None:
        raise AttributeNotFound(key)
    return found


def _take(item: Item, fields: AttributeFields, act: Callable[[Item, AttributeFields], Edited]) -> Page:
    try:
        fields = _with_upload(fields)
        done = act(item, fields)
    except AttributeConflict as conflict:
        return _conflict_page(conflict, fields)
    except NotFound:
        raise
    except (InvalidInput, KeyTaken, Forbidden) as refused:
        return _page(item, fields.refused(_at_name(refused)), refused.status)
    if fields.key and done.item.find_attribute(fields.key) is None:
        return _back_from_deleting(item, fields, moved_on=done.moved_on)
    return back_to(done.item, done.moved_on, done.attribute.key if done.attribute else fields.key)


def _back_from_deleting(item: Item, fields: AttributeFields, *, moved_on: bool) -> Response:
    present = item.find_attribute(fields.key)
    label = change_words.labels_of(category_of(item), rendering.locale())
    sentences = [_("Deleted: %(name)s", name=label(fields.key, present.name if present else fields.key))]
    if moved_on:
        sentences.append(_("Others changed other parts of this entry meanwhile; their changes are kept."))
    flash(" ".join(sentences), "stored")
    return redirect(rendering.item_url(item.slug), 303)


def _at_name(refused: DomainError) -> DomainError:
    if isinstance(refused, KeyTaken):
        return InvalidInput([FieldError("name", refused.message)])
    return refused


def _with_upload(fields: AttributeFields) -> AttributeFields:
    """Store the picture that came with the form, so that it stays chosen whatever else is refused."""
    sent = request.files.get("file")
    if sent is None or not sent.filename or not isinstance(registry.get(fields.kind), ImageKind):
        return fields
    try:
        return replace(fields, text=store_picture(sent.read()))
    except InvalidInput as refused:
        raise InvalidInput([FieldError("value", error.message) for error in refused.errors]) from refused


def store_picture(content: bytes) -> str:
    """Keep an uploaded picture and return its file id; raise InvalidInput (path ``file``), Forbidden."""
    return pictures.keep(stores(), current_actor(), content, datetime.now(UTC))


def _note(fields: AttributeFields) -> Note:
    return Note(datetime.now(UTC), fields.comment, minor=fields.minor)


def _add(item: Item, fields: AttributeFields) -> Edited:
    scope = items.scopes(stores(), rendering.locale()).of(item.category, item)
    base = attribute_fields.base_revision(fields)
    return editing.add_attribute(stores(), current_actor(), item.id, fields.sent(scope), base, _note(fields))


def _change(item: Item, fields: AttributeFields) -> Edited:
    scope = items.scopes(stores(), rendering.locale()).of(item.category, item)
    base = attribute_fields.base_revision(fields)
    sent = fields.sent(scope)
    return editing.change_attribute(stores(), current_actor(), item.id, fields.key, sent, base, _note(fields))


def _delete(item: Item, fields: AttributeFields) -> Edited:
    base = attribute_fields.base_revision(fields)
    return editing.delete_attribute(stores(), current_actor(), item.id, fields.key, base, _note(fields))


def _up(item: Item, fields: AttributeFields) -> Edited:
    return _moved(item, fields, -1)


def _down(item: Item, fields: AttributeFields) -> Edited:
    return _moved(item, fields, 1)


def _moved(item: Item, fields: AttributeFields, step: int) -> Edited:
    """Exchange an attribute with its neighbour in the group, in the order that the page shows."""
    groups = browsing.group_facts(item, category_of(item), rendering.locale())
    keys = [[fact.attribute.key for fact in group.facts] for group in groups]
    for group in keys:
        if fields.key in group:
            place = group.index(fields.key)
            other = min(max(place + step, 0), len(group) - 1)
            group[place], group[other] = group[other], group[place]
    order = [key for group in keys for key in group]
    return editing.reorder(stores(), current_actor(), item.id, order, item.revision, _note(fields))


_ACTIONS: dict[str, Callable[[Item, AttributeFields], Edited]] = {
    "save": _change,
    "delete": _delete,
    "up": _up,
    "down": _down,
}


def _page(item: Item, fields: AttributeFields, status: int = 200) -> tuple[str, int]:
    return _rendered("attribute_form", item, status, fields=fields)


def _conflict_page(conflict: AttributeConflict, fields: AttributeFields) -> tuple[str, int]:
    """Show the three sides above the form as it was typed; to send it again overrules theirs."""
    item, theirs = conflict.current, conflict.theirs
    if conflict.yours is None and theirs is not None:
        fields = attribute_fields.of_attribute(item, theirs, rendering.locale())
    fields = replace(fields, key=theirs.key if theirs else "", base_revision=str(item.revision))
    sides = (conflict.base, conflict.theirs, conflict.yours)
    some = next(side for side in sides if side)
    return _rendered(
        "attribute_conflict",
        item,
        conflict.status,
        fields=fields,
        name=change_words.labels_of(category_of(item), rendering.locale())(some.key, some.name),
        by=item.updated_by,
        texts=_side_texts(sides),
    )


def _side_texts(sides: tuple[Attribute | None, ...]) -> list[str]:
    """Return what each side says, a line each: its value, and what is not the same in all of them.

    A side that has no such attribute says "".
    """
    context = rendering.render_context()
    besides = [_besides(side) if side else [] for side in sides]
    same = set.intersection(*(set(lines) for lines, side in zip(besides, sides, strict=True) if side))
    return [
        "\n".join([histories.fact_text(side, context), *(line for line in lines if line not in same)])
        if side
        else ""
        for lines, side in zip(besides, sides, strict=True)
    ]


def _besides(side: Attribute) -> list[str]:
    sources = [" ".join(filter(None, (source.title, source.url))) for source in side.sources]
    return [line for line in (side.name, side.group, side.note, *sources, _checked(side)) if line]


def _checked(side: Attribute) -> str:
    return _("Checked on %(date)s", date=rendering.day(side.verified_on)) if side.verified_on else ""


def _rendered(
    template: str, item: Item, status: int, fields: AttributeFields, **others: object
) -> tuple[str, int]:
    folder = "includes" if "fragment" in request.values else "main"
    category = category_of(item)
    prop = category.find_property(fields.key) if category and fields.key else None
    return (
        render_template(
            f"{folder}/{template}.html",
            item=item,
            fields=fields,
            choices=widgets.choices(fields, prop, category),
            **others,
        ),
        status,
    )
