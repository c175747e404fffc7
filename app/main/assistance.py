"""What helps while typing: the value read back before it is saved, and the names that are in use."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, jsonify, request
from flask_babel import gettext

from app import rendering
from app.domain.errors import ValueRefused
from app.domain.permissions import Permission, require
from app.extensions import current_actor, stores
from app.kinds import registry
from app.kinds.base import ReferenceTarget
from app.kinds.reference import Reference
from app.kinds.registry import AnyKind
from app.main import attribute_forms
from app.main.blueprint import blueprint
from app.services import items, names, typed_inputs

_SYSTEMS = ("original", "metric", "imperial")
_LONGEST = 4000


@blueprint.get("/item/<slug>/read-back")
def read_back(slug: str) -> Response:
    """Answer how the value in the form is understood, as ``text``, or why it is not, as ``error``."""
    require(current_actor(), Permission.EDIT, datetime.now(UTC))
    item = items.get(stores(), slug)
    kind = registry.get(request.args.get("kind", ""))
    parts = {name: request.args[name][:_LONGEST] for name in typed_inputs.PARTS if name in request.args}
    scope = items.scopes(stores(), rendering.locale()).of(item.category, item)
    try:
        value = typed_inputs.read(kind, {"text": "", **parts}, scope.context(request.args.get("key", "")))
    except ValueRefused as refused:
        return jsonify(error=rendering.translate(refused.message))
    return jsonify(text=_shown(kind, value))


@blueprint.get("/item/<slug>/names")
def known_names(slug: str) -> Response:
    """Answer names for a new attribute that begin with, or contain, ``q``, with their kinds and units."""
    require(current_actor(), Permission.EDIT, datetime.now(UTC))
    item = items.get(stores(), slug)
    found = names.known(stores(), item, attribute_forms.category_of(item), request.args.get("q", ""))
    return jsonify(
        [
            {
                "title": name.name,
                "category": gettext(registry.get(name.kind).label),
                "key": name.key,
                "kind": name.kind,
                "unit": name.unit,
                "group": name.group,
            }
            for name in found
        ]
    )


def _shown(kind: AnyKind, value: object) -> str:
    """Return the value as readers of each system of units see it, each way of saying it once."""
    context = rendering.render_context(references=_target(value))
    texts = (kind.display(value, replace(context, units=system)).text for system in _SYSTEMS)
    return " = ".join(dict.fromkeys(texts))


def _target(value: object) -> dict[str, ReferenceTarget | None]:
    if not isinstance(value, Reference):
        return {}
    head = stores().items.heads([value.slug]).get(value.slug)
    return {value.slug: ReferenceTarget(head.slug, head.title) if head else None}
