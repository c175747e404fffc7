"""Comparisons for programs: JSON, CSV and Markdown."""

from flask import Response, request
from flask.views import MethodView
from flask_babel import gettext as _
from werkzeug.datastructures import MIMEAccept

from app import rendering
from app.api.blueprint import blueprint
from app.api.parameters import Args, read_choice
from app.api.representations import answer, links, unless_known
from app.domain.errors import BadQuery, FieldError
from app.domain.items import Item
from app.extensions import stores
from app.json_bodies import JSON
from app.services import comparisons
from app.services.comparisons import Comparison, Options

_TYPES = {JSON: "json", "text/csv": "csv", "text/markdown": "markdown"}
FORMATS = ("json", "csv", "markdown", "md")


class ComparisonResource(MethodView):
    """Entries side by side."""

    def get(self) -> Response:
        """Return two to eight entries side by side, in the form that ``format`` or ``Accept`` asks for."""
        form = read_choice(request.args, "format", FORMATS) or _accepted()
        options = _options(request.args)
        found = comparisons.compare(
            stores(),
            _slugs(request.args),
            options,
            rendering.render_context(options.units),
            rendering.comparison_cache(),
        )
        response = _answer(found, form)
        response.vary.update(("Accept", "Accept-Language", "Cookie"))
        return unless_known(response, f"{found.version}-{form}")


blueprint.add_url_rule("/compare", view_func=ComparisonResource.as_view("comparison"))


def _answer(found: Comparison, form: str) -> Response:
    if form == "json":
        return answer(comparisons.to_json(found, _, _item_body))
    if form == "csv":
        return _text(comparisons.to_csv(found, _, _("Fact")), "text/csv; charset=utf-8; header=present")
    return _text(comparisons.to_markdown(found, _, _("Fact")), "text/markdown; charset=utf-8")


def _text(text: str, content_type: str) -> Response:
    response = Response(text, content_type=content_type)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _accepted() -> str:
    # Which charset or header line is asked for makes no difference: there is one of each type.
    asked = [(name.partition(";")[0].strip(), quality) for name, quality in request.accept_mimetypes]
    return _TYPES[MIMEAccept(asked).best_match(list(_TYPES), JSON)]


def _slugs(args: Args) -> list[str]:
    return [slug.strip() for names in args.getlist("items") for slug in names.split(",") if slug.strip()]


def _options(args: Args) -> Options:
    read = comparisons.read_options(args)
    if read.notices:
        raise BadQuery([FieldError(str(notice.params["name"]), notice) for notice in read.notices])
    return read.options


def _item_body(item: Item) -> dict[str, object]:
    return comparisons.item_summary(item) | {"links": links(item.id, item.slug)}
