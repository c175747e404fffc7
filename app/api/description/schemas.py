"""The shapes of what the API takes and answers, as JSON Schema (2020-12).

Values are described by the kinds themselves, so that a new kind is described as soon as it is
registered. Objects that the API answers require every member and have no others.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.items import MISSING, Action, State
from app.domain.users import Role
from app.kinds import registry
from app.services import attributes as limits
from app.services import bodies, categories, items

Schema = Mapping[str, object]

_ROLES = [role.value for role in Role]
_STATES = [state.value for state in State]
STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer", "minimum": 0}
REVISION: Schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_BOOLEAN: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_ADDRESS: Schema = {"type": "string", "format": "uri"}
_ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
COMMENT: Schema = {
    "type": ["string", "null"],
    "maxLength": bodies.MAX_COMMENT,
    "description": "Why: shown in the history.",
}

_EXAMPLE_ATTRIBUTE = {"name": "Mass", "kind": "number", "value": {"amount": "14.5", "unit": "kg"}}
_EXAMPLE_ENTRY = {"title": "Pfaff 30", "category": "sewing-machines", "attributes": [_EXAMPLE_ATTRIBUTE]}
_EXAMPLE_CATEGORY = {
    "name": "Sewing machines",
    "properties": [{"name": "Mass", "kind": "number", "unit": "kg", "direction": "lower"}],
}


def ref(name: str) -> dict[str, object]:
    """Return the reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(properties: Mapping[str, object], optional: Iterable[str] = ()) -> dict[str, object]:
    """Return the schema of an object of these members, required but for ``optional`` ones."""
    left_out = set(optional)
    required = [name for name in properties if name not in left_out]
    schema: dict[str, object] = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def list_of(schema: Schema) -> dict[str, object]:
    """Return the schema of an array."""
    return {"type": "array", "items": schema}


def all_schemas() -> dict[str, Any]:
    """Return every named schema."""
    return {
        **_attribute_schemas(),
        **_item_schemas(),
        **_history(),
        **_comparison(),
        **_categories(),
        **_others(),
    }


def kind_name(tag: str) -> str:
    """Return what the schemas of a kind begin with: ``number`` → ``Number``."""
    return tag.capitalize()


def _nullable(schema: Schema) -> dict[str, object]:
    return {"anyOf": [schema, {"type": "null"}]}


def _line(limit: int, *, visible: bool = False) -> dict[str, object]:
    schema: dict[str, object] = {"type": "string", "maxLength": limit}
    return schema | ({"minLength": 1} if visible else {})


# Attributes


def _attribute_schemas() -> dict[str, object]:
    schemas: dict[str, object] = {
        "State": {"type": "string", "enum": _STATES},
        "Source": closed({"url": STRING, "title": STRING}),
    }
    schemas["SourceInput"] = closed(
        {"url": _line(2048), "title": _line(limits.MAX_SOURCE_TITLE)}, ("url", "title")
    )
    for tag, kind in registry.KINDS.items():
        name = kind_name(tag)
        schemas[f"{name}Value"] = kind.json_schema()
        schemas[f"{name}Attribute"] = _attribute({"const": tag}, _nullable(ref(f"{name}Value")))
        schemas[f"{name}AttributeInput"] = _attribute_input(tag, ref(f"{name}Value"))
    unknown: Schema = {"type": "string", "not": {"enum": list(registry.KINDS)}}
    schemas["UnknownAttribute"] = _attribute(unknown, {}) | {
        "description": "An attribute of a kind that this version of the software does not know."
    }
    tags = list(registry.KINDS)
    schemas["Attribute"] = {
        "oneOf": [ref(f"{kind_name(t)}Attribute") for t in tags] + [ref("UnknownAttribute")]
    }
    schemas["AttributeInput"] = _discriminated(tags, "AttributeInput") | {"examples": [_EXAMPLE_ATTRIBUTE]}
    return schemas


def _discriminated(tags: Iterable[str], suffix: str) -> dict[str, object]:
    names = {tag: f"{kind_name(tag)}{suffix}" for tag in tags}
    mapping = {tag: f"#/components/schemas/{name}" for tag, name in names.items()}
    discriminator = {"propertyName": "kind", "mapping": mapping}
    return {"oneOf": [ref(name) for name in names.values()], "discriminator": discriminator}


def _attribute(kind: Schema, value: Schema) -> dict[str, object]:
    return closed(
        {
            "key": STRING,
            "name": STRING,
            "kind": {"type": "string", **kind},
            "state": ref("State"),
            "value": value,
            "group": STRING,
            "note": STRING,
            "sources": list_of(ref("Source")),
            "verified_on": _nullable({"type": "string", "format": "date"}),
        }
    )


def _attribute_input(tag: str, value: Schema) -> dict[str, object]:
    members = {
        "key": {
            "type": ["string", "null"],
            "description": "Follows from the name; an existing one may stay.",
        },
        "name": _line(limits.MAX_NAME, visible=True),
        "kind": {"type": "string", "const": tag},
        "state": _nullable(ref("State")),
        "value": {**_nullable(value), "description": "Goes with the state `value` and with no other."},
        "group": _nullable(_line(limits.MAX_GROUP)),
        "note": _nullable(_line(limits.MAX_NOTE)),
        "sources": _nullable({**list_of(ref("SourceInput")), "maxItems": limits.MAX_SOURCES}),
        "verified_on": _nullable({"type": "string", "format": "date"}),
        "comment": COMMENT,
    }
    return closed(members, set(members) - {"name", "kind"})


# Items


def _item_schemas() -> dict[str, object]:
    links = closed(dict.fromkeys(("self", "html", "revisions"), _ADDRESS))
    members: dict[str, object] = {
        "id": _ID,
        "slug": STRING,
        "title": STRING,
        "category": STRING,
        "aliases": list_of(STRING),
        "summary": STRING,
        "attributes": list_of(ref("Attribute")),
        "revision": REVISION,
        "created_at": _TIME,
        "created_by": _nullable(STRING),
        "updated_at": _TIME,
        "updated_by": _nullable(STRING),
        "links": ref("ItemLinks"),
    }
    suggestion = {name: members[name] for name in ("slug", "title", "category")}
    hit_members = ("id", "slug", "title", "category", "aliases", "summary", "revision", "updated_at", "links")
    hit = {name: members[name] for name in hit_members}
    partial: dict[str, object] = {
        "type": "object",
        "properties": members | {"updated_at": _nullable(_TIME)},
        "additionalProperties": False,
    }
    return {
        "ItemLinks": links,
        "Item": closed(members),
        "PartialItem": partial | {"description": "An item with the members that were asked for."},
        "ItemList": _page("items", ref("PartialItem"), total=INTEGER),
        "SearchHit": closed(hit | {"updated_at": _nullable(_TIME)}),
        "SearchResult": _page("items", ref("SearchHit")),
        "Suggestion": closed(suggestion),
        "ItemInput": _item_input(),
        "MergePatch": {
            "type": "object",
            "description": "Members to change (RFC 7396); null takes one away.",
            "additionalProperties": True,
            "examples": [{"summary": "A sewing machine of 1931.", "comment": "from the plate"}],
        },
        "JsonPatch": _json_patch(),
        "JsonPatchOperation": _operation(),
        "AttributeList": closed({"attributes": list_of(ref("Attribute"))}),
        "BatchResult": closed({"results": list_of(ref("BatchOutcome"))}),
        "BatchOutcome": _outcome(),
    }


def _item_input() -> dict[str, object]:
    members: dict[str, object] = {
        "title": _line(items.MAX_TITLE, visible=True),
        "category": _nullable(
            {**_line(items.MAX_CATEGORY), "description": "The slug of a category, made if it is new."}
        ),
        "aliases": _nullable(
            {**list_of(_line(items.MAX_TITLE, visible=True)), "maxItems": items.MAX_ALIASES}
        ),
        "summary": _nullable(_line(items.MAX_SUMMARY)),
        "attributes": _nullable({**list_of(ref("AttributeInput")), "maxItems": items.MAX_ATTRIBUTES}),
        "comment": COMMENT,
    }
    ignored = {name: {"readOnly": True, "description": "Ignored."} for name in items.READ_ONLY}
    schema = closed(members | ignored, (set(members) | set(ignored)) - {"title"})
    return schema | {"examples": [_EXAMPLE_ENTRY]}


def _json_patch() -> dict[str, object]:
    operations = {**list_of(ref("JsonPatchOperation")), "maxItems": 100}
    # Within allOf: a common generator of clients tells bodies of different types apart by their classes,
    # which fails for the merge patch too where one of them is a plain list.
    example = [{"op": "add", "path": "/aliases/-", "value": "Pfaff Model 30"}]
    return {
        "description": "Operations in their order (RFC 6902).",
        "allOf": [operations],
        "examples": [example],
    }


def _operation() -> dict[str, object]:
    return {
        "type": "object",
        "properties": {
            "op": {"type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string", "description": "A JSON Pointer (RFC 6901)."},
            "from": STRING,
            "value": {},
        },
        "required": ["op", "path"],
    }


def _outcome() -> dict[str, object]:
    members: dict[str, object] = {
        "status": {"type": "integer", "description": "As if the entry had been sent alone."},
        "id": _ID,
        "slug": STRING,
        "revision": REVISION,
        "code": STRING,
        "detail": STRING,
        "errors": list_of(ref("FieldError")),
    }
    return closed(members, set(members) - {"status"})


def _page(name: str, row: Schema, **optional: Schema) -> dict[str, object]:
    following = {"anyOf": [_ADDRESS, {"type": "null"}], "description": "The address of the next page."}
    return closed({name: list_of(row), "next": following, **optional}, optional)


# History


def _history() -> dict[str, object]:
    line: dict[str, object] = {
        "revision": REVISION,
        "at": _TIME,
        "by": _nullable(STRING),
        "comment": STRING,
        "action": ref("Action"),
        "keys": {**list_of(STRING), "description": "The attributes touched; other parts as `@title`."},
        "minor": _BOOLEAN,
    }
    about = {"id": _ID, "slug": STRING, "title": STRING, "category": STRING, "links": ref("ItemLinks")}
    return {
        "Action": {"type": "string", "enum": [action.value for action in Action]},
        "RevisionLine": closed(line),
        "RevisionList": _page("revisions", ref("RevisionLine")),
        "Revision": closed(line | {"item": ref("Item")}),
        "ChangedItem": closed(about),
        "Change": closed({"item": ref("ChangedItem"), **line}),
        "ChangeList": _page("changes", ref("Change")),
        "Revert": closed({"to": REVISION, "comment": COMMENT}, ("comment",)) | {"examples": [{"to": 1}]},
        "Comment": closed({"comment": COMMENT}, ("comment",)),
    }


# Comparisons


def _comparison() -> dict[str, object]:
    item = closed(
        {
            "id": _ID,
            "slug": STRING,
            "title": STRING,
            "category": STRING,
            "summary": STRING,
            "revision": REVISION,
            "links": ref("ItemLinks"),
        }
    )
    cell = closed(
        {
            "item": STRING,
            "state": {"type": "string", "enum": [*_STATES, MISSING]},
            "value": {"description": "In the form of its kind; null unless the state is `value`."},
            "display": {"type": "string", "description": "What a reader would see."},
            "best": _BOOLEAN,
        }
    )
    row = closed(
        {
            "key": STRING,
            "name": STRING,
            "kind": STRING,
            "group": STRING,
            "direction": {"type": "string", "enum": ["higher", "lower", ""]},
            "differs": _BOOLEAN,
            "cells": list_of(ref("ComparisonCell")),
        }
    )
    known = closed({"item": STRING, "known": INTEGER})
    coverage = closed({"known": INTEGER, "total": INTEGER, "items": list_of(ref("ItemCoverage"))})
    return {
        "ComparedItem": item,
        "ComparisonCell": cell,
        "ComparisonRow": row,
        "ItemCoverage": known,
        "Coverage": coverage,
        "Comparison": closed(
            {
                "items": list_of(ref("ComparedItem")),
                "rows": list_of(ref("ComparisonRow")),
                "coverage": ref("Coverage"),
            }
        ),
    }


# Categories


def _categories() -> dict[str, object]:
    labels = _nullable(ref("Labels"))
    declared: dict[str, object] = {
        "key": STRING,
        "name": STRING,
        "kind": STRING,
        "unit": _nullable(STRING),
        "direction": _nullable(ref("Direction")),
        "group": STRING,
        "aliases": list_of(STRING),
        "labels": ref("Labels"),
    }
    category: dict[str, object] = {
        "slug": STRING,
        "name": STRING,
        "labels": ref("Labels"),
        "group_labels": ref("GroupLabels"),
        "properties": list_of(ref("Property")),
        "revision": REVISION,
        "links": ref("CategoryLinks"),
        "count": {**INTEGER, "description": "How many entries it has."},
    }
    aliases = {**list_of(_line(limits.MAX_NAME, visible=True)), "maxItems": categories.MAX_PROPERTY_ALIASES}
    property_input: dict[str, object] = {
        "key": _nullable(_line(limits.MAX_NAME, visible=True)),
        "name": _line(limits.MAX_NAME, visible=True),
        "kind": {"type": "string", "enum": list(registry.KINDS)},
        "unit": _nullable(_line(categories.MAX_UNIT)),
        "direction": {"enum": ["higher", "lower", "none", "", None]},
        "group": _nullable(_line(limits.MAX_GROUP)),
        "aliases": _nullable(aliases),
        "labels": labels,
    }
    body: dict[str, object] = {
        "name": _line(limits.MAX_NAME, visible=True),
        "properties": _nullable({**list_of(ref("PropertyInput")), "maxItems": categories.MAX_PROPERTIES}),
        "labels": labels,
        "group_labels": _nullable(ref("GroupLabels")),
        "comment": COMMENT,
    }
    ignored = {
        name: {"readOnly": True, "description": "Ignored."} for name in ("slug", "revision", "count", "links")
    }
    named = {"type": "object", "additionalProperties": _line(limits.MAX_NAME)}
    return {
        "Labels": named | {"description": "A name in other languages, by locale."},
        "GroupLabels": {"type": "object", "additionalProperties": ref("Labels")},
        "Direction": {"type": "string", "enum": ["higher", "lower"]},
        "CategoryLinks": closed(dict.fromkeys(("self", "html", "items"), _ADDRESS)),
        "Property": closed(declared),
        "Category": closed(category),
        "CategoryList": _page("categories", ref("Category")),
        "PropertyInput": closed(property_input, set(property_input) - {"name", "kind"}),
        "CategoryInput": closed(body | ignored, (set(body) | set(ignored)) - {"name"})
        | {"examples": [_EXAMPLE_CATEGORY]},
    }


# The rest


def _others() -> dict[str, object]:
    problem: dict[str, object] = {
        "type": _ADDRESS,
        "title": STRING,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {**STRING, "description": "A sentence for people."},
        "code": {**STRING, "description": "Stable, for programs."},
        "errors": list_of(ref("FieldError")),
        "current": {
            "anyOf": [ref("Item"), ref("Category")],
            "description": "What is there now, where another revision was meant.",
        },
    }
    required = ["type", "title", "status", "detail", "code"]
    me: dict[str, object] = {
        "username": STRING,
        "email": STRING,
        "role": {"type": "string", "enum": _ROLES},
        "name": STRING,
        "created_at": _TIME,
        "confirmed": _BOOLEAN,
        "blocked_until": _nullable(_TIME),
        "links": closed({"html": _ADDRESS}),
    }
    token = {"token": STRING, "token_type": {"type": "string", "const": "Bearer"}, "expires_in": INTEGER}
    return {
        "Problem": {"type": "object", "properties": problem, "required": required},
        "FieldError": closed({"path": STRING, "message": STRING}),
        "Me": closed(me),
        "Token": closed(token),
        "File": closed({"file": _ID, "links": closed({"html": _ADDRESS})}),
    }
