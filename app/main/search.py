"""Search over all entries."""

from flask import render_template, request

from app.extensions import stores
from app.main.blueprint import blueprint
from app.services import browsing, queries

_LONGEST = 500


@blueprint.get("/search")
def search() -> str:
    """Ranked hits for ``q``, with near misses where there are none."""
    text = " ".join(request.args.get("q", "").split())[:_LONGEST]
    cursor = request.args.get("cursor", "")
    return render_template(
        "main/search.html",
        search_text=text,
        results=browsing.search(stores(), text, cursor),
        is_later=bool(cursor),
        is_comparison=queries.names_several(text),
    )
