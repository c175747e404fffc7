"""Entries: lists of them, one, and many new ones at once."""

from collections.abc import Iterator, Sequence

from flask import Response, request
from flask.views import MethodView

from app import json_bodies
from app.api import auth, bodies, finished_bodies
from app.api.blueprint import blueprint
from app.api.conditions import condition
from app.api.idempotency import repeatable
from app.api.parameters import Args, read_flag, read_limit, read_names, read_text
from app.api.representations import (
    FIELDS,
    answer,
    created,
    head_body,
    item_address,
    item_answer,
    item_body,
    page_answer,
    revision_answer,
)
from app.domain.errors import BadQuery, DomainError, FieldError, InvalidInput
from app.domain.items import Item, ItemHead
from app.domain.messages import N_, Message
from app.domain.permissions import Permission
from app.extensions import stores
from app.services import batches, exports, filters, items, patches
from app.storage.queries import AttributeFilter, ItemQuery
from app.utils import json_in

# What a link is made of.
_LINKED = frozenset({"id", "slug"})


class ItemList(MethodView):
    """All entries, or those that the query string asks for."""

    def get(self) -> Response:
        """Return one page; the next one follows by ``next``."""
        query = _query(request.args)
        asked = read_names(request.args, "fields", FIELDS)
        members = [name for name in FIELDS if asked is None or name in asked]
        page = stores().items.page(query)
        body: dict[str, object] = {"items": [_row(row, members) for row in page.rows]}
        if page.total is not None:
            body["total"] = page.total
        return page_answer(body, page.next)

    @repeatable
    def post(self) -> Response:
        """Add an entry."""
        actor = auth.allowed(Permission.CREATE)
        body = json_bodies.read()
        draft = items.draft_from_json(body, items.scopes(stores()), may_name_new=True)
        item = items.create(stores(), actor, draft, bodies.note_for(body))
        return created(item_answer(item, 201), item_address(item.id))


class ItemResource(MethodView):
    """One entry."""

    def get(self, id_or_slug: str) -> Response:
        """Return the entry; 301 for a past slug, 304 where the client has this revision."""
        known = finished_bodies.find(id_or_slug)
        if known is None:
            item = items.get(stores(), id_or_slug)
            if id_or_slug not in (item.id, item.slug):
                return _moved(item)
            known = finished_bodies.keep(id_or_slug, item)
        return revision_answer(known.revision, known.body)

    def put(self, id_or_slug: str) -> Response:
        """Replace all that may be written of the entry."""
        present = open_item(id_or_slug)
        body = json_bodies.read()
        return _edited(present, patches.whole_item(body, items.scopes(stores())), bodies.note_for(body))

    def patch(self, id_or_slug: str) -> Response:
        """Change what the patch says."""
        present = open_item(id_or_slug)
        patch, note = bodies.read_patch()
        return _edited(present, patches.patched_item(patch, items.scopes(stores())), note)

    def delete(self, id_or_slug: str) -> Response:
        """Delete the entry; its history stays."""
        present = open_item(id_or_slug, Permission.DELETE)
        note = bodies.note_for(bodies.read_optional())
        items.delete(stores(), auth.actor(), present.id, note, only_if=condition())
        return Response(status=204)


blueprint.add_url_rule("/items", view_func=ItemList.as_view("items"))
blueprint.add_url_rule("/items/<id_or_slug>", view_func=ItemResource.as_view("item"))


class ItemBatch(MethodView):
    """Many new entries at once."""

    @repeatable
    def post(self) -> Response:
        """Add up to a thousand entries, from an array or JSON Lines; say of each what became of it."""
        actor = auth.allowed(Permission.CREATE)
        json_bodies.require_type(json_bodies.JSON, *bodies.LINES)
        outcomes = batches.create_all(stores(), actor, _rows(), bodies.note_for())
        return answer({"results": [_outcome(one) for one in outcomes]})


blueprint.add_url_rule("/items:batch", view_func=ItemBatch.as_view("batch"))


class Export(MethodView):
    """All entries in the form of an import."""

    def get(self) -> Response:
        """Stream every entry (of a category) as JSON Lines, which an import reads back."""
        category = request.args.get("category", "")
        if category:
            stores().categories.get(category)
        found = stores().items.iterate(category)
        # The first batch now, so that a database that is away is told by the status.
        first = next(found, None)
        response = Response(_exported(first, found), mimetype=bodies.JSON_LINES)
        response.headers["Content-Disposition"] = 'attachment; filename="items.jsonl"'
        return response


blueprint.add_url_rule("/export", view_func=Export.as_view("export"))


def open_item(id_or_slug: str, permission: Permission = Permission.EDIT) -> Item:
    """Return an entry that the caller may change; else raise Forbidden before the body is looked at."""
    actor = auth.allowed(permission)
    item = items.get(stores(), id_or_slug)
    items.require_open(item, actor)
    return item


def _edited(present: Item, change: items.ChangeOf, note: items.Note) -> Response:
    item = items.edit(stores(), auth.actor(), present.id, change, note, only_if=condition(), present=present)
    return item_answer(item)


def _moved(item: Item) -> Response:
    query = request.query_string.decode("ascii", "replace")
    response = Response(status=301)
    response.location = item_address(item.slug) + (f"?{query}" if query else "")
    return response


def _rows() -> list[object]:
    data = request.get_data()
    if request.mimetype in bodies.LINES:
        return [_line(line) for line in data.splitlines() if line.strip()]
    return _array(json_in.loads(data))


def _line(line: bytes) -> object:
    try:
        return json_in.loads(line)
    except DomainError as error:
        return error


def _array(found: object) -> list[object]:
    if not isinstance(found, list):
        raise InvalidInput([FieldError("", Message(N_("A list of entries was expected.")))])
    return found


def _outcome(one: Item | DomainError) -> dict[str, object]:
    if isinstance(one, Item):
        return {"status": 201, "id": one.id, "slug": one.slug, "revision": one.revision}
    problem: dict[str, object] = {"status": one.status, "code": one.code, "detail": str(one.message)}
    if isinstance(one, InvalidInput):
        problem["errors"] = [{"path": error.path, "message": str(error.message)} for error in one.errors]
    return problem


def _exported(first: Item | None, others: Iterator[Item]) -> Iterator[str]:
    if first is None:
        return
    yield exports.item_line(first) + "\n"
    for item in others:
        yield exports.item_line(item) + "\n"


def _query(args: Args) -> ItemQuery:
    category = args.get("category", "")
    fields = read_names(args, "fields", FIELDS)
    return ItemQuery(
        category=category,
        text=read_text(args),
        filters=_filters(args, category),
        sort=args.get("sort") or "title",
        limit=read_limit(args),
        cursor=args.get("cursor", ""),
        fields=_stored_fields(fields),
        count=read_flag(args, "count"),
    )


def _filters(args: Args, category: str) -> tuple[AttributeFilter, ...]:
    parameters = [pair for pair in args.items(multi=True) if pair[0].startswith(filters.PREFIX)]
    if not parameters:
        return ()
    found = stores().categories.find_recent(category) if category else None
    known = [found] if found else stores().categories.all()
    conditions = filters.read(parameters, known, slugs=filters.slugs_of(stores()))
    if conditions.errors:
        raise BadQuery(conditions.errors)
    return conditions.filters


def _stored_fields(asked: frozenset[str] | None) -> frozenset[str] | None:
    if asked is None or "links" not in asked:
        return asked
    return asked - {"links"} | _LINKED


def _row(row: Item | ItemHead, members: Sequence[str]) -> dict[str, object]:
    if isinstance(row, ItemHead):
        return head_body(row, members)
    body = item_body(row)
    return {name: body[name] for name in members}
