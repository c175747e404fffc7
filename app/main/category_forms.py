"""A category's properties, edited by moderators in one form."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app import rendering
from app.domain.categories import Category, Direction
from app.domain.errors import CategoryConflict, DomainError, FieldError, InvalidInput, ValueRefused
from app.domain.messages import N_
from app.domain.permissions import Permission, require
from app.extensions import current_actor, stores
from app.kinds import registry
from app.kinds.base import ParseContext
from app.main.blueprint import blueprint
from app.services import categories, item_edits

Page = Response | str | tuple[str, int]
Row = dict[str, str]

# Empty rows below the others, so that a script is not needed to add some.
_SPARE = 3
_LIST = registry.get("list")
_COLUMNS = ("key", "name", "kind", "unit", "direction", "group", "aliases", "order")
_DIRECTIONS = {
    "": N_("neither"),
    Direction.HIGHER.value: N_("higher is better"),
    Direction.LOWER.value: N_("lower is better"),
}


@blueprint.route("/category/<slug>/edit", methods=["GET", "POST"])
def edit_category(slug: str) -> Page:
    """The form of a category: its name, and a row for each property."""
    require(current_actor(), Permission.EDIT_CATEGORY, datetime.now(UTC))
    category = stores().categories.get(slug)
    if request.method != "POST":
        return _page(category, category.name, [_row(prop) for prop in _properties(category)])
    name, rows = request.form.get("name", ""), _rows(request.form)
    try:
        base = item_edits.read_revision(request.form.get("revision"), "revision")
        changed = categories.category_from_json(_body(category, name, rows), category.slug)
        categories.put(stores(), current_actor(), changed, datetime.now(UTC), base)
    except CategoryConflict as conflict:
        return _page(stores().categories.get(slug), name, rows, conflict)
    except InvalidInput as refused:
        return _page(category, name, rows, refused)
    flash(_("The category is saved."), "stored")
    return redirect(url_for("main.category", slug=slug), 303)


def _properties(category: Category) -> list[dict[str, object]]:
    found = categories.category_to_json(category)["properties"]
    return found if isinstance(found, list) else []


def _row(prop: dict[str, object]) -> Row:
    aliases = prop["aliases"]
    row = {name: str(prop.get(name) or "") for name in _COLUMNS}
    return row | {"aliases": _LIST.typed(tuple(aliases), "") if isinstance(aliases, list) else ""}


def _rows(form: MultiDict[str, str]) -> list[Row]:
    """Return the rows that have a name, in the order of their numbers; one left blank is removed."""
    columns = {name: form.getlist(f"property_{name}") for name in _COLUMNS}
    count = min(map(len, columns.values()))
    rows = [{name: values[index] for name, values in columns.items()} for index in range(count)]
    return sorted((row for row in rows if row["name"].strip()), key=_place)


def _place(row: Row) -> float:
    order = row["order"].strip()
    return float(order) if order.isascii() and order.isdigit() and len(order) < 6 else float("inf")


def _body(category: Category, name: str, rows: list[Row]) -> dict[str, object]:
    """Return the category's JSON form with what the form says; labels in other languages stay."""
    labels = {prop.key: dict(prop.labels) for prop in category.properties}
    body = categories.category_to_json(category)
    return body | {"name": name, "properties": [_property(row, labels.get(row["key"], {})) for row in rows]}


def _property(row: Row, labels: dict[str, str]) -> dict[str, object]:
    found: dict[str, object] = {name: row[name] for name in ("name", "kind", "unit", "direction", "group")}
    return found | {"key": row["key"] or None, "aliases": _aliases(row["aliases"]), "labels": labels}


def _aliases(text: str) -> list[str]:
    """Split as the values of lists are: at Chinese commas too, and not within quotation marks."""
    if not text.strip(" ,，、;；"):
        return []
    try:
        return list(_LIST.parse(text, ParseContext()))
    except ValueRefused as refused:
        raise InvalidInput([FieldError("", refused.message)]) from refused


def _page(category: Category, name: str, rows: list[Row], refused: DomainError | None = None) -> Page:
    html = render_template(
        "main/category_edit.html",
        category=category,
        name=name,
        rows=[*rows, *[dict.fromkeys(_COLUMNS, "")] * _SPARE],
        kinds={tag: kind.label for tag, kind in registry.KINDS.items()},
        directions=_DIRECTIONS,
        errors=_by_row(refused) if refused else {},
        theirs=_theirs(category, name, rows) if isinstance(refused, CategoryConflict) else None,
    )
    return html, refused.status if refused else 200


def _theirs(category: Category, name: str, rows: list[Row]) -> list[str]:
    """Return what stands in the category now that the form would replace, a line each."""
    typed = {row["key"]: row | {"order": ""} for row in rows}
    present = [_row(prop) for prop in _properties(category)]
    names = [category.name] if category.name != name else []
    return names + [_words(row) for row in present if typed.get(row["key"]) != row]


def _words(row: Row) -> str:
    better = gettext(_DIRECTIONS[row["direction"]]) if row["direction"] else ""
    kind = gettext(registry.get(row["kind"]).label)
    parts = (row["name"], kind, row["unit"], better, row["group"], row["aliases"])
    return " · ".join(part for part in parts if part)


def _by_row(refused: DomainError) -> dict[str, list[str]]:
    """Return the messages by the row's number, "" for the form as a whole."""
    errors = refused.errors if isinstance(refused, InvalidInput) else (FieldError("", refused.message),)
    found: dict[str, list[str]] = {}
    for error in errors:
        first, _dot, rest = error.path.partition(".")
        row = rest.partition(".")[0] if first == "properties" else ""
        found.setdefault(row, []).append(rendering.translate(error.message))
    return found
