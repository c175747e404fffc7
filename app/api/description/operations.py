"""Every operation of the API, by the name of its resource's view, in the order of the documentation.

Paths and methods are those of the routes, so they are not said here.
"""

from collections.abc import Mapping

from app.api.bodies import JSON_LINES, JSON_PATCH, LINES, MERGE_PATCH, MULTIPART
from app.api.comparisons import FORMATS
from app.api.description.parts import TEXT, Answer, Operation, Parameter, header, query
from app.api.description.schemas import STRING, Schema, list_of, ref
from app.api.representations import FIELDS
from app.api.search import MOST_SUGGESTIONS
from app.json_bodies import JSON
from app.services import batches
from app.services.comparisons.options import UNITS

# Operations by method.
Resource = Mapping[str, Operation]

# Answers that need no body of their own.
_READ_ERRORS = (400, 429, 503)
_WRITE_ERRORS = (400, 401, 403, 413, 415, 422, 423, 429, 503)

_FILTERS: Parameter = {
    "name": "filters",
    "in": "query",
    "style": "form",
    "explode": True,
    "schema": {
        "type": "object",
        # A parameter of any other name means nothing and does no harm, however often it is repeated.
        "additionalProperties": True,
    },
    "example": {"attr.mass.gte": "2 t"},
    "description": "Conditions on attributes: `attr.KEY`, `attr.KEY.gte`, `attr.KEY.lte`.",
}
_SORT = query(
    "sort",
    {"type": "string", "pattern": r"^(-?(title|updated_at|attr\..+))?$", "default": "title"},
    "`title`, `updated_at` or `attr.KEY`; with `-` before it to descend.",
)
_CHOSEN = query(
    "fields",
    {"type": "string", "examples": ["title,slug"]},
    f"Only these members, separated by commas: {', '.join(FIELDS)}.",
)
_COUNT = query("count", {"type": "string", "enum": ["true", "false", ""]}, "`true` adds `total`.")

_STREAM = (
    "Events `change`, whose data is a Change: each revision once, in the order in which the database has "
    "them, those of an entry in the order of their numbers. Every event has an `id`, and so have the first "
    "block and the sign of life that comes every ten seconds: who sends the last one as `Last-Event-ID` "
    "misses nothing and gets nothing twice. An event `gap` says that the id that you sent is unknown or too "
    "old; its data says where the list of changes is."
)
_ITEM_OK = Answer("The entry.", {JSON: "Item"}, ("ETag",))
_ATTRIBUTE_OK = Answer("The attribute.", {JSON: "Attribute"}, ("ETag",))
_NOT_MODIFIED = Answer("You have the present revision.", headers=("ETag",))
_GONE = Answer("Done.")
_PATCHES: Mapping[str, str] = {
    MERGE_PATCH: "MergePatch",
    JSON_PATCH: "JsonPatch",
    JSON: "MergePatch",
}
_STALE = (404, 409, 410, 412)
_OF_ITEM = {"id_or_slug": "$response.body#/id"}

# Generators of clients know by the format that it is no string in JSON.
_BYTES = {"type": "string", "format": "binary"}
_ONE_OF_MANY: Schema = {"description": "Each as the schema ItemInput says."}

_ITEMS: Mapping[str, Resource] = {
    "items": {
        "get": Operation(
            "list_items",
            "Entries",
            "List entries: filtered, sorted, page by page",
            {200: Answer("A page.", {JSON: "ItemList"}, ("Link",))},
            _READ_ERRORS,
            (
                "category",
                query("q", TEXT, "Words that the entry contains."),
                _SORT,
                "limit",
                "cursor",
                _CHOSEN,
                _COUNT,
                _FILTERS,
            ),
        ),
        "post": Operation(
            "create_item",
            "Entries",
            "Add an entry",
            {201: Answer("The new entry.", {JSON: "Item"}, ("ETag", "Location"))},
            (*_WRITE_ERRORS, 409),
            ("comment", "Idempotency-Key"),
            {JSON: "ItemInput"},
            secured=True,
            links={
                "read": ("get_item", _OF_ITEM),
                "replace": ("replace_item", _OF_ITEM),
                "patch": ("patch_item", _OF_ITEM),
                "delete": ("delete_item", _OF_ITEM),
                "attributes": ("list_attributes", _OF_ITEM),
                "addAttribute": ("create_attribute", _OF_ITEM),
                "revisions": ("list_revisions", _OF_ITEM),
                "revert": ("revert_item", _OF_ITEM),
            },
        ),
    },
    "item": {
        "get": Operation(
            "get_item",
            "Entries",
            "Read an entry",
            {
                200: _ITEM_OK,
                301: Answer("It has another slug now.", headers=("Location",)),
                304: _NOT_MODIFIED,
            },
            (*_READ_ERRORS, 404, 410),
            ("id_or_slug", "If-None-Match"),
        ),
        "put": Operation(
            "replace_item",
            "Entries",
            "Replace all that may be written of an entry",
            {200: _ITEM_OK},
            (*_WRITE_ERRORS, *_STALE),
            ("id_or_slug", "If-Match", "comment"),
            {JSON: "ItemInput"},
            secured=True,
        ),
        "patch": Operation(
            "patch_item",
            "Entries",
            "Change parts of an entry, all or nothing",
            {200: _ITEM_OK},
            (*_WRITE_ERRORS, *_STALE),
            ("id_or_slug", "If-Match", "comment"),
            _PATCHES,
            secured=True,
        ),
        "delete": Operation(
            "delete_item",
            "Entries",
            "Delete an entry; moderators can bring it back",
            {204: _GONE},
            (*_WRITE_ERRORS, *_STALE),
            ("id_or_slug", "If-Match", "comment"),
            {JSON: "Comment"},
            body_required=False,
            secured=True,
        ),
    },
    "batch": {
        "post": Operation(
            "create_items",
            "Entries",
            f"Add up to {batches.MOST} entries, each judged by itself",
            {200: Answer("What became of each, in their order.", {JSON: "BatchResult"})},
            (*_WRITE_ERRORS, 409),
            ("comment", "Idempotency-Key"),
            {
                # Not ItemInput: one that is no such thing is told in its result, and the others are stored.
                JSON: {"type": "array", "items": _ONE_OF_MANY, "maxItems": batches.MOST},
                # Under another name than what /export answers: a generator that is told to take that for
                # bytes, to have it at all, could not tell the two bodies here apart.
                LINES[0]: _BYTES | {"description": f"An entry a line; also as {' or '.join(LINES[1:])}."},
            },
            secured=True,
        ),
    },
    "export": {
        "get": Operation(
            "export_items",
            "Entries",
            "Stream all entries, or those of a category, as JSON Lines",
            {200: Answer("An entry a line, as imports read it.", {JSON_LINES: _BYTES})},
            (*_READ_ERRORS, 404),
            ("category",),
        ),
    },
}

_ATTRIBUTES: Mapping[str, Resource] = {
    "attributes": {
        "get": Operation(
            "list_attributes",
            "Attributes",
            "List the attributes of an entry",
            {200: Answer("In their order.", {JSON: "AttributeList"}, ("ETag",)), 304: _NOT_MODIFIED},
            (*_READ_ERRORS, 404, 410),
            ("id_or_slug", "If-None-Match"),
        ),
        "post": Operation(
            "create_attribute",
            "Attributes",
            "Add an attribute at the end",
            {201: Answer("The new attribute.", {JSON: "Attribute"}, ("ETag", "Location"))},
            (*_WRITE_ERRORS, *_STALE),
            ("id_or_slug", "If-Match", "comment", "Idempotency-Key"),
            {JSON: "AttributeInput"},
            secured=True,
        ),
    },
    "attribute": {
        "get": Operation(
            "get_attribute",
            "Attributes",
            "Read an attribute",
            {200: _ATTRIBUTE_OK, 304: _NOT_MODIFIED},
            (*_READ_ERRORS, 404, 410),
            ("id_or_slug", "key", "If-None-Match"),
        ),
        "put": Operation(
            "replace_attribute",
            "Attributes",
            "Replace an attribute, or add it",
            {200: _ATTRIBUTE_OK, 201: Answer("A new one.", {JSON: "Attribute"}, ("ETag", "Location"))},
            (*_WRITE_ERRORS, *_STALE),
            ("id_or_slug", "key", "If-Match", "comment"),
            {JSON: "AttributeInput"},
            secured=True,
        ),
        "patch": Operation(
            "patch_attribute",
            "Attributes",
            "Change parts of an attribute",
            {200: _ATTRIBUTE_OK},
            (*_WRITE_ERRORS, *_STALE),
            ("id_or_slug", "key", "If-Match", "comment"),
            _PATCHES,
            secured=True,
        ),
        "delete": Operation(
            "delete_attribute",
            "Attributes",
            "Delete an attribute",
            {204: Answer("Done.", headers=("ETag",))},
            (*_WRITE_ERRORS, *_STALE),
            ("id_or_slug", "key", "If-Match", "comment"),
            {JSON: "Comment"},
            body_required=False,
            secured=True,
        ),
    },
}

_HISTORY: Mapping[str, Resource] = {
    "revisions": {
        "get": Operation(
            "list_revisions",
            "History",
            "List the revisions of an entry, newest first",
            {200: Answer("A page.", {JSON: "RevisionList"}, ("Link",))},
            (*_READ_ERRORS, 401, 404, 410),
            ("id_or_slug", "limit", "cursor"),
            may_authenticate=True,
        ),
    },
    "revision": {
        "get": Operation(
            "get_revision",
            "History",
            "Read one revision with the entry as it was",
            {200: Answer("The revision.", {JSON: "Revision"})},
            (*_READ_ERRORS, 401, 404, 410),
            ("id_or_slug", "number"),
            may_authenticate=True,
        ),
    },
    "revert": {
        "post": Operation(
            "revert_item",
            "History",
            "Make an earlier revision the newest",
            {200: _ITEM_OK},
            (*_WRITE_ERRORS, *_STALE),
            ("id_or_slug", "If-Match", "comment", "Idempotency-Key"),
            {JSON: "Revert"},
            secured=True,
        ),
    },
    "undelete": {
        "post": Operation(
            "undelete_item",
            "History",
            "Bring a deleted entry back, for moderators",
            {200: _ITEM_OK},
            (*_WRITE_ERRORS, 404, 409),
            ("id_or_slug", "comment", "Idempotency-Key"),
            {JSON: "Comment"},
            body_required=False,
            secured=True,
        ),
    },
    "changes": {
        "get": Operation(
            "list_changes",
            "History",
            "List recent changes, newest first",
            {200: Answer("A page.", {JSON: "ChangeList"}, ("Link",))},
            _READ_ERRORS,
            (
                query("category", TEXT, "The slug of a category."),
                query("user", TEXT, "Who made them."),
                "limit",
                "cursor",
            ),
        ),
    },
    "change_stream": {
        "get": Operation(
            "stream_changes",
            "History",
            "Follow the changes as they happen (server-sent events)",
            {200: Answer(_STREAM, {"text/event-stream": STRING})},
            (*_READ_ERRORS, 501),
            (header("Last-Event-ID", "The last id that you got, to go on after it."),),
        ),
    },
}

_READING: Mapping[str, Resource] = {
    "comparison": {
        "get": Operation(
            "compare",
            "Comparing and finding",
            "Compare two to eight entries",
            {
                200: Answer(
                    "The comparison.",
                    {JSON: "Comparison", "text/csv": STRING, "text/markdown": STRING},
                    ("ETag",),
                ),
                304: _NOT_MODIFIED,
            },
            (*_READ_ERRORS, 404),
            (
                {**query("items", STRING, "Slugs, separated by commas."), "required": True, "example": "a,b"},
                query(
                    "only",
                    {"type": "string", "enum": ["differences", "all", ""]},
                    "`differences` hides equal rows.",
                ),
                query(
                    "units",
                    {"type": "string", "enum": [*UNITS, ""]},
                    "Units to show.",
                ),
                query("hide", STRING, "Keys of rows to leave out, separated by commas."),
                query("sort", STRING, "The key of a row that orders the columns; with `-` to descend."),
                query(
                    "format",
                    {"type": "string", "enum": [*FORMATS, ""]},
                    "Instead of `Accept`.",
                ),
                "If-None-Match",
            ),
        ),
    },
    "search": {
        "get": Operation(
            "search",
            "Comparing and finding",
            "Search entries, best first",
            {200: Answer("A page.", {JSON: "SearchResult"}, ("Link",))},
            _READ_ERRORS,
            (query("q", TEXT, "What to look for."), "limit", "cursor"),
        ),
    },
    "suggestions": {
        "get": Operation(
            "suggest",
            "Comparing and finding",
            "Entries whose names begin so, for pickers",
            {200: Answer("At most ten.", {JSON: list_of(ref("Suggestion"))})},
            _READ_ERRORS,
            (
                query("q", STRING, "What was typed."),
                "category",
                query(
                    "limit",
                    {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": MOST_SUGGESTIONS,
                        "default": MOST_SUGGESTIONS,
                    },
                    "How many.",
                ),
            ),
        ),
    },
    "categories": {
        "get": Operation(
            "list_categories",
            "Categories",
            "List all categories",
            {200: Answer("All of them.", {JSON: "CategoryList"})},
            _READ_ERRORS,
        ),
    },
    "category": {
        "get": Operation(
            "get_category",
            "Categories",
            "Read a category",
            {200: Answer("The category.", {JSON: "Category"}, ("ETag",)), 304: _NOT_MODIFIED},
            (*_READ_ERRORS, 404),
            ("slug", "If-None-Match"),
        ),
        "put": Operation(
            "put_category",
            "Categories",
            "Add or overwrite a category, for moderators",
            {
                200: Answer("As stored.", {JSON: "Category"}, ("ETag",)),
                201: Answer("A new one.", {JSON: "Category"}, ("ETag", "Location")),
            },
            (*_WRITE_ERRORS, 409, 412),
            ("slug", "If-Match"),
            {JSON: "CategoryInput"},
            secured=True,
        ),
        "patch": Operation(
            "patch_category",
            "Categories",
            "Change parts of a category, for moderators",
            {200: Answer("As stored.", {JSON: "Category"}, ("ETag",))},
            (*_WRITE_ERRORS, 404, 409, 412),
            ("slug", "If-Match"),
            _PATCHES,
            secured=True,
        ),
    },
}

_ACCOUNT: Mapping[str, Resource] = {
    "me": {
        "get": Operation(
            "get_me",
            "Account",
            "Who am I?",
            {200: Answer("Your account.", {JSON: "Me"})},
            (401, 429, 503),
            secured=True,
        ),
    },
    "token": {
        "post": Operation(
            "create_token",
            "Account",
            "Get a token, by name and password",
            {200: Answer("The token; it is shown this once.", {JSON: "Token"})},
            (401, 423, 429, 503),
            secured=True,
        ),
        "delete": Operation(
            "delete_tokens",
            "Account",
            "Revoke all of your tokens",
            {204: _GONE},
            (401, 423, 429, 503),
            secured=True,
        ),
    },
    "files": {
        "post": Operation(
            "upload_file",
            "Files",
            "Upload a picture: PNG, JPEG, WebP or GIF, at most 5 MiB and 40 megapixels",
            {201: Answer("Its id, for values of the kind `image`.", {JSON: "File"}, ("Location",))},
            (*_WRITE_ERRORS, 409),
            ("Idempotency-Key",),
            {
                MULTIPART: {
                    "type": "object",
                    "properties": {"file": _BYTES},
                    "required": ["file"],
                }
            },
            secured=True,
        ),
    },
    "openapi": {
        "get": Operation(
            "get_openapi",
            "This description",
            "This document",
            {200: Answer("OpenAPI 3.1.", {JSON: {"type": "object"}})},
            (429,),
        ),
    },
    "docs": {
        "get": Operation(
            "get_docs",
            "This description",
            "Pages to read and try it",
            {200: Answer("A page.", {"text/html": STRING})},
            (429,),
        ),
    },
}

OPERATIONS: Mapping[str, Resource] = {**_ITEMS, **_ATTRIBUTES, **_HISTORY, **_READING, **_ACCOUNT}
