"""What operations are described with: their shape, and the parameters and headers that several share.

Shared parts and schemas are meant by their names; the library makes references of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.api.bodies import LONGEST_KEY
from app.api.description.schemas import COMMENT, STRING, Schema
from app.api.parameters import LIMIT, MAX_LIMIT, MAX_TEXT

Parameter = Mapping[str, object]
Header = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: schemas of its bodies by media type, and the names of its headers."""

    description: str
    bodies: Mapping[str, str | Schema] = field(default_factory=dict)
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one resource. ``errors`` are the statuses of problem documents.

    It needs credentials if ``secured``; it ``may_authenticate`` where some see more than others.
    """

    name: str
    tag: str
    summary: str
    answers: Mapping[int, Answer]
    errors: tuple[int, ...] = ()
    parameters: tuple[str | Parameter, ...] = ()
    bodies: Mapping[str, str | Schema] = field(default_factory=dict)
    body_required: bool = True
    secured: bool = False
    may_authenticate: bool = False
    links: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)


def query(name: str, schema: Schema, description: str) -> Parameter:
    """Return an optional parameter of the query string."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


def header(name: str, description: str, schema: Schema = STRING) -> Parameter:
    """Return an optional header of a request."""
    return {"name": name, "in": "header", "schema": schema, "description": description}


def _in_path(name: str, description: str, schema: Schema) -> Parameter:
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description}


_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 300}
TEXT: Schema = {"type": "string", "maxLength": MAX_TEXT}

_SHARED = (
    _in_path("id_or_slug", "The id or a slug, present or past.", _NAME),
    _in_path("key", "The key of the attribute.", _NAME),
    _in_path("number", "The number of the revision.", {"type": "integer", "minimum": 1}),
    _in_path("slug", "The slug of the category.", _NAME),
    query("category", STRING, "The slug of a category."),
    query("cursor", STRING, "Where the page before ended; from `next`."),
    query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT},
        "Rows of a page.",
    ),
    query("comment", COMMENT, "The edit summary, where the body has none."),
    header("If-Match", "Write only at this revision; else 412 with `current`."),
    header("If-None-Match", "The revision that you have: 304 if it is still the present one."),
    header(
        "Idempotency-Key",
        "The same key and body within 24 hours answer the first response again.",
        {"type": "string", "maxLength": LONGEST_KEY, "pattern": "^[ -~]*$"},
    ),
)
PARAMETERS: Mapping[str, Parameter] = {str(parameter["name"]): parameter for parameter in _SHARED}

HEADERS: Mapping[str, Header] = {
    "ETag": {"description": "The revision, quoted.", "schema": STRING},
    "Location": {"description": "The address of what was made.", "schema": STRING},
    "Link": {"description": "The next page (RFC 8288).", "schema": STRING},
    "RateLimit": {"description": "What is left, and until when.", "schema": STRING},
    "RateLimit-Policy": {"description": "The limit.", "schema": STRING},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "How to authenticate.", "schema": STRING},
}
