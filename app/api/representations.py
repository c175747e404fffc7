"""What resources look like on the wire, and the headers that go with them."""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, urlencode

import orjson
from flask import Response, request

from app import rendering
from app.api.blueprint import PREFIX
from app.domain.items import Item, ItemHead, Revision
from app.json_bodies import JSON
from app.services.items import item_to_json, time_to_json

_OF_NOT_MODIFIED = ("Cache-Control", "Vary")
FIELDS = (
    "id",
    "slug",
    "title",
    "category",
    "aliases",
    "summary",
    "attributes",
    "revision",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "links",
)


def answer(body: object, status: int = 200) -> Response:
    """Return ``body`` as JSON. Caches may keep it, but ask whether it is still true."""
    response = Response(orjson.dumps(body), status, mimetype=JSON)
    response.headers["Cache-Control"] = "no-cache"
    return response


def item_answer(item: Item, status: int = 200) -> Response:
    """Return an item with its ETag; 304 without a body where the client has this revision."""
    return conditional(item, item_body(item), status)


def conditional(item: Item, body: object, status: int = 200) -> Response:
    """Return what is shown of an item with its ETag; to a reader who has this revision, 304."""
    return revision_answer(item.revision, orjson.dumps(body), status)


def revision_answer(revision: int, body: bytes, status: int = 200) -> Response:
    """As :func:`conditional`, for the ready-made ``body`` of a revision."""
    response = Response(body, status, mimetype=JSON)
    response.headers["Cache-Control"] = "no-cache"
    return unless_known(response, str(revision))


def unless_known(response: Response, tag: str) -> Response:
    """Return ``response`` with its ETag; to a reader who has it, 304. No other condition is looked at."""
    if request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(tag):
        kept = {name: value for name, value in response.headers.items() if name in _OF_NOT_MODIFIED}
        response = Response(status=304, headers=kept)
    response.set_etag(tag)
    return response


def created(response: Response, address: str) -> Response:
    """Return ``response`` with the address of what was made."""
    response.location = address
    response.autocorrect_location_header = False
    return response


def item_body(item: Item) -> dict[str, object]:
    """Return the contract's JSON form of an item."""
    return item_to_json(item) | {"links": links(item.id, item.slug)}


# Each made only where it is asked for: a list of 25 titles needs no 75 addresses.
_HEAD_MEMBERS: Mapping[str, Callable[[ItemHead], object]] = {
    "id": lambda head: head.id,
    "slug": lambda head: head.slug,
    "title": lambda head: head.title,
    "category": lambda head: head.category,
    "aliases": lambda head: list(head.aliases),
    "summary": lambda head: head.summary,
    "revision": lambda head: head.revision,
    "updated_at": lambda head: time_to_json(head.updated_at) if head.updated_at else None,
    "links": lambda head: links(head.id, head.slug),
}


def head_body(head: ItemHead, members: Iterable[str] = _HEAD_MEMBERS) -> dict[str, object]:
    """Return what lists of heads tell of an item: all, or some ``members`` of it."""
    return {name: _HEAD_MEMBERS[name](head) for name in members}


def links(item_id: str, slug: str) -> dict[str, str]:
    """Return the addresses of an item."""
    own = item_address(item_id)
    return {
        "self": own,
        "html": rendering.absolute_url(rendering.item_url(slug)),
        "revisions": f"{own}/revisions",
    }


def item_address(id_or_slug: str) -> str:
    """Return the address of an item in the API."""
    return rendering.absolute_url(PREFIX + rendering.item_url(id_or_slug).replace("/item/", "/items/", 1))


def revision_body(revision: Revision) -> dict[str, object]:
    """Return one line of a history."""
    change = revision.change
    return {
        "revision": revision.number,
        "at": time_to_json(change.at),
        "by": change.by or None,
        "comment": change.comment,
        "action": change.action.value,
        "keys": list(change.keys),
        "minor": change.minor,
    }


def change_body(revision: Revision) -> dict[str, object]:
    """Return one line of the recent changes."""
    about = {
        "id": revision.item_id,
        "slug": revision.slug,
        "title": revision.title,
        "category": revision.category,
        "links": links(revision.item_id, revision.slug),
    }
    return {"item": about, **revision_body(revision)}


def page_answer(body: Mapping[str, object], cursor: str | None) -> Response:
    """Return a page of a list: ``next`` in the body, and as a Link (RFC 8288)."""
    following = _following(cursor) if cursor else None
    response = answer({**body, "next": following})
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _following(cursor: str) -> str:
    """Return the address of the present request, going on after ``cursor``."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    query = urlencode([*asked, ("cursor", cursor)], errors="replace")
    # The path is decoded and a slug may be Chinese, but a header, and an address, is ASCII.
    return rendering.absolute_url(f"{quote(request.path)}?{query}")
