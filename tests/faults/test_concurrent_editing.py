"""Many people edit one entry at the same moment, through the site, on the real database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.services import items, passwords
from app.services.items import ItemDraft, Note
from app.storage.stores import Stores
from tests.factories import NOW, make_attribute
from tests.people import CHEAP, PASSWORD, make_user

THREADS = 50


@pytest.fixture
def stores(database, monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)
    found = Stores.connect(database)
    found.users.insert(make_user("Ada"))
    return found


def edit(app, cookie, number):
    """Edit one's own attribute, then the one that all share; return the answers."""
    client = app.test_client()
    client.set_cookie("pkyx", cookie)
    own = client.patch(
        f"/item/tofu/attributes/own-{number}", json={"value": f"mine {number}", "base_revision": 1}
    )
    shared = client.patch(
        "/item/tofu/attributes/shared", json={"value": f"by {number}", "base_revision": own.json["revision"]}
    )
    return own, shared


def test_every_acknowledged_edit_is_in_the_history_without_a_gap(live_app, live_client, stores):
    attributes = [make_attribute(f"Own {number}", "none yet") for number in range(THREADS)]
    draft = ItemDraft("Tofu", attributes=(make_attribute("Shared", "nobody"), *attributes))
    item = items.create(stores, make_user("Ada").actor, draft, Note(NOW))
    live_client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD})
    cookie = live_client.get_cookie("pkyx").value
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda number: edit(live_app, cookie, number), range(THREADS)))

    assert {own.status_code for own, _ in answers} == {200}
    assert {shared.status_code for _, shared in answers} <= {200, 409}
    assert any(shared.status_code == 200 for _, shared in answers)
    acknowledged = [a.json["revision"] for pair in answers for a in pair if a.status_code == 200]
    assert len(set(acknowledged)) == len(acknowledged)

    head = stores.items.get(item.id)
    assert sorted([1, *acknowledged]) == list(range(1, head.revision + 1))
    for number in range(THREADS):
        assert head.find_attribute(f"own-{number}").value == f"mine {number}"
    for number, (own, shared) in enumerate(answers):
        assert _value(stores, item.id, own, f"own-{number}") == f"mine {number}"
        if shared.status_code == 200:
            assert _value(stores, item.id, shared, "shared") == f"by {number}"


def _value(stores, item_id, answer, key):
    return stores.items.revision(item_id, answer.json["revision"]).item.find_attribute(key).value
