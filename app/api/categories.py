"""Categories: what the entries of one sort are expected to say."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Response
from flask.views import MethodView

from app import json_bodies, rendering, web_errors
from app.api import auth, bodies
from app.api.blueprint import PREFIX, blueprint
from app.api.conditions import IfMatch, if_match
from app.api.representations import answer, created, unless_known
from app.domain.categories import Category
from app.domain.errors import CategoryNotFound
from app.domain.permissions import Permission
from app.extensions import stores
from app.services import categories, patches
from app.services.categories import StaleCategory


class CategoryList(MethodView):
    """All categories."""

    def get(self) -> Response:
        """Return them with the numbers of their entries; there are few, so it is one page."""
        counts = stores().items.count_by_category()
        found = stores().categories.all()
        rows = [category_body(category) | {"count": counts.get(category.slug, 0)} for category in found]
        return answer({"categories": rows, "next": None})


blueprint.add_url_rule("/categories", view_func=CategoryList.as_view("categories"))


class CategoryResource(MethodView):
    """One category."""

    def get(self, slug: str) -> Response:
        """Return it."""
        return _answer(stores().categories.get(slug))

    def put(self, slug: str) -> Response:
        """Add or overwrite it, for moderators."""
        actor = auth.allowed(Permission.EDIT_CATEGORY)
        body = json_bodies.read()
        if if_match() is not None:
            return _edited(slug, lambda _present: body)
        wanted = categories.category_from_json(body, slug)
        stored = categories.put(stores(), actor, wanted, datetime.now(UTC))
        if stored.revision > 1:
            return _answer(stored)
        return created(_answer(stored, 201), _address(stored.slug))

    def patch(self, slug: str) -> Response:
        """Change what the patch says, for moderators."""
        auth.allowed(Permission.EDIT_CATEGORY)
        patch, _ = bodies.read_patch()
        return _edited(slug, patch)


blueprint.add_url_rule("/categories/<slug>", view_func=CategoryResource.as_view("category"))


@blueprint.errorhandler(StaleCategory)
def _on_stale(error: StaleCategory) -> Response:
    """Show the client the category as it is now, so that it can decide anew."""
    if error.current is None:
        return web_errors.problem(error)
    body = _body(error.current)
    answered = web_errors.problem(error, current=body)
    answered.set_etag(_tag(body))
    return answered


def _edited(slug: str, change: patches.Patch) -> Response:
    now = datetime.now(UTC)
    try:
        return _answer(categories.edit(stores(), auth.actor(), slug, change, now, only_if=_condition()))
    except CategoryNotFound as missing:
        if if_match() is None:
            raise
        raise StaleCategory(None) from missing


def _condition() -> Callable[[Category], bool] | None:
    """Return what must hold of a category: of its revision alone, as nobody writes its count of entries."""
    asked = if_match()
    if asked is None:
        return None
    tags = None if asked.tags is None else frozenset(tag.partition("-")[0] for tag in asked.tags)
    return lambda category: IfMatch(tags).allows(str(category.revision))


def _answer(category: Category, status: int = 200) -> Response:
    body = _body(category)
    return unless_known(answer(body, status), _tag(body))


def _body(category: Category) -> dict[str, object]:
    count = stores().items.count_by_category().get(category.slug, 0)
    return category_body(category) | {"count": count}


def _tag(body: Mapping[str, object]) -> str:
    return f"{body['revision']}-{body['count']}"


def _address(slug: str) -> str:
    return rendering.absolute_url(f"{PREFIX}/categories/{quote(slug, safe='')}")


def category_body(category: Category) -> dict[str, object]:
    """Return the JSON form of a category with its addresses."""
    slug = quote(category.slug, safe="")
    links = {
        "self": _address(category.slug),
        "html": rendering.absolute_url(f"/category/{slug}"),
        "items": rendering.absolute_url(f"{PREFIX}/items?category={slug}"),
    }
    return categories.category_to_json(category) | {"links": links}
