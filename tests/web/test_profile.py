"""Profile, settings, deletion."""

import pytest

from app.services import passwords
from app.storage.stores import Stores
from tests.factories import make_change, make_item
from tests.people import CHEAP, PASSWORD, make_user


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def stores(database):
    found = Stores.connect(database)
    found.users.insert(make_user("Ada"))
    return found


@pytest.fixture
def ada(live_client, stores):
    live_client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD})
    return live_client


def test_a_profile_shows_what_its_user_tells(ada):
    told = {
        "name": "Ada L.",
        "location": "London",
        "website": "https://ada.example",
        "introduction": "One\nTwo",
    }
    assert ada.post("/users/settings", data=told).status_code == 302
    page = ada.get("/users/Ada").text
    assert all(text in page for text in ("Ada L.", "London", 'href="https://ada.example"', "One\nTwo"))
    assert 'rel="nofollow ugc noopener"' in page


def test_a_profile_shows_no_address(live_client, stores):
    assert "ada@example.org" not in live_client.get("/users/Ada").text


def test_hostile_text_is_inert(ada):
    hostile = "<script>alert(1)</script>{{ 7*7 }}\u202etxt"
    ada.post("/users/settings", data={"name": hostile, "introduction": hostile})
    page = ada.get("/users/Ada").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page and "\u202e" not in page


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example", "https://", "//x", "http://a b"]
)
def test_only_web_addresses_are_websites(ada, website):
    answer = ada.post("/users/settings", data={"website": website})
    assert answer.status_code == 422 and 'id="website-error"' in answer.text


def test_too_long_a_text_is_refused(ada):
    answer = ada.post("/users/settings", data={"introduction": "x" * 2001})
    assert answer.status_code == 422 and "2000" in answer.text


def test_what_is_for_one_reader_is_kept_nowhere_and_what_is_for_all_may_be(ada):
    for path in ("/users/settings", "/users/login", "/users/reset", "/users/activate/nonsense"):
        assert ada.get(path).headers["Cache-Control"] == "no-store"
    assert ada.get("/users/Ada").headers.get("Cache-Control") != "no-store"
    assert ada.get("/users/Ada/avatar").headers["Cache-Control"].startswith("public")


def test_settings_are_for_who_is_logged_in(live_client):
    answer = live_client.get("/users/settings")
    assert (answer.status_code, answer.location) == (302, "/users/login?next=/users/settings")


def test_a_profile_has_one_address(live_client, stores):
    assert live_client.get("/users/ADA").location == "/users/Ada"
    assert live_client.get("/users/nobody").status_code == 404


def test_contributions_are_counted_and_paged(live_client, stores, database):
    for number in range(35):
        stores.items.insert(make_item(f"Item {number}", created_by="Ada", change=make_change(by="Ada")))
    page = live_client.get("/users/Ada")
    assert "35 entries created" in page.text and "35 edits made" in page.text
    assert page.text.count('class="change-what"') == 30
    older = page.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert live_client.get(older).text.count('class="change-what"') == 5


def test_deleting_ones_account(ada, stores):
    assert ada.post("/users/settings/delete", data={"password": "wrong"}).status_code == 422
    assert ada.post("/users/settings/delete", data={"password": PASSWORD}).status_code == 302
    assert ada.get("/users/settings").status_code == 302
    assert ada.get("/users/Ada").status_code == 404


def test_the_page_of_a_deleted_account_says_so(ada, stores, database):
    ada.post("/users/settings/delete", data={"password": PASSWORD})
    name = database["users"].find_one()["username"]
    assert "This account was deleted" in ada.get(f"/users/{name}").text
