"""The pages of administrators, and the switch that every host of a site follows."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from app import read_only
from app.domain.users import Role
from app.services import passwords
from app.storage import indexes
from app.storage.stores import Stores
from app.storage.switches import ReadOnlySwitch
from app.storage.tasks import Order
from tests.people import CHEAP, PASSWORD, make_user

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def stores(database):
    indexes.ensure(database)
    found = Stores.connect(database)
    found.users.insert(make_user("Root", role=Role.ADMIN))
    found.users.insert(make_user("Ida"))
    return found


@pytest.fixture
def app(make_app, database, stores):
    return make_app(DATABASE=database, READ_ONLY_SECONDS=0.0)


@pytest.fixture
def root(app):
    return log_in(app, "Root")


def log_in(app, name):
    client = app.test_client()
    assert client.post("/users/login", data={"identifier": name, "password": PASSWORD}).status_code == 302
    return client


def switch(client, state):
    return client.post("/admin/read-only", data={"state": state})


def test_people_are_found_by_the_beginning_of_a_name_and_by_address(root):
    html = root.get("/admin/users?q=id").text
    assert "ida@example.org" in html
    assert "root@example.org" not in html
    assert "ida@example.org" in root.get("/admin/users?q=IDA@example.org").text
    assert "Nobody by that name." in root.get("/admin/users?q=nobody@example.org").text


def test_what_administrators_see_is_kept_nowhere(root):
    assert root.get("/admin/users").headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in root.get("/about").headers


def test_people_come_in_pages_of_which_none_is_lost(root, stores):
    for number in range(120):
        stores.users.insert(make_user(f"member{number:03}"))
    seen, after, pages = set(), "", 0
    while True:
        html = root.get("/admin/users", query_string={"q": "member", "after": after}).text
        found = {name for name in (f"member{n:03}" for n in range(120)) if f">{name}<" in html}
        assert not seen & found
        seen |= found
        pages += 1
        if 'rel="next"' not in html:
            break
        after = max(found)
    assert (len(seen), pages) == (120, 3)


def test_a_role_is_given_from_the_list(root, stores):
    assert 'action="/users/Ida/role"' in root.get("/admin/users").text
    root.post("/users/Ida/role", data={"role": "moderator"})
    assert stores.users.find_by_username("ida").role is Role.MODERATOR


def test_nobody_is_offered_to_change_their_own_role(root):
    assert 'action="/users/Root/role"' not in root.get("/admin/users").text


def test_blocks_in_force_are_listed_with_their_reasons_in_pages(root, stores):
    now = datetime.now(UTC)
    stores.users.insert(make_user("Old", blocked_until=now - timedelta(days=1), blocked_reason="was rude"))
    for number in range(60):
        until = now + timedelta(days=1 + number % 7)
        stores.users.insert(
            make_user(f"spam{number:02}", blocked_until=until, blocked_reason="sells pills & more")
        )
    first = root.get("/admin/blocks").text
    cursor = first.split("cursor=")[1].split('"')[0]
    second = root.get(f"/admin/blocks?cursor={cursor}").text
    names = [f">spam{number:02}<" for number in range(60)]
    assert all((name in first) != (name in second) for name in names)
    assert "sells pills &amp; more" in first
    assert "was rude" not in first + second


def test_a_page_of_nonsense_is_refused_and_not_an_error(root):
    assert root.get("/admin/blocks?cursor=xx").status_code in (400, 422)
    assert root.get("/admin/tasks?cursor=%00").status_code in (400, 422)
    assert root.get("/admin/users?q=%00&after=%F0%9F%98%80").status_code == 200


def test_tasks_tell_how_they_went(root, stores):
    stores.tasks.add(Order("1", "deliver", {"address": "ida@example.org"}, "abc123"), NOW)
    stores.tasks.claim("1", "here", NOW, NOW)
    stores.tasks.give_up("1", "here", "ConnectionRefusedError: <no one there>", NOW)
    html = root.get("/admin/tasks").text
    assert "&lt;no one there&gt;" in html
    assert "failed" in html
    assert "abc123" in html
    assert "ida@example.org" not in html


def test_the_database_is_described_and_what_is_missing_is_named(root, database):
    assert "All indexes and the schema are as declared." not in root.get("/admin").text  # no migration ran
    database["items"].drop_index("m_1")
    html = root.get("/admin/health").text
    assert "items: index m_1 is missing" in html
    assert "MongoDB" in html


def test_the_switch_refuses_changes_everywhere_with_423_and_says_so_on_every_page(app, root, client):
    assert switch(root, "on").status_code == 303
    ida = log_in(app, "Ida")
    page = ida.post("/items/new", data={"title": "Tofu"})
    assert (page.status_code, "read-only" in page.text) == (423, True)
    api = client.post("/api/v1/items", json={"title": "Tofu"}, auth=("Ida", PASSWORD))
    assert (api.status_code, api.get_json(force=True)["code"]) == (423, "read-only")
    for path in ("/", "/items", "/changes", "/no/such/page", "/users/login"):
        assert 'class="site-banner"' in client.get(path).text, path
    assert client.get("/api/v1/items").status_code == 200


def test_the_switch_is_turned_off_again_by_an_administrator_who_has_to_log_in_first(app, root, client):
    switch(root, "on")
    assert switch(log_in(app, "Root"), "off").status_code == 303
    assert 'class="site-banner"' not in client.get("/").text
    assert client.post("/users/reset", data={"email": "nobody@example.org"}).status_code != 423


def test_a_comparison_that_is_remembered_gets_the_banner_and_loses_it(root, client, app, stores):
    from tests.factories import make_item

    for title in ("Tea", "Coffee"):
        stores.items.insert(make_item(title, id=stores.items.new_id()))
    seen = []
    for state in ("off", "on", "off"):
        switch(root, state)
        seen.append("site-banner" in client.get("/compare/coffee/tea").text)
    assert seen == [False, True, False]


def test_another_host_follows_within_a_second(make_app, database, root):
    other = make_app(DATABASE=database).test_client()
    assert 'class="site-banner"' not in other.get("/about").text
    switch(root, "on")
    deadline = time.monotonic() + 30
    while 'class="site-banner"' not in other.get("/about").text:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert other.post("/api/v1/items", json={}).status_code == 423


def test_the_switch_is_looked_at_once_in_its_time_and_not_in_each_request(
    make_app, database, stores, monkeypatch
):
    looks = []
    switched = read_only.ReadOnlySwitch
    monkeypatch.setattr(read_only, "ReadOnlySwitch", lambda db: looks.append(1) or switched(db))
    client = make_app(DATABASE=database, READ_ONLY_SECONDS=60.0).test_client()
    for _ in range(5):
        client.get("/")
    assert len(looks) == 1


def test_who_looks_at_the_switch_while_it_is_turned_hides_nothing(make_app, database, stores, monkeypatch):
    app, turning = make_app(DATABASE=database, READ_ONLY_SECONDS=60.0), []

    def turn():
        with app.app_context():
            read_only.turn(on=True)

    class Overtaken(ReadOnlySwitch):
        def is_on(self):
            found = super().is_on()
            if not turning:
                turning.append(threading.Thread(target=turn))
                turning[0].start()
                turning[0].join(0.5)
            return found

    monkeypatch.setattr(read_only, "ReadOnlySwitch", Overtaken)
    with app.app_context():
        assert not read_only.is_on()
        turning[0].join(30)
        assert read_only.is_on()


def test_the_configuration_wins_over_the_switch(make_app, database, stores):
    client = make_app(DATABASE=database, PKYX_READ_ONLY=True).test_client()
    assert 'class="site-banner"' in client.get("/").text
    login = client.post("/users/login", data={"identifier": "Root", "password": PASSWORD})
    assert login.status_code == 423


def test_only_on_and_off_are_understood(root, client):
    assert switch(root, "perhaps").status_code == 422
    assert 'class="site-banner"' not in client.get("/").text


def test_a_database_that_is_away_leaves_the_switch_as_it_was(make_app):
    assert make_app(DATABASE=None).test_client().get("/about").status_code == 200
