"""Every route and method, walked with every role. A route without a stated expectation fails here."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.domain.users import Role
from app.services import passwords
from app.storage.stores import Stores
from tests.factories import make_attribute, make_category, make_item
from tests.people import CHEAP, PASSWORD, make_user


class Access(Enum):
    """Who gets further than "log in first" and "not allowed"."""

    ALL = frozenset({"visitor", "unconfirmed", "blocked", "editor", "moderator", "admin"})
    ACCOUNT = ALL - {"visitor"}
    EDITOR = frozenset({"editor", "moderator", "admin"})
    MODERATOR = frozenset({"moderator", "admin"})
    ADMIN = frozenset({"admin"})


ALL, ACCOUNT, EDITOR, MODERATOR, ADMIN = Access

# By rule; by method where the methods differ.
EXPECTED: dict[str, Access | dict[str, Access]] = {
    "/": ALL,
    "/about": ALL,
    "/admin": ADMIN,
    "/admin/blocks": ADMIN,
    "/admin/health": ADMIN,
    "/admin/read-only": ADMIN,
    "/admin/tasks": ADMIN,
    "/admin/users": ADMIN,
    "/assets/<version>/<path:name>": ALL,
    "/bootstrap/static/<path:filename>": ALL,
    "/category-names/<code>": ALL,
    "/category/<slug>": ALL,
    "/category/<slug>/": ALL,
    "/category/<slug>/edit": MODERATOR,
    "/changes": ALL,
    "/changes.atom": ALL,
    "/compare": ALL,
    "/compare/": ALL,
    "/compare/<path:slugs>": ALL,
    "/compare/<path:slugs>.png": ALL,
    "/favicon.ico": ALL,
    "/files/<file_id>": ALL,
    "/healthz": ALL,
    "/items": ALL,
    "/items/new": EDITOR,
    "/language/<code>": ALL,
    "/lucky": ALL,
    "/manifest.webmanifest": ALL,
    "/metrics": ALL,
    "/opensearch.xml": ALL,
    "/pk": ALL,
    "/readyz": ALL,
    "/robots.txt": ALL,
    "/search": ALL,
    "/sitemap.xml": ALL,
    "/static/<path:filename>": ALL,
    # one entry
    "/item/<slug>": ALL,
    "/item/<slug>/": ALL,
    "/item/<slug>/attributes": EDITOR,
    "/item/<slug>/attributes/<key>": EDITOR,
    "/item/<slug>/attributes/<key>/edit": EDITOR,
    "/item/<slug>/attributes/<key>/history": ALL,
    "/item/<slug>/attributes/new": EDITOR,
    "/item/<slug>/attributes/order": EDITOR,
    "/item/<slug>/delete": MODERATOR,
    "/item/<slug>/diff": ALL,
    "/item/<slug>/diff/<int:first>/<int:second>": ALL,
    "/item/<slug>/edit": EDITOR,
    "/item/<slug>/history": ALL,
    "/item/<slug>/images": EDITOR,
    "/item/<slug>/moderate": MODERATOR,
    "/item/<slug>/names": EDITOR,
    "/item/<slug>/protect": MODERATOR,
    "/item/<slug>/read-back": EDITOR,
    "/item/<slug>/revert": EDITOR,
    "/item/<slug>/revision/<int:number>": ALL,
    "/item/<slug>/rollback": MODERATOR,
    "/item/<slug>/undelete": MODERATOR,
    "/item/<slug>/undo": EDITOR,
    # people
    "/users/<username>": ALL,
    "/users/<username>/avatar": ALL,
    "/users/<username>/block": MODERATOR,
    "/users/<username>/role": ADMIN,
    "/users/<username>/unblock": MODERATOR,
    "/users/activate": ALL,
    "/users/activate/<token>": ALL,
    "/users/avatar/<file_id>": ALL,
    "/users/login": ALL,
    "/users/logout": ALL,
    "/users/logout-everywhere": ACCOUNT,
    "/users/register": ALL,
    "/users/reset": ALL,
    "/users/reset/<token>": ALL,
    "/users/settings": ACCOUNT,
    "/users/settings/avatar": ACCOUNT,
    "/users/settings/delete": ACCOUNT,
    "/users/settings/password": ACCOUNT,
    # the API, by its own credentials
    "/api/v1/categories": ALL,
    "/api/v1/categories/<slug>": {"GET": ALL, "PUT": MODERATOR, "PATCH": MODERATOR},
    "/api/v1/changes": ALL,
    "/api/v1/changes/stream": ALL,
    "/api/v1/compare": ALL,
    "/api/v1/docs": ALL,
    "/api/v1/export": ALL,
    "/api/v1/files": EDITOR,
    "/api/v1/items": {"GET": ALL, "POST": EDITOR},
    "/api/v1/items/<id_or_slug>": {"GET": ALL, "PUT": EDITOR, "PATCH": EDITOR, "DELETE": MODERATOR},
    "/api/v1/items/<id_or_slug>/attributes": {"GET": ALL, "POST": EDITOR},
    "/api/v1/items/<id_or_slug>/attributes/<key>": {
        "GET": ALL,
        "PUT": EDITOR,
        "PATCH": EDITOR,
        "DELETE": EDITOR,
    },
    "/api/v1/items/<id_or_slug>/revert": EDITOR,
    "/api/v1/items/<id_or_slug>/revisions": ALL,
    "/api/v1/items/<id_or_slug>/revisions/<number>": ALL,
    "/api/v1/items/<id_or_slug>/undelete": MODERATOR,
    "/api/v1/items:batch": EDITOR,
    "/api/v1/me": ACCOUNT,
    "/api/v1/openapi.json": ALL,
    "/api/v1/search": ALL,
    "/api/v1/suggest": ALL,
    "/api/v1/token": ACCOUNT,
}
ROLES = {
    "visitor": None,
    "unconfirmed": Role.VISITOR,
    "blocked": Role.EDITOR,
    "editor": Role.EDITOR,
    "moderator": Role.MODERATOR,
    "admin": Role.ADMIN,
}
VALUES = {"code": "en", "key": "taste", "username": "nobody-else", "version": "x", "name": "icon.svg"}
# They end the session, so whoever walks on must log in again.
ENDING = ("/users/logout", "/users/logout-everywhere")
# An API call says all that it needs; a page's script sends JSON, a form what a form sends.
_DRAFT = {"title": "Tempeh", "category": "dishes"}
# What the API reads before it asks who may: so only a sound call shows the refusal.
BODIES: dict[str, object] = {
    "/api/v1/items": _DRAFT,
    "/api/v1/items:batch": [_DRAFT],
    "/api/v1/categories/<slug>": {"name": "Dishes", "properties": []},
    "/api/v1/items/<id_or_slug>/revert": {"to": 1},
}
SCRIPTED = {("POST", "/item/<slug>/attributes"), ("PUT", "/item/<slug>/attributes/order")}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def app(make_app, database) -> Flask:
    """On a real database, since some pages ask what mongomock cannot; its indexes decide nothing here."""
    return make_app(DATABASE=database)


@pytest.fixture
def stores(database) -> Stores:
    found = Stores.connect(database)
    found.categories.insert(make_category("Dishes"))
    found.users.insert(make_user("nobody-else"))
    return found


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def expectation(rule: str, method: str) -> Access | None:
    stated = EXPECTED.get(rule)
    return stated.get(method) if isinstance(stated, dict) else stated


def test_every_route_and_method_has_a_stated_expectation(app):
    unstated = {f"{method} {rule}" for rule, method in routes(app) if expectation(rule.rule, method) is None}
    assert unstated == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_is_stated_and_no_more(app, stores, role):
    walker = Walker(app, stores, role)
    wrong = [
        f"{method} {rule}: {answer.status} {answer.location or ''}"
        for rule, method in routes(app)
        if (answer := walker.visit(rule, method)) is not None
        and not is_as_stated(answer, role, expectation(rule.rule, method), rule.rule)
    ]
    assert not wrong, "\n".join(wrong)


def is_as_stated(answer: TestResponse, role: str, access: Access | None, rule: str) -> bool:
    if access is None or role in access.value:
        return not is_refused(answer) and answer.status_code < 500
    if role == "visitor":
        # A page sends visitors to log in; a program is told with a status.
        return answer.status_code == 401 or leads_to_login(answer)
    return answer.status_code == 403


def is_refused(answer: TestResponse) -> bool:
    return answer.status_code in (401, 403) or leads_to_login(answer)


def leads_to_login(answer: TestResponse) -> bool:
    return answer.status_code in (302, 303) and "/users/login?" in (answer.location or "")


class Walker:
    """Somebody of one role, who visits each route with an entry of its own to work on."""

    def __init__(self, app: Flask, stores: Stores, role: str) -> None:
        self._app, self._stores, self._role = app, stores, role
        self._visits = 0
        if ROLES[role] is not None:
            until = datetime.now(UTC) + timedelta(days=1) if role == "blocked" else None
            stores.users.insert(make_user(role, role=ROLES[role], blocked_until=until, blocked_reason="spam"))
        self._client = self._entered()

    def visit(self, rule: Rule, method: str) -> TestResponse:
        self._visits += 1
        item = self._stores.items.insert(
            make_item(
                f"Entry {self._visits}",
                make_attribute("Taste"),
                id=self._stores.items.new_id(),
                category="dishes",
            )
        )
        answer = self._client.open(self._path(rule, item.slug), method=method, **self._how(rule, method))
        answer.close()
        if rule.rule in ENDING and method == "POST":
            self._client = self._entered()
        return answer

    def _how(self, rule: Rule, method: str) -> dict[str, object]:
        if rule.rule.startswith("/api/"):
            auth = (self._role, PASSWORD) if ROLES[self._role] is not None else None
            return {"json": BODIES.get(rule.rule, {}), "auth": auth} if method != "GET" else {"auth": auth}
        if method in ("PATCH", "DELETE", "PUT") or (method, rule.rule) in SCRIPTED:
            return {"json": {"base_revision": 1}}
        return {}

    def _path(self, rule: Rule, slug: str) -> str:
        values: dict[str, object] = {name: VALUES.get(name, "1") for name in rule.arguments}
        for name in ("slug", "id_or_slug"):
            if name in values:
                values[name] = "dishes" if "/categor" in rule.rule else slug
        if "slugs" in values:
            values["slugs"] = f"{slug}/entry-1"
        values |= {name: 1 for name in ("number", "first", "second") if name in values}
        return self._app.url_map.bind("localhost").build(
            rule.endpoint, values, method=None, append_unknown=False
        )

    def _entered(self) -> FlaskClient:
        client = self._app.test_client()
        if ROLES[self._role] is not None:
            form = {"identifier": self._role, "password": PASSWORD}
            assert client.post("/users/login", data=form).status_code == 302
        return client
