"""Recent changes: the page with its filters, and the feed with the same ones."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, current_app, render_template, request, url_for
from flask_babel import gettext as _

from app import rendering
from app.domain.categories import Category
from app.domain.items import Action, Revision
from app.domain.names import slugify
from app.extensions import stores
from app.main.blueprint import blueprint
from app.main.change_words import labels_of
from app.services import browsing, histories

_LONGEST = 200
# Part of the tags that name feeds and entries for good (RFC 4151): the year of the scheme, never of today.
_TAG_YEAR = 2026
_NAMED_KEYS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@blueprint.get("/changes")
def changes() -> str:
    """Recent changes of all entries, newest first, filtered by a plain form."""
    asked = _asked()
    page = browsing.changes(stores(), request.args.get("cursor", ""), **_conditions(asked))
    return render_template(
        "main/changes.html",
        page=page,
        asked=asked,
        categories=stores().categories.all(),
        actions=list(Action),
        feed=_address("main.changes_feed", asked),
        newest=_address("main.changes", asked),
        following=_address("main.changes", {**asked, "cursor": page.next}) if page.next else "",
    )


@blueprint.get("/changes.atom")
def changes_feed() -> Response:
    """The same as an Atom feed (RFC 4287), in pages (RFC 5005)."""
    asked = _asked()
    cursor = request.args.get("cursor", "")
    page = browsing.changes(stores(), cursor, **_conditions(asked))
    address = _address("main.changes_feed", {**asked, "cursor": cursor})
    xml = render_template(
        "main/changes.atom.xml",
        page=page,
        tag=_tag,
        feed_id=_tag(f"changes?{urlencode(_given(asked))}".rstrip("?")),
        address=address,
        html_address=_address("main.changes", asked),
        following=_address("main.changes_feed", {**asked, "cursor": page.next}) if page.next else "",
        updated=page.rows[0].change.at if page.rows else _EPOCH,
    )
    return Response(xml, content_type="application/atom+xml; charset=utf-8")


@blueprint.app_template_filter("touched")
def touched(revision: Revision, categories: Sequence[Category] = ()) -> str:
    """Return the names of what a change touched, as far as its line and ``categories`` know them."""
    fields = {f"@{field}": label for field, label in histories.FIELD_LABELS.items()}
    fields["@order"] = histories.ORDER_LABEL
    category = next((each for each in categories if each.slug == revision.category), None)
    label = labels_of(category, rendering.locale())
    keys = revision.change.keys
    names = [_(fields[key]) if key in fields else label(key, _spelled(key)) for key in keys[:_NAMED_KEYS]]
    if len(keys) > _NAMED_KEYS:
        names.append(_("%(number)s more", number=len(keys) - _NAMED_KEYS))
    return _(", ").join(names)


def _spelled(key: str) -> str:
    """Return a key as the name that it may have come from."""
    return key[:1].upper() + key[1:].replace("-", " ")


def _asked() -> dict[str, str]:
    names = ("category", "user", "key", "action", "item")
    return {name: request.args.get(name, "").strip()[:_LONGEST] for name in names}


def _conditions(asked: Mapping[str, str]) -> dict[str, str]:
    """Return what was asked as the stores know it: a name becomes a key, a username its own spelling."""
    user = stores().users.find_by_username(asked["user"]) if asked["user"] else None
    return {
        "category": asked["category"],
        "user": user.username if user else asked["user"],
        "key": asked["key"] if asked["key"].startswith("@") else slugify(asked["key"]),
        "action": asked["action"],
        "item_id": asked["item"],
    }


def _given(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def _address(endpoint: str, asked: Mapping[str, Any]) -> str:
    return url_for(endpoint, **_given(asked))


def _tag(specific: str) -> str:
    host = urlsplit(str(current_app.config["PKYX_URL"])).hostname or "localhost"
    return f"tag:{host},{_TAG_YEAR}:{specific}"
