"""What machines read: site maps, the search description, the manifest, robots.txt."""

from flask import Response, render_template, request, url_for

from app import rendering
from app.extensions import stores
from app.main.blueprint import blueprint
from app.services import discovery

_XML = "application/xml"


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """How a browser can search here (OpenSearch 1.1)."""
    return _xml(render_template("main/opensearch.xml"), "application/opensearchdescription+xml")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The index of site maps, or with ``from`` and ``to`` one of them (sitemaps.org 0.9)."""
    if not {"from", "to"} & request.args.keys():
        parts = discovery.sitemap_parts(stores())
        return _xml(render_template("main/sitemap_index.xml", parts=parts), _XML)
    part = discovery.sitemap_part(stores(), request.args.get("from", ""), request.args.get("to", ""))
    return _xml(render_template("main/sitemap.xml", part=part), _XML)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Crawlers are welcome, but for the pages that are made anew for each question."""
    lines = [
        "User-agent: *",
        "Disallow: /pk",
        "Disallow: /search",
        "Disallow: /lucky",
        "Disallow: /language/",
        "Disallow: /api/",
        "",
        f"Sitemap: {rendering.absolute_url(url_for('main.sitemap'))}",
        "",
    ]
    return Response("\n".join(lines), mimetype="text/plain")


def _xml(text: str, mimetype: str) -> Response:
    return Response(text, content_type=f"{mimetype}; charset=utf-8")
