"""Finding entries: ranked search, and prefixes for pickers."""

from flask import Response, request
from flask.views import MethodView

from app.api.blueprint import blueprint
from app.api.parameters import read_limit, read_text
from app.api.representations import answer, head_body, page_answer
from app.extensions import stores

MOST_SUGGESTIONS = 10
_SECONDS = 60


class Search(MethodView):
    """Ranked search."""

    def get(self) -> Response:
        """Return entries that fit ``q``, best first."""
        text = read_text(request.args)
        limit = read_limit(request.args)
        if not text:
            return page_answer({"items": []}, None)
        page = stores(may_lag=True).items.search(text, limit, request.args.get("cursor", ""))
        return page_answer({"items": [head_body(head) for head in page.rows]}, page.next)


blueprint.add_url_rule("/search", view_func=Search.as_view("search"))


class Suggestions(MethodView):
    """Prefix matches for pickers."""

    def get(self) -> Response:
        """Return at most ten entries whose names begin with ``q``. What was typed is never refused."""
        limit = read_limit(request.args, MOST_SUGGESTIONS, MOST_SUGGESTIONS)
        text, category = request.args.get("q", ""), request.args.get("category", "")
        found = stores(may_lag=True).items.suggest(text, limit, category)
        response = answer(
            [{"slug": head.slug, "title": head.title, "category": head.category} for head in found]
        )
        response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
        return response


blueprint.add_url_rule("/suggest", view_func=Suggestions.as_view("suggestions"))
