"""Entries as a whole: creating, renaming, deleting and restoring, all by plain forms."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app import rendering
from app.domain.errors import DomainError, FieldError, Forbidden, InvalidInput, ItemNotFound, TitleTaken
from app.domain.items import Item, ItemHead
from app.domain.names import title_key
from app.domain.permissions import Permission, require
from app.extensions import current_actor, stores
from app.main import attribute_forms
from app.main.blueprint import blueprint
from app.services import bodies, item_edits, items
from app.services.items import Note

Page = Response | str | tuple[str, int]
_FIELDS = ("title", "category", "aliases", "summary", "comment")


@dataclass(frozen=True, slots=True)
class ItemFields:
    """What stands in the form of an entry. ``category`` is a name or slug; aliases are one a line."""

    title: str = ""
    category: str = ""
    aliases: str = ""
    summary: str = ""
    comment: str = ""
    base_revision: str = ""
    minor: bool = False
    errors: dict[str, list[str]] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """Return what was typed in the contract's form, but for the category."""
        aliases = [line.strip() for line in self.aliases.splitlines() if line.strip()]
        return {"title": self.title, "aliases": aliases, "summary": self.summary}

    def refused(self, error: DomainError) -> "ItemFields":
        """Return the same fields with what was refused beside each."""
        found: dict[str, list[str]] = {}
        errors = error.errors if isinstance(error, InvalidInput) else (FieldError("", error.message),)
        for refusal in errors:
            name = refusal.path.partition(".")[0]
            found.setdefault(name if name in _FIELDS else "", []).append(rendering.translate(refusal.message))
        return replace(self, errors=found)


@blueprint.route("/items/new", methods=["GET", "POST"])
def new_item() -> Page:
    """The form of a new entry; before a name like an existing one is made again, it asks."""
    require(current_actor(), Permission.CREATE, datetime.now(UTC))
    if request.method != "POST":
        fields = ItemFields(title=request.args.get("title", ""), category=request.args.get("category", ""))
        return _new_page(fields)
    fields = _of_form(request.form)
    try:
        draft = item_edits.read_draft(fields.body())
        alike = item_edits.alike(stores(), draft)
        if alike and request.form.get("anyway") != title_key(draft.title):
            return _new_page(fields, 409, alike, title_key(draft.title))
        item = item_edits.create(stores(), current_actor(), draft, fields.category, _note(fields))
    except (InvalidInput, TitleTaken) as refused:
        return _new_page(fields.refused(_at_title(refused)), refused.status)
    flash(_("The entry is created. Now fill in what you know."), "stored")
    return redirect(rendering.item_url(item.slug), 303)


@blueprint.route("/item/<slug>/edit", methods=["GET", "POST"])
def edit_item(slug: str) -> Page:
    """The form of an entry's title, category, aliases and summary."""
    require(current_actor(), Permission.EDIT, datetime.now(UTC))
    item = items.get(stores(), slug)
    if request.method != "POST":
        items.require_open(item, current_actor())
        return _edit_page(item, _of_item(item))
    fields = _of_form(request.form)
    try:
        done = item_edits.edit(
            stores(),
            current_actor(),
            item.id,
            fields.body(),
            fields.category,
            item_edits.read_revision(fields.base_revision),
            _note(fields),
        )
    except item_edits.FieldsConflict as conflict:
        # Only what was changed here stays as typed; all else must be as it is by now, or it would be undone.
        merged = replace(_of_item(conflict.merged), comment=fields.comment, minor=fields.minor)
        return _edit_page(conflict.current, merged, conflict.status, conflict)
    except (InvalidInput, TitleTaken, Forbidden) as refused:
        return _edit_page(item, fields.refused(_at_title(refused)), refused.status)
    return attribute_forms.back_to(done.item, done.moved_on)


@blueprint.route("/item/<slug>/delete", methods=["GET", "POST"])
def delete_item(slug: str) -> Page:
    """Ask for the reason, then leave a tombstone."""
    require(current_actor(), Permission.DELETE, datetime.now(UTC))
    item = items.get(stores(), slug)
    comment = request.form.get("comment", "")
    asked = request.method == "POST"
    if not asked or not comment.strip():
        return render_template("main/item_delete.html", item=item, asked=asked), 422 if asked else 200
    items.delete(stores(), current_actor(), item.id, Note(datetime.now(UTC), comment))
    flash(_("“%(title)s” is deleted.", title=item.title), "info")
    return redirect(rendering.item_url(item.id), 303)


@blueprint.post("/item/<slug>/undelete")
def undelete_item(slug: str) -> Page:
    """Bring a deleted entry back; ``slug`` is its id, since a tombstone has given its slug away."""
    actor, now = current_actor(), datetime.now(UTC)
    require(actor, Permission.RESTORE, now)
    head = items.find(stores(), slug)
    if head is None:
        raise ItemNotFound(slug)
    restored = items.undelete(stores(), actor, head.id, Note(now, request.form.get("comment", "")))
    flash(_("“%(title)s” is restored.", title=restored.title), "info")
    return redirect(rendering.item_url(restored.slug), 303)


def _of_form(form: MultiDict[str, str]) -> ItemFields:
    texts = ("title", "category", "aliases", "summary", "comment", "base_revision")
    return ItemFields(minor="minor" in form, **{name: form.get(name, "") for name in texts})  # type: ignore[arg-type]


def _of_item(item: Item) -> ItemFields:
    category = attribute_forms.category_of(item)
    return ItemFields(
        title=item.title,
        category=rendering.label(category) if category else item.category,
        aliases="\n".join(item.aliases),
        summary=item.summary,
        base_revision=str(item.revision),
    )


def _note(fields: ItemFields) -> Note:
    return Note(datetime.now(UTC), bodies.clean_comment(fields.comment), minor=fields.minor)


def _at_title(refused: DomainError) -> DomainError:
    return (
        InvalidInput([FieldError("title", refused.message)]) if isinstance(refused, TitleTaken) else refused
    )


def _new_page(
    fields: ItemFields, status: int = 200, alike: tuple[ItemHead, ...] = (), anyway: str = ""
) -> Page:
    html = render_template(
        "main/item_new.html", fields=fields, alike=alike, anyway=anyway, categories=stores().categories.all()
    )
    return html, status


def _edit_page(
    item: Item,
    fields: ItemFields,
    status: int = 200,
    conflict: "item_edits.FieldsConflict | None" = None,
) -> Page:
    html = render_template(
        "main/item_edit.html",
        item=item,
        fields=fields,
        conflict=conflict,
        categories=stores().categories.all(),
    )
    return html, status
