"""Editing an entry in place: the calls of the entry page's script, and what they answer.

Every call names the revision that was on the screen and is answered with the new one and with the
rendered row. Forms without JavaScript post to :mod:`app.main.attribute_forms`, at the same addresses
where the method is POST, and meet the same services.
"""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, jsonify, render_template, request

from app import json_bodies, rendering, web_errors
from app.domain.items import Attribute, Item
from app.domain.permissions import Permission, require
from app.extensions import current_actor, stores
from app.main import attribute_forms, facts
from app.main.blueprint import blueprint
from app.services import bodies, browsing, editing, items
from app.services.attributes import attribute_to_json
from app.services.editing import AttributeConflict, Edited, Sent
from app.services.items import Note

# Members of a call that are not the attribute's own.
_ENVELOPE = ("base_revision", "comment", "minor", "input")

Body = dict[str, object]
Answer = Response | tuple[Response, int]


@blueprint.post("/item/<slug>/attributes")
def add_attribute(slug: str) -> attribute_forms.Page | Answer:
    """Add an attribute; answer 201 with its row. What comes from a form is answered with a page."""
    if request.mimetype in attribute_forms.FORM_TYPES:
        return attribute_forms.add(slug)
    item, body = _asked(slug)
    done = editing.add_attribute(
        stores(), current_actor(), item.id, _sent(item, body), _base(body), note_of(body)
    )
    return _answer(done, 201)


@blueprint.patch("/item/<slug>/attributes/<key>")
def change_attribute(slug: str, key: str) -> Answer:
    """Change the members that are sent; answer the new row."""
    item, body = _asked(slug)
    done = editing.change_attribute(
        stores(), current_actor(), item.id, key, _sent(item, body), _base(body), note_of(body)
    )
    return _answer(done)


@blueprint.delete("/item/<slug>/attributes/<key>")
def delete_attribute(slug: str, key: str) -> Answer:
    """Delete an attribute; answer the new revision."""
    item, body = _asked(slug, ())
    done = editing.delete_attribute(stores(), current_actor(), item.id, key, _base(body), note_of(body))
    return _answer(done)


@blueprint.put("/item/<slug>/attributes/order")
def reorder_attributes(slug: str) -> Answer:
    """Put the attributes into another order; answer the new revision."""
    item, body = _asked(slug, ("order",))
    done = editing.reorder(stores(), current_actor(), item.id, body.get("order"), _base(body), note_of(body))
    return _answer(done)


@blueprint.post("/item/<slug>/images")
def upload_image(slug: str) -> Answer:
    """Keep a picture for an attribute of the entry; answer its file id."""
    require(current_actor(), Permission.UPLOAD, datetime.now(UTC))
    items.get(stores(), slug)
    sent = request.files.get("file")
    return jsonify(file=attribute_forms.store_picture(sent.read() if sent else b"")), 201


def note_of(body: Body) -> Note:
    """Return what the history is to say of the change, from the body of a call."""
    comment = bodies.clean_comment(body.get("comment") or "")
    return Note(datetime.now(UTC), comment, minor=body.get("minor") is True)


def _asked(slug: str, members: tuple[str, ...] | None = None) -> tuple[Item, Body]:
    """Return the entry and the body, in which nothing but ``members`` and the envelope may stand."""
    require(current_actor(), Permission.EDIT, datetime.now(UTC))
    body = json_bodies.read_object()
    if members is not None:
        bodies.Body(body, (*members, *_ENVELOPE)).finish()
    return items.get(stores(), slug), body


def _base(body: Body) -> int:
    return editing.read_base_revision(body.get("base_revision"))


def _sent(item: Item, body: Body) -> Sent:
    """Return the attribute of a call; ``input`` is its value as typed, in place of ``value``."""
    attribute = {name: value for name, value in body.items() if name not in _ENVELOPE}
    scope = items.scopes(stores(), rendering.locale()).of(item.category, item)
    if "input" not in body:
        return Sent(attribute, scope)
    return Sent({**attribute, "value": body["input"]}, scope, typed=True)


def _answer(done: Edited, status: int = 200) -> tuple[Response, int]:
    body: dict[str, object] = {"revision": done.item.revision, "moved_on": done.moved_on}
    if done.attribute is not None:
        body["attribute"] = attribute_to_json(done.attribute)
        body["html"] = row_html(done.item, done.attribute)
    response = jsonify(body)
    response.set_etag(str(done.item.revision))
    return response, status


def row_html(item: Item, attribute: Attribute) -> str:
    """Return the row of one attribute as the entry's page shows it to its editors."""
    alone = replace(item, attributes=(attribute,))
    category = stores().categories.find(item.category) if item.category else None
    fact = browsing.group_facts(alone, category, rendering.locale())[0].facts[0]
    context = rendering.render_context(references=browsing.resolve_references(stores(), (alone,)))
    return render_template(
        "includes/attribute_row.html", item=item, fact=facts.present(fact, context), can_edit=True
    )


@blueprint.errorhandler(AttributeConflict)
def _on_conflict(error: AttributeConflict) -> Response:
    """Answer all three sides; a script may show them, or load the page that does."""
    sides = {"theirs": error.theirs, "yours": error.yours, "base": error.base}
    return web_errors.problem(
        error,
        revision=error.current.revision,
        by=error.current.updated_by or None,
        **{name: attribute_to_json(side) if side else None for name, side in sides.items()},
    )
