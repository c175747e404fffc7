"""The history of an entry, and the way back to an earlier revision."""

import re
from datetime import UTC, datetime

from flask import Response, request
from flask.views import MethodView

from app import json_bodies
from app.api import auth, bodies
from app.api.blueprint import blueprint
from app.api.conditions import condition
from app.api.idempotency import repeatable
from app.api.items import open_item
from app.api.parameters import read_limit, refused
from app.api.representations import answer, item_answer, item_body, page_answer, revision_body
from app.domain.errors import ItemNotFound, RevisionNotFound
from app.domain.items import Item
from app.domain.messages import N_, Message
from app.domain.permissions import Permission
from app.extensions import stores
from app.services import items, moderation

_NUMBER = re.compile(r"[0-9]{1,9}")


class RevisionList(MethodView):
    """The history of an entry."""

    def get(self, id_or_slug: str) -> Response:
        """Return one page, newest first."""
        item = _readable(id_or_slug)
        limit = read_limit(request.args)
        found = stores().items.revisions(item.id, _before(request.args.get("cursor", "")), limit + 1)
        following = str(found[limit - 1].number) if len(found) > limit else None
        return page_answer({"revisions": [revision_body(revision) for revision in found[:limit]]}, following)


blueprint.add_url_rule("/items/<id_or_slug>/revisions", view_func=RevisionList.as_view("revisions"))


class RevisionResource(MethodView):
    """One revision."""

    def get(self, id_or_slug: str, number: str) -> Response:
        """Return it with the entry as it was."""
        if not _NUMBER.fullmatch(number):
            raise RevisionNotFound(0)
        found = stores().items.revision(_readable(id_or_slug).id, int(number))
        return answer({**revision_body(found), "item": item_body(found.item) if found.item else None})


blueprint.add_url_rule(
    "/items/<id_or_slug>/revisions/<number>", view_func=RevisionResource.as_view("revision")
)


class Revert(MethodView):
    """The way back to an earlier revision."""

    @repeatable
    def post(self, id_or_slug: str) -> Response:
        """Make the content of an earlier revision the newest."""
        present = open_item(id_or_slug)
        body = json_bodies.read()
        number, note = bodies.read_number(body, "to"), bodies.note_for(body)
        return item_answer(
            items.revert(stores(), auth.actor(), present.id, number, note, only_if=condition())
        )


blueprint.add_url_rule("/items/<id_or_slug>/revert", view_func=Revert.as_view("revert"))


class Undelete(MethodView):
    """The way back of a deleted entry."""

    @repeatable
    def post(self, id_or_slug: str) -> Response:
        """Bring a deleted entry back."""
        actor = auth.allowed(Permission.RESTORE)
        note = bodies.note_for(bodies.read_optional())
        item = items.find(stores(), id_or_slug)
        if item is None:
            raise ItemNotFound(id_or_slug)
        return item_answer(items.undelete(stores(), actor, item.id, note))


blueprint.add_url_rule("/items/<id_or_slug>/undelete", view_func=Undelete.as_view("undelete"))


def _readable(id_or_slug: str) -> Item:
    return moderation.readable(stores(), auth.reader(), id_or_slug, datetime.now(UTC))


def _before(cursor: str) -> int | None:
    if not cursor:
        return None
    if not _NUMBER.fullmatch(cursor):
        raise refused(
            "cursor", Message(N_("This is not a cursor of this list; start again from the first page."))
        )
    return int(cursor)
