"""The front page, the page about the site, and the choice of language."""

from urllib.parse import urlsplit

from flask import Response, current_app, redirect, render_template, request, url_for

from app.extensions import stores
from app.locales import LOCALES, cookie_name
from app.main.blueprint import blueprint
from app.services import discovery

MOST = 8
FEWEST = 2
_A_YEAR = 365 * 24 * 3600


@blueprint.get("/")
def home() -> str:
    """The picker, things worth comparing, the categories and the latest changes."""
    front = discovery.front(stores())
    return render_template("main/home.html", front=front, fields=_fields(), most=MOST)


@blueprint.get("/about")
def about() -> str:
    """What the site is, where its data is from, and under which licences."""
    return render_template("main/about.html")


@blueprint.get("/language/<code>")
def choose_language(code: str) -> Response:
    """Remember a language in a cookie and go back to where the reader was."""
    response = redirect(_local_path(request.args.get("next", "")))
    if code in LOCALES:
        response.set_cookie(
            cookie_name(), code, max_age=_A_YEAR, samesite="Lax", httponly=True, secure=_is_secure()
        )
    return response


def _fields() -> list[str]:
    """Return what is in the picker: names given by ``item``, then empty up to the number asked for."""
    names = [name[:500] for name in request.args.getlist("item")][:MOST]
    asked = request.args.get("fields", default=FEWEST, type=int)
    number = max(FEWEST, len(names), min(asked, MOST))
    return names + [""] * (number - len(names))


def _local_path(target: str) -> str:
    # A backslash or a second slash would make a browser leave the site.
    parts = urlsplit(target.replace("\\", "/"))
    local = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    return target if local and target.isprintable() else url_for("main.home")


def _is_secure() -> bool:
    return bool(current_app.config.get("SESSION_COOKIE_SECURE"))
