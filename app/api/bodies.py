"""Reading what a client of the API sends: media types, and the note for the history."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import request

from app import json_bodies
from app.api.parameters import refused
from app.domain.errors import FieldError, InvalidInput, ValueRefused
from app.domain.messages import N_, Message
from app.services import patches
from app.services.bodies import Body, clean_comment
from app.services.items import Note

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
# JSON Lines as we write it, and by all the names under which we read it.
JSON_LINES = "application/x-ndjson"
LINES = ("application/jsonl", JSON_LINES, "application/jsonlines")
MULTIPART = "multipart/form-data"
# Of an Idempotency-Key.
LONGEST_KEY = 255


def note_for(body: object = None) -> Note:
    """Return what the history is to say: a ``comment`` of the body, or else of the query string."""
    asked = clean_comment(request.args.get("comment", ""))
    said = body.get("comment") if isinstance(body, Mapping) else None
    return Note(datetime.now(UTC), asked if said is None else clean_comment(said))


def without_comment(body: object) -> object:
    """Return the body of an attribute, which has no comment of its own."""
    if not isinstance(body, Mapping):
        return body
    return {name: value for name, value in body.items() if name != "comment"}


def patch_note(body: object) -> Note:
    """Return the note of a patch; a JSON Patch gives its comment by adding ``/comment``."""
    if not isinstance(body, list):
        return note_for(body)
    said = [found.get("value") for found in body if isinstance(found, Mapping) and _adds_comment(found)]
    return note_for({"comment": said[-1]} if said else None)


def read_patch(*, of_attribute: bool = False) -> tuple[patches.Patch, Note]:
    """Return the patch of the body, in either of the two languages, and its note."""
    body = json_bodies.read(MERGE_PATCH, JSON_PATCH, json_bodies.JSON)
    note = patch_note(body)
    if request.mimetype == JSON_PATCH:
        patch = patches.json_patch(body)
        # Operations may meet the comment that one of them added, but an attribute has none.
        return (lambda document: without_comment(patch(document))) if of_attribute else patch, note
    if not isinstance(body, dict):
        raise InvalidInput([FieldError("", Message(N_("An object was expected.")))])
    if of_attribute:
        return patches.MergePatch(patches.with_implied_state(without_comment(body))), note
    return patches.MergePatch(body), note


def read_optional() -> object:
    """Return the body of a request that needs none, which may hold a comment; raise InvalidInput."""
    body = json_bodies.read() if request.get_data() else {}
    Body(body, ("comment",)).finish()
    return body


def read_number(raw: object, name: str) -> int:
    """Return a revision's number from a body that holds it and perhaps a comment; raise InvalidInput."""
    body = Body(raw, (name, "comment"))
    number = body.require(name, _revision_number, 0)
    body.finish()
    return number


def read_idempotency_key() -> str:
    """Return the header ``Idempotency-Key`` or ""; raise BadQuery for one that cannot be kept."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise refused("Idempotency-Key", _BAD_KEY)
    return key


_BAD_KEY = Message(
    N_("A key of at most %(most)s printable ASCII characters was expected."), {"most": LONGEST_KEY}
)


def _adds_comment(operation: Mapping[str, object]) -> bool:
    return operation.get("op") in ("add", "replace") and operation.get("path") == "/comment"


def _revision_number(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw < 2**31:
        raise ValueRefused(Message(N_("The number of a revision was expected.")))
    return raw
