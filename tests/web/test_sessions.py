"""Log-ins: cookies, and sessions that the server ends."""

import pytest
from pymongo import MongoClient, monitoring

from app.services import passwords
from app.storage import switches
from app.storage.stores import Stores
from tests.people import CHEAP, PASSWORD, make_user


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def ada(live_app, database):
    Stores.connect(database).users.insert(make_user("Ada"))
    return live_app


def logged_in(app, **fields):
    client = app.test_client()
    answer = client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD, **fields})
    assert answer.status_code == 302
    return client


def is_logged_in(client):
    return client.get("/users/settings").status_code == 200


def cookies_of(client):
    return {
        name: client.get_cookie(name).value for name in ("pkyx", "pkyx_remember") if client.get_cookie(name)
    }


def thief_of(app, client):
    thief = app.test_client()
    for name, value in cookies_of(client).items():
        thief.set_cookie(name, value)
    return thief


def test_signing_out_ends_the_session_on_the_server(ada):
    client = logged_in(ada, remember="y")
    thief = thief_of(ada, client)
    assert is_logged_in(thief)
    client.post("/users/logout")
    assert not is_logged_in(client)
    assert not is_logged_in(thief_of(ada, client))
    assert not is_logged_in(thief)


def test_a_stolen_cookie_of_before_the_log_out_is_worth_nothing(ada):
    client = logged_in(ada, remember="y")
    thief = thief_of(ada, client)
    client.post("/users/logout")
    assert not is_logged_in(thief)


def test_a_link_alone_logs_nobody_out(ada):
    client = logged_in(ada)
    assert client.get("/users/logout").status_code == 200
    assert is_logged_in(client)


def test_a_look_at_the_log_out_with_head_logs_nobody_out(ada):
    client = logged_in(ada)
    assert client.head("/users/logout").status_code == 200
    assert is_logged_in(client)


def test_logging_out_everywhere(ada):
    here, there = logged_in(ada), logged_in(ada, remember="y")
    here.post("/users/logout-everywhere")
    assert not is_logged_in(here)
    assert not is_logged_in(there)


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(ada):
    here, there = logged_in(ada), logged_in(ada)
    new = {"current_password": PASSWORD, "password": "another-cat-8", "password_again": "another-cat-8"}
    assert here.post("/users/settings/password", data=new).status_code == 302
    assert is_logged_in(here)
    assert not is_logged_in(there)


def test_remember_me_outlives_the_browser(ada):
    client = logged_in(ada, remember="y")
    client.delete_cookie("pkyx")
    assert is_logged_in(client)
    forgetful = logged_in(ada)
    forgetful.delete_cookie("pkyx")
    assert not is_logged_in(forgetful)


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(ada):
    client = ada.test_client()
    answer = client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD, "remember": "y"})
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie


def test_cookies_are_secure_where_the_site_is_and_no_other_host_can_plant_them(make_app, database):
    Stores.connect(database).users.insert(make_user("Ada"))
    client = make_app(DATABASE=database, PKYX_URL="https://wiki.example.org").test_client()
    here = {"base_url": "https://wiki.example.org"}
    said = {"identifier": "Ada", "password": PASSWORD, "remember": "y"}
    answer = client.post("/users/login", data=said, **here)
    cookies = [
        *answer.headers.getlist("Set-Cookie"),
        client.get("/language/en", **here).headers["Set-Cookie"],
    ]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == {"__Host-pkyx", "__Host-pkyx_remember", "__Host-locale"}
    for cookie in cookies:
        assert "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
    assert client.get("/users/settings", **here).status_code == 200


def test_a_log_in_leaves_nothing_of_an_earlier_session(ada):
    client = ada.test_client()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session


def test_visitors_get_no_cookie(ada):
    assert "Set-Cookie" not in ada.test_client().get("/users/Ada").headers


class Finds(monitoring.CommandListener):
    """Counts what is asked of two collections."""

    def __init__(self):
        self.asked = []

    def started(self, event):
        collection = event.command.get(event.command_name)
        if collection in {"users", "sessions"}:
            self.asked.append((event.command_name, collection))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


def test_a_request_asks_once_who_is_there(ada, mongo_uri, database, make_app):
    listener = Finds()
    with MongoClient(mongo_uri, event_listeners=[listener]) as watched:
        app = make_app(DATABASE=watched[database.name])
        client = logged_in(app)
        listener.asked.clear()
        client.get("/users/logout")
        assert listener.asked == [("aggregate", "sessions")]


def test_a_lost_database_is_told_on_a_page_even_to_who_is_logged_in(ada, make_app, monkeypatch):
    monkeypatch.setattr(switches, "_SECONDS", 0.5)
    client = logged_in(ada)
    nowhere = make_app(
        MONGO_URI="mongodb://127.0.0.1:9/pkyx", MONGO_OPTIONS={"serverSelectionTimeoutMS": 200}
    )
    orphan = thief_of(nowhere, client)
    assert orphan.get("/users/settings").status_code == 503
