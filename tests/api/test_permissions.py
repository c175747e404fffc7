"""Who may not do a thing is told so, whatever they sent; moderators see what others do not."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.users import Role
from app.extensions import stores
from app.services import moderation
from app.services.items import Note
from tests.api.conftest import basic

NONSENSE = {"data": b"{", "headers": {"Content-Type": "application/x-nonsense"}}
OF_EDITORS = [
    ("POST", "/items"),
    ("PUT", "/items/mars"),
    ("PATCH", "/items/mars"),
    ("POST", "/items/mars/attributes"),
    ("PUT", "/items/mars/attributes/mass"),
    ("PATCH", "/items/mars/attributes/mass"),
    ("DELETE", "/items/mars/attributes/mass"),
    ("POST", "/items/mars/revert"),
    ("POST", "/items:batch"),
    ("POST", "/files"),
]
OF_MODERATORS = [
    ("DELETE", "/items/mars"),
    ("POST", "/items/mars/undelete"),
    ("PUT", "/categories/planets"),
    ("PATCH", "/categories/planets"),
]


@pytest.mark.parametrize(("method", "path"), [*OF_EDITORS, *OF_MODERATORS])
def test_an_account_that_may_not_write_is_refused_before_its_body_is_read(as_role, method, path):
    for key in ({}, {"Idempotency-Key": "k"}):
        answer = as_role(Role.VISITOR)(
            method, path, data=b"{", headers={"Content-Type": "application/x-nonsense", **key}
        )
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("method", "path"), OF_MODERATORS)
def test_an_editor_is_refused_what_is_for_moderators_before_the_body_is_read(ada, method, path):
    assert ada(method, path, **NONSENSE).status_code == 403


def test_somebody_blocked_is_told_why_before_anything_else(live_app, ada):
    with live_app.app_context():
        user = stores().users.find_by_username("Ada")
        stores().users.set_block(user.id, datetime.now(UTC) + timedelta(days=1), "spam")
    answer = ada.post("/items", **NONSENSE)
    assert (answer.status_code, "spam" in answer.json["detail"]) == (403, True)


def test_a_protected_entry_is_closed_whatever_is_sent(live_app, ada, moderator):
    made = ada.post("/items", {"title": "Mars"}).json
    with live_app.app_context():
        mo = stores().users.find_by_username("Mo").actor
        moderation.protect(stores(), mo, made["id"], Role.MODERATOR, Note(datetime.now(UTC)))
    for method in ("PUT", "PATCH"):
        assert ada(method, f"/items/{made['id']}", **NONSENSE).status_code == 403
    assert moderator.patch(f"/items/{made['id']}", {"summary": "red"}).status_code == 200


def test_a_refusal_is_not_kept_under_a_key(live_app, as_role, ada):
    vera, key = as_role(Role.VISITOR), {"Idempotency-Key": "k"}
    assert vera.post("/items", {"title": "Mars"}, headers=key).status_code == 403
    with live_app.app_context():
        user = stores().users.find_by_username("Vera")
        stores().users.set_role(user.id, Role.EDITOR)
    assert vera.post("/items", {"title": "Mars"}, headers=key).status_code == 201


def test_the_history_of_a_deleted_entry_is_for_moderators(ada, moderator, visitor):
    path = f"/items/{ada.post('/items', {'title': 'Mars'}).json['id']}"
    assert moderator.delete(f"{path}?comment=gone").status_code == 204
    for reader in (visitor, ada):
        for part in ("/revisions", "/revisions/1"):
            assert reader.get(path + part).status_code == 410
    lines = moderator.get(f"{path}/revisions")
    assert [(line["revision"], line["action"], line["comment"]) for line in lines.json["revisions"]] == [
        (2, "delete", "gone"),
        (1, "create", ""),
    ]
    assert lines.headers["Cache-Control"] == "private, no-cache"
    first = moderator.get(f"{path}/revisions/1")
    assert first.json["item"]["title"] == "Mars"
    assert visitor.get(f"{path}/revisions", headers=basic("Mo", "wrong")).status_code == 401
