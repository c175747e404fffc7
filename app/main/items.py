"""Entries: the page of one, and the lists of many."""

from typing import Any
from urllib.parse import quote, urlencode

from flask import redirect, render_template, request, url_for

from app import rendering
from app.extensions import stores
from app.main import entry_tools, facts, interest, item_page, listings
from app.main.blueprint import blueprint
from app.services import browsing

# Longer values name nothing and only swell the page.
_LONGEST = 500
_MOST_PARAMETERS = 100


@blueprint.get("/item/<slug>")
def item(slug: str) -> Any:
    """One entry; by a past slug, an id or a name in another spelling, the way to it."""
    entry = browsing.entry(stores(), slug, rendering.locale())
    if entry.item.slug != slug:
        return redirect(rendering.item_url(entry.item.slug), 301)
    interest.count_view([slug])
    context = rendering.render_context(references=entry.references)
    groups = facts.present_groups(entry.groups, context)
    description = item_page.describe(entry.item, groups)
    return render_template(
        "main/item.html",
        entry=entry,
        item=entry.item,
        groups=groups,
        description=description,
        json_ld=item_page.structured(entry.item, description),
        **entry_tools.of(entry.item, entry.category),
    )


@blueprint.get("/item/<slug>/")
@blueprint.get("/category/<slug>/")
def with_slash(slug: str) -> Any:
    """The way to the page of that name, whose address ends in no slash."""
    path, query = quote(request.path.rstrip("/")), request.query_string.decode("ascii", "replace")
    return redirect(f"{path}?{query}" if query else path, 301)


@blueprint.get("/items")
def items() -> Any:
    """All entries; ``category``, as the API has it, leads to the page of that category."""
    asked = request.args.get("category", "")
    if asked and stores().categories.find_recent(asked) is not None:
        others = [(name, value) for name, value in request.args.items(multi=True) if name != "category"]
        query = urlencode(others, errors="replace")
        return redirect(url_for("main.category", slug=asked) + (f"?{query}" if query else ""), 301)
    return _list("", url_for("main.items"))


@blueprint.get("/category/<slug>")
def category(slug: str) -> str:
    """The entries of a category, filtered and sorted by its properties."""
    return _list(slug, url_for("main.category", slug=slug))


def _list(category_slug: str, path: str) -> str:
    given = _parameters()
    listing = browsing.browse(stores(), category_slug, given, rendering.locale())
    return render_template("main/items.html", **listings.build(listing, given, path))


def _parameters() -> list[tuple[str, str]]:
    """Return the parameters that say something, and only so many of them."""
    given = [(name, value) for name, value in request.args.items(multi=True) if value.strip()]
    return [(name[:_LONGEST], value[: _LONGEST * 4]) for name, value in given[:_MOST_PARAMETERS]]
