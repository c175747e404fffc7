"""The history of an entry: every revision, what each one changed, and ways back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import json_bodies, rendering
from app.domain.errors import AttributeNotFound
from app.domain.items import Attribute, Item, Revision
from app.domain.permissions import Permission, require
from app.extensions import current_actor, stores
from app.kinds.base import RenderContext
from app.main import change_words, facts
from app.main.blueprint import blueprint
from app.main.change_words import Labels, Line
from app.services import browsing, histories, item_edits, items, moderation
from app.services.bodies import Body
from app.services.items import Note

_ON_A_PAGE = 20
_VERSIONS = 50
_MOST_REVISIONS = 2**31


@dataclass(frozen=True, slots=True)
class Told:
    """A revision with what it changed."""

    revision: Revision
    lines: tuple[Line, ...]
    is_undoable: bool


@dataclass(frozen=True, slots=True)
class Version:
    """What one revision said of an attribute; ``attribute`` is None where it was deleted."""

    revision: Revision
    attribute: Attribute | None
    html: str


@blueprint.get("/item/<slug>/history")
def history(slug: str) -> Any:
    """Every revision, newest first, with who, when, why, and what changed in words."""
    item = _readable(slug)
    if moved := _moved(item, slug, "main.history"):
        return moved
    before = _before()
    found = stores().items.whole_revisions(item.id, before, _ON_A_PAGE + 1)
    return render_template(
        "main/history.html",
        item=item,
        told=_told(found, item)[:_ON_A_PAGE],
        before=before,
        following=found[_ON_A_PAGE - 1].number if len(found) > _ON_A_PAGE else None,
    )


@blueprint.get("/item/<slug>/revision/<int:number>")
def revision(slug: str, number: int) -> Any:
    """The entry as it was at one revision."""
    item = _readable(slug)
    if moved := _moved(item, slug, "main.revision", number=number):
        return moved
    then = stores().items.revision(item.id, number)
    was = _whole(then)
    category = stores().categories.find(was.category) if was.category else None
    groups = browsing.group_facts(was, category, rendering.locale())
    return render_template(
        "main/revision.html",
        item=item,
        then=then,
        was=was,
        category=category,
        groups=facts.present_groups(groups, _context(was)),
    )


@blueprint.get("/item/<slug>/diff")
def choose_diff(slug: str) -> Response:
    """From the form of the history to the comparison of the two chosen revisions."""
    item = _readable(slug)
    first, second = (request.args.get(name, default=item.revision, type=int) for name in ("a", "b"))
    return redirect(url_for("main.diff", slug=slug, first=first, second=second))


@blueprint.get("/item/<slug>/diff/<int:first>/<int:second>")
def diff(slug: str, first: int, second: int) -> Any:
    """What differs between two revisions, attribute by attribute."""
    item = _readable(slug)
    if moved := _moved(item, slug, "main.diff", first=first, second=second):
        return moved
    sides = [stores().items.revision(item.id, number) for number in (first, second)]
    old, new = map(_whole, sides)
    found = histories.difference(old, new)
    label = _labels(new)
    return render_template(
        "main/diff.html",
        item=item,
        sides=sides,
        found=found,
        rows=change_words.rows(found, _context(old, new), label),
        orders=[change_words.order_words(side, label) for side in (old, new)],
        can_be_undone=second == first + 1 and histories.is_undoable(found),
    )


@blueprint.get("/item/<slug>/attributes/<key>/history")
def attribute_history(slug: str, key: str) -> Any:
    """Who said what of one attribute, when, and from which sources."""
    item = _readable(slug)
    if moved := _moved(item, slug, "main.attribute_history", key=key):
        return moved
    before = _before()
    found = stores().items.whole_revisions(item.id, before, _VERSIONS + 1, key)
    present = item.find_attribute(key)
    if not found and not present:
        raise AttributeNotFound(key)
    shown = found[:_VERSIONS]
    return render_template(
        "main/attribute_history.html",
        item=item,
        key=key,
        name=_name_of(key, found, item),
        versions=_versions(shown, key),
        before=before,
        following=shown[-1].number if len(found) > _VERSIONS else None,
    )


@blueprint.post("/item/<slug>/revert")
def revert(slug: str) -> Response:
    """Make the content of revision ``to`` the newest."""
    require(current_actor(), Permission.EDIT, _now())
    item = items.get(stores(), slug)
    number = item_edits.read_revision(request.form.get("to"), "to")
    comment = request.form.get("comment", "").strip() or _("Back to revision %(number)s", number=number)
    done = items.revert(stores(), current_actor(), item.id, number, Note(_now(), comment))
    return _done(item, done, _("The entry is again as it was at revision %(number)s.", number=number))


@blueprint.post("/item/<slug>/undo")
def undo(slug: str) -> Response:
    """Take back what ``revision`` changed and keep all since.

    A form is sent on to the entry; the script's JSON is answered with the new ``revision``.
    """
    require(current_actor(), Permission.EDIT, _now())
    item = items.get(stores(), slug)
    body = _read_undo() if request.is_json else request.form
    number = item_edits.read_revision(body.get("revision"), "revision")
    comment = body.get("comment") or _("Undid revision %(number)s", number=number)
    done = items.undo(stores(), current_actor(), item.id, number, Note(_now(), comment))
    if request.is_json:
        return jsonify(revision=done.revision)
    return _done(item, done, _("Revision %(number)s was undone.", number=number))


def _read_undo() -> dict[str, object]:
    body = json_bodies.read_object()
    Body(body, ("revision", "comment")).finish()
    return body


def _readable(slug: str) -> Item:
    return moderation.readable(stores(), current_actor(), slug, _now())


def _moved(item: Item, slug: str, endpoint: str, **values: Any) -> Response | None:
    """Return the way to the present slug; a tombstone has none, and stays where it was found."""
    if item.deleted or item.slug == slug:
        return None
    return redirect(url_for(endpoint, slug=item.slug, **values, **request.args.to_dict()), 301)


def _told(found: list[Revision], item: Item) -> list[Told]:
    """Return what each revision changed against the one before it, which follows it in ``found``."""
    context = _context(*map(_whole, found))
    label = _labels(item)
    earlier = [*found[1:], None]
    return [_told_one(new, old, context, label) for new, old in zip(found, earlier, strict=True)]


def _told_one(new: Revision, old: Revision | None, context: RenderContext, label: Labels) -> Told:
    found = histories.difference(_whole(old) if old else None, _whole(new))
    is_undoable = old is not None and histories.is_undoable(found)
    return Told(new, change_words.lines(found, context, label), is_undoable)


def _versions(found: list[Revision], key: str) -> list[Version]:
    context = _context(*map(_whole, found))
    return [_version(each, key, context) for each in found]


def _version(each: Revision, key: str, context: RenderContext) -> Version:
    attribute = _whole(each).find_attribute(key)
    return Version(each, attribute, change_words.value_html(attribute, context) if attribute else "")


def _name_of(key: str, found: list[Revision], item: Item) -> str:
    sides = (each.find_attribute(key) for each in (item, *map(_whole, found)))
    name = next((side.name for side in sides if side), key)
    return _labels(item)(key, name)


def _labels(item: Item) -> Labels:
    category = stores().categories.find(item.category) if item.category else None
    return change_words.labels_of(category, rendering.locale())


def _context(*found: Item) -> RenderContext:
    return rendering.render_context(references=browsing.resolve_references(stores(), found))


def _whole(found: Revision) -> Item:
    assert found.item is not None, "only whole revisions are asked for here"  # noqa: S101
    return found.item


def _before() -> int | None:
    number = request.args.get("before", default=0, type=int)
    return number if 0 < number < _MOST_REVISIONS else None


def _done(before: Item, done: Item, sentence: str) -> Response:
    flash(sentence if done.revision > before.revision else _("Nothing had to be changed."), "info")
    return redirect(url_for("main.item", slug=done.slug), 303)


def _now() -> datetime:
    return datetime.now(UTC)
