"""Who may write, and how they prove who they are."""

import pytest

from app.domain.users import Role
from app.extensions import stores
from app.services import accounts, passwords
from tests.api.conftest import API, Api, basic
from tests.people import PASSWORD, make_user

WRITES = [
    ("POST", "/items"),
    ("PUT", "/items/mars"),
    ("PATCH", "/items/mars"),
    ("DELETE", "/items/mars"),
    ("POST", "/items/mars/attributes"),
    ("PUT", "/items/mars/attributes/mass"),
    ("PATCH", "/items/mars/attributes/mass"),
    ("DELETE", "/items/mars/attributes/mass"),
    ("POST", "/items/mars/revert"),
    ("POST", "/items/mars/undelete"),
    ("POST", "/items:batch"),
    ("POST", "/files"),
    ("PUT", "/categories/planets"),
    ("PATCH", "/categories/planets"),
    ("GET", "/me"),
    ("POST", "/token"),
    ("DELETE", "/token"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_without_credentials_nothing_is_written(visitor, method, path):
    answer = visitor(method, path)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert "Basic" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic /w==",
        "Basic Og==",
        "Basic QWRhOg==",
        "Bearer",
        "Bearer x",
        "Bearer a.b.c",
        "Digest username=x",
        "Token abc",
        "\x80",
        "Bearer " + "x" * 5000,
    ],
)
def test_bad_credentials_are_refused(visitor, people, header):
    answer = visitor.get("/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("name", ["Ada", "ada", "ADA@example.org"])
def test_name_or_address_and_password_open_the_api(visitor, people, name):
    answer = visitor.get("/me", headers=basic(name))
    assert (answer.json["username"], answer.json["role"]) == ("Ada", "editor")
    assert visitor.get("/me", headers=basic(name, "wrong")).status_code == 401


def test_a_token_opens_it_as_bearer_and_as_basic_username(visitor, people):
    made = visitor.post("/token", headers=basic("Ada"))
    assert made.json.keys() == {"token", "token_type", "expires_in"}
    assert (made.json["token_type"], made.headers["Cache-Control"]) == ("Bearer", "no-store")
    token = made.json["token"]
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"bearer {token}"},
        basic(token, "x"),
        basic(token, ""),
    ):
        assert visitor.get("/me", headers=headers).json["username"] == "Ada"


def test_a_token_makes_no_further_token(ada):
    assert ada.post("/token").status_code == 401


def test_tokens_end_together_and_with_the_password(live_app, visitor, people):
    def token() -> dict[str, str]:
        return {"Authorization": f"Bearer {visitor.post('/token', headers=basic('Ada')).json['token']}"}

    first, second = token(), token()
    assert visitor.delete("/token", headers=first).status_code == 204
    assert {visitor.get("/me", headers=headers).status_code for headers in (first, second)} == {401}
    third = token()
    with live_app.app_context():
        user = stores().users.find_by_username("Ada")
        accounts.change_password(stores(), lambda _: None, user.id, PASSWORD, "another-long-secret")
    assert visitor.get("/me", headers=third).status_code == 401
    assert visitor.get("/me", headers=basic("Ada")).status_code == 401
    assert visitor.get("/me", headers=basic("Ada", "another-long-secret")).status_code == 200


def test_an_account_that_was_never_confirmed_may_only_read(as_role):
    vera = as_role(Role.VISITOR)
    assert vera.get("/me").json["role"] == "visitor"
    answer = vera.post("/items", {"title": "Mars"})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_categories_are_for_moderators(ada, moderator):
    body = {"name": "Planets", "properties": [{"name": "Mass", "kind": "number", "unit": "kg"}]}
    assert ada.put("/categories/planets", body).status_code == 403
    made = moderator.put("/categories/planets", body)
    assert (made.status_code, made.json["properties"][0]["key"]) == (201, "mass")
    assert moderator.put("/categories/planets", made.json).status_code == 200
    for slug in ("Planets!", "a" * 121):
        assert moderator.put(f"/categories/{slug}", body).status_code == 422


def test_a_session_cookie_alone_writes_nothing(make_app, database):
    site = make_app(DATABASE=database, WTF_CSRF_ENABLED=False)
    with site.app_context():
        stores().users.insert(make_user("Ada"))
    client = site.test_client()
    assert (
        client.post(
            "/users/login",
            data={"login": "Ada", "identifier": "Ada", "username": "Ada", "password": PASSWORD},
        ).status_code
        == 302
    )
    assert client.get("/users/settings").status_code == 200
    for method, path in WRITES:
        answer = client.open(API + path, method=method, json={"title": "Mars", "name": "Planets"})
        assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated"), (method, path)
    assert client.get(API + "/items").json["items"] == []


def test_a_busy_client_pays_for_its_password_once(visitor, people, monkeypatch):
    hashed = []
    matches = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda *args: hashed.append(1) or matches(*args))
    for _ in range(5):
        assert visitor.get("/me", headers=basic("Ada")).status_code == 200
    assert len(hashed) == 1
    assert visitor.get("/me", headers=basic("Ada", "wrong")).status_code == 401
    assert len(hashed) == 2


def test_guessing_is_stopped_before_it_gets_far(make_app, database):
    site = make_app(DATABASE=database, RATELIMIT_ENABLED=True)
    with site.app_context():
        stores().users.insert(make_user("Ada"))
    stranger = Api(site.test_client(), {})
    statuses = [stranger.get("/me", headers=basic("Ada", f"guess {n}")).status_code for n in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    answer = stranger.get("/me", headers=basic("Ada", "guess"))
    assert answer.mimetype == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
