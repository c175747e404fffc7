"""Ways in without a name: chance, and what the templates of the pages share."""

from collections.abc import Sequence

from flask import Response, abort, jsonify, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import rendering
from app.assets import asset_url
from app.domain.items import ItemHead
from app.extensions import stores
from app.locales import LOCALES
from app.main.blueprint import blueprint
from app.main.comparison_links import path_of
from app.services import discovery

_SECONDS = 300


@blueprint.get("/lucky")
def lucky() -> AnyResponse:
    """Go to a comparison by chance."""
    heads = discovery.chance(stores())
    if not heads:
        return redirect(url_for("main.home"))
    return redirect(
        path_of([head.slug for head in heads]) if len(heads) > 1 else rendering.item_url(heads[0].slug)
    )


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """How the site looks where it is kept like an application (W3C Web Application Manifest)."""
    icon = {"src": asset_url("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    response = jsonify(
        name="pkyx",
        short_name="pkyx",
        start_url="/",
        display="browser",
        background_color="#fbfaf7",
        theme_color="#0d6e63",
        icons=[icon],
    )
    response.mimetype = "application/manifest+json"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> AnyResponse:
    """Where browsers look that read no link."""
    return redirect(asset_url("icon.svg"))


@blueprint.get("/category-names/<code>")
def names_of_categories(code: str) -> Response:
    """Return what readers of a language call each category, by slug: suggestions say it beside a name."""
    if code not in LOCALES:
        abort(404)
    response = jsonify(_names_in(code))
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    return response


@blueprint.app_template_filter()
def compare_url(heads: Sequence[ItemHead]) -> str:
    """Return the address of the comparison of these entries."""
    return path_of([head.slug for head in heads])


@blueprint.app_template_global()
def category_names() -> dict[str, str]:
    """Return what the reader calls each category, by slug."""
    return _names_in(rendering.locale())


def _names_in(locale: str) -> dict[str, str]:
    return {category.slug: category.label(locale) for category in stores().categories.all()}
