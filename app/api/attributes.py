"""The attributes of an entry, one by one. Their ETag is the entry's."""

from urllib.parse import quote

from flask import Response
from flask.views import MethodView

from app import json_bodies
from app.api import auth, bodies
from app.api.blueprint import blueprint
from app.api.conditions import condition
from app.api.idempotency import repeatable
from app.api.items import open_item
from app.api.representations import conditional, created, item_address
from app.domain.items import Item
from app.extensions import stores
from app.services import items, patches
from app.services.attributes import attribute_to_json


class AttributeList(MethodView):
    """All attributes of an entry in their order."""

    def get(self, id_or_slug: str) -> Response:
        """Return them; 304 where the client has this revision."""
        item = items.get(stores(), id_or_slug)
        return conditional(item, {"attributes": [attribute_to_json(found) for found in item.attributes]})

    @repeatable
    def post(self, id_or_slug: str) -> Response:
        """Add an attribute at the end."""
        before = open_item(id_or_slug)
        body = json_bodies.read()
        change = patches.added_attribute(bodies.without_comment(body), items.scopes(stores()))
        item = _edit(before, change, bodies.note_for(body))
        return _created(item, item.attributes[-1].key)


class AttributeResource(MethodView):
    """One attribute."""

    def get(self, id_or_slug: str, key: str) -> Response:
        """Return it; 304 where the client has this revision."""
        return _answer(items.get(stores(), id_or_slug), key)

    def put(self, id_or_slug: str, key: str) -> Response:
        """Replace it, or add it where there is none of this key."""
        before = open_item(id_or_slug)
        body = json_bodies.read()
        change = patches.put_attribute(key, bodies.without_comment(body), items.scopes(stores()))
        item = _edit(before, change, bodies.note_for(body))
        return _answer(item, key) if before.find_attribute(key) else _created(item, key)

    def patch(self, id_or_slug: str, key: str) -> Response:
        """Change what the patch says."""
        before = open_item(id_or_slug)
        patch, note = bodies.read_patch(of_attribute=True)
        change = patches.patched_attribute(key, patch, items.scopes(stores()))
        return _answer(_edit(before, change, note), key)

    def delete(self, id_or_slug: str, key: str) -> Response:
        """Delete it; the ETag is that of the entry without it."""
        before = open_item(id_or_slug)
        item = _edit(before, patches.removed_attribute(key), bodies.note_for(bodies.read_optional()))
        response = Response(status=204)
        response.set_etag(str(item.revision))
        return response


blueprint.add_url_rule("/items/<id_or_slug>/attributes", view_func=AttributeList.as_view("attributes"))
blueprint.add_url_rule(
    "/items/<id_or_slug>/attributes/<key>", view_func=AttributeResource.as_view("attribute")
)


def _edit(item: Item, change: items.ChangeOf, note: items.Note) -> Item:
    return items.edit(stores(), auth.actor(), item.id, change, note, only_if=condition(), present=item)


def _answer(item: Item, key: str, status: int = 200) -> Response:
    return conditional(item, attribute_to_json(patches.require_attribute(item, key)), status)


def _created(item: Item, key: str) -> Response:
    return created(_answer(item, key, 201), f"{item_address(item.id)}/attributes/{quote(key, safe='')}")
