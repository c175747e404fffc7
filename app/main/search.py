"""Search over all entries."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.extensions import stores
from app.main.blueprint import blueprint
from app.main.comparison_links import path_of
from app.services import browsing, queries

_LONGEST = 500


@blueprint.get("/search")
def search() -> str | Response:
    """Ranked hits for ``q``, with near misses where there are none; "A vs B" is compared at once."""
    text = " ".join(request.args.get("q", "").split())[:_LONGEST]
    cursor = request.args.get("cursor", "")
    results = browsing.search(stores(), text, cursor)
    is_comparison = queries.names_several(text)
    # The field says that it takes "A vs B"; what is found by all of that text comes before it.
    if is_comparison and not results.page.rows:
        resolution = queries.resolve(stores(), text)
        if resolution.is_comparison:
            return redirect(path_of(resolution.slugs))
    return render_template(
        "main/search.html",
        search_text=text,
        results=results,
        is_later=bool(cursor),
        is_comparison=is_comparison,
    )
