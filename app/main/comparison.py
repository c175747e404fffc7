"""Comparisons: free text to a comparison, its page, its files and its picture."""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from app import rendering
from app.domain.errors import BadQuery, EntriesNotFound
from app.extensions import stores
from app.main import comparison_page, comparison_picture, interest
from app.main.blueprint import blueprint
from app.main.comparison_links import View, path_of, with_query
from app.services import comparisons, queries
from app.services.comparisons import MOST, Comparison, ReadOptions, read_options

_STATE = ("only", "units", "hide", "sort", "fold", "empty", "format")
_LONGEST_STATE = 4000
_FORMATS = {"csv": "csv", "markdown": "markdown", "md": "markdown", "json": "json"}
_FIRST_HEADER = lazy_gettext("Fact")
# A longer path or list names nothing.
_MOST_NAMES = 24


@blueprint.get("/pk")
def pk() -> Any:
    """Understand ``q`` ("A vs B"), or the names of the fields ``item``, and go to the comparison."""
    text, names = request.args.get("q", ""), _names(request.args)
    if not text.strip() and not names:
        flash(_("Please name at least two entries to compare."), "info")
        return redirect("/")
    resolution = queries.resolve_names(stores(), names) if names else queries.resolve(stores(), text)
    return _answer(resolution, 200)


@blueprint.get("/compare")
@blueprint.get("/compare/")
def compare_start() -> Any:
    """Take the names of the fields ``item``, for forms without JavaScript."""
    return pk()


@blueprint.get("/compare/<path:slugs>")
def compare(slugs: str) -> Any:
    """Show two to eight entries side by side, or as a file where ``format`` asks for one."""
    wanted = [slug for slug in slugs.split("/") if slug.strip()]
    read = read_options(request.args)
    try:
        found = comparisons.compare(
            stores(), wanted, read.options, rendering.render_context(), rendering.comparison_cache()
        )
    except (BadQuery, EntriesNotFound) as error:
        return _answer(_resolved(wanted), error.status)
    if tuple(wanted) != found.requested:
        return redirect(_with_state(path_of(found.requested)), 301)
    form = _FORMATS.get(request.args.get("format", "").casefold())
    return _file(found, form) if form else _page(found, read)


@blueprint.get("/compare/<path:slugs>.png")
def comparison_card(slugs: str) -> Any:
    """Draw the picture that other sites show beside a link."""
    read = read_options({})
    found = comparisons.compare(
        stores(), slugs.split("/"), read.options, rendering.render_context(), rendering.comparison_cache()
    )
    response = Response(mimetype="image/png")
    response.set_etag(found.version)
    response.cache_control.max_age = 3600
    response.cache_control.public = True
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(comparison_picture.draw(found))
    return response


def _page(found: Comparison, read: ReadOptions) -> str | bytes:
    if not request.args:
        # Another view of the same page is no further interest in it.
        interest.count_view(found.slugs)
    view = View(found.requested, read.options, _list("fold"), request.args.get("empty") == "shown")
    return comparison_page.render(found, view, read.notices)


def _file(found: Comparison, form: str) -> Response:
    name = "-".join(found.slugs)[:100] or "comparison"
    if form == "json":
        return current_app.json.response(comparisons.to_json(found, _))
    write = comparisons.to_csv if form == "csv" else comparisons.to_markdown
    response = make_response(write(found, _, str(_FIRST_HEADER)))
    response.mimetype = f"text/{form}"
    ending = "csv" if form == "csv" else "md"
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    return response


def _list(name: str) -> tuple[str, ...]:
    return tuple(filter(None, request.args.get(name, "")[:2000].split(",")))


def _names(args: MultiDict[str, str]) -> list[str]:
    names = [name[: queries.LONGEST + 1] for name in args.getlist("item")]
    return [name for name in names if name.strip()][:_MOST_NAMES]


def _resolved(wanted: Sequence[str]) -> queries.Resolution:
    """Understand a path that is no comparison: past slugs are known, other words may be names."""
    names = [slug[: queries.LONGEST + 1] for slug in wanted[:_MOST_NAMES]]
    heads = stores().items.heads(names)
    return queries.resolve_names(stores(), [heads[name].slug if name in heads else name for name in names])


def _answer(resolution: queries.Resolution, status: int) -> Any:
    if resolution.is_comparison and not resolution.repeated:
        return redirect(_with_state(path_of(resolution.slugs)))
    if len(resolution.slugs) > 1 and resolution.is_comparison:
        repeated = ", ".join(resolution.repeated)
        flash(_("You named %(names)s twice; it is shown once.", names=repeated), "info")
        return redirect(_with_state(path_of(resolution.slugs)))
    if resolution.too_long or resolution.surplus:
        status = 400
    elif any(part.is_unknown for part in resolution.parts):
        status = 404
    return render_template("main/pk_resolve.html", **_questions(resolution)), status


def _questions(resolution: queries.Resolution) -> dict[str, object]:
    names = [part.entry.title if part.entry else part.text for part in resolution.parts]
    return {
        "resolution": resolution,
        "most": MOST,
        "first_eight": path_of(resolution.slugs) if len(resolution.slugs) == MOST else "",
        "fields": [*names, "", ""][: max(2, len(names))],
        "kept": _state(),
        "choose": lambda number, head: _choice(resolution, number, head.slug),
    }


def _choice(resolution: queries.Resolution, number: int, slug: str) -> str:
    """Return the address of the same question with part ``number`` answered."""
    names = [part.entry.slug if part.entry else part.text for part in resolution.parts]
    names[number] = slug
    query = [*(("item", name) for name in names), *_state().items()]
    return "/pk?" + "&".join(with_query("", {key: value})[1:] for key, value in query)


def _with_state(path: str) -> str:
    return with_query(path, _state())


def _state() -> dict[str, str]:
    """Return what the address says of the view, whatever the entries turn out to be."""
    return {name: request.args[name][:_LONGEST_STATE] for name in _STATE if name in request.args}
