"""Registering, confirming, logging in, resetting: through the pages, with the mails that go out."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import throttling
from app.extensions import mail
from app.services import passwords
from app.storage.stores import Stores
from app.tasks import posting
from tests.people import CHEAP, PASSWORD, make_user

ADA = {"email": "ada@example.org", "username": "Ada", "password": PASSWORD, "password_again": PASSWORD}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def outbox(live_app):
    """A list of mails; asking its length waits until none is on its way."""
    with live_app.app_context(), mail.record_messages() as sent:

        def settled():
            assert posting.background(live_app).wait(10)
            return sent

        yield settled


@pytest.fixture
def people(database):
    return Stores.connect(database).users


def link_in(message):
    return re.search(r"http://127\.0\.0\.1:5000(/users/\S+)", message.body)[1]


def log_in(client, identifier="Ada", password=PASSWORD, **fields):
    return client.post("/users/login", data={"identifier": identifier, "password": password, **fields})


def is_logged_in(client):
    return client.get("/users/settings").status_code == 200


def test_from_registration_to_editing(live_client, outbox):
    answer = live_client.post("/users/register", data=ADA)
    assert (answer.status_code, answer.location) == (302, "/users/login")
    link = link_in(outbox()[0])
    assert live_client.get(link).status_code == 302
    assert log_in(live_client).status_code == 302
    assert "editor" in live_client.get("/users/Ada").text


def test_the_rules_stand_beside_the_fields(live_client):
    page = live_client.get("/users/register").text
    assert "2 to 32 letters" in page and "8 to 128 characters" in page


def test_what_is_refused_is_shown_at_its_field_and_what_was_typed_is_kept(live_client, outbox):
    answer = live_client.post("/users/register", data=ADA | {"username": "<b>", "email": "no"})
    assert answer.status_code == 422
    assert 'id="username-error"' in answer.text and 'id="email-error"' in answer.text
    assert 'value="&lt;b&gt;"' in answer.text and "<b>" not in answer.text
    assert PASSWORD not in answer.text
    assert outbox() == []


def test_two_different_passwords_are_refused(live_client):
    answer = live_client.post("/users/register", data=ADA | {"password_again": "another"})
    assert answer.status_code == 422 and 'id="password_again-error"' in answer.text


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(live_client, live_app, people, outbox):
    people.insert(make_user("Ada"))
    stranger = live_app.test_client()
    known = live_client.post("/users/register", data=ADA | {"username": "mallory"})
    unknown = stranger.post("/users/register", data=ADA | {"username": "trudy", "email": "new@example.org"})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert live_client.get("/users/login").text == stranger.get("/users/login").text
    assert {message.recipients[0]: message.subject for message in outbox()} == {
        "ada@example.org": "You already have an account at pkyx",
        "new@example.org": "Confirm your address for pkyx",
    }


def test_a_used_link_is_refused_in_words_with_a_new_one_offered(live_client, outbox):
    live_client.post("/users/register", data=ADA)
    link = link_in(outbox()[0])
    live_client.get(link)
    again = live_client.get(link)
    assert again.status_code == 410
    assert "used already" in again.text and 'action="/users/activate"' in again.text


def test_a_look_at_a_link_does_not_use_it(live_client, outbox):
    live_client.post("/users/register", data=ADA)
    link = link_in(outbox()[0])
    assert live_client.head(link).status_code == 200
    assert live_client.get(link).status_code == 302


def test_a_scanner_of_mail_confirms_nothing_and_its_reader_does_by_a_button(live_client, live_app, outbox):
    live_client.post("/users/register", data=ADA)
    link = link_in(outbox()[0])
    scanner, reader = live_app.test_client(), live_app.test_client()
    assert [scanner.get(link).status_code for _ in range(2)] == [200, 200]
    page = reader.get(link)
    assert "Confirm the address" in page.text and "Ada" in page.text
    assert (reader.post(link).location, reader.post(link).status_code) == ("/users/login", 410)
    assert live_client.get(link).status_code == 410


def test_a_link_opens_at_once_only_for_who_registered_its_account(live_client, live_app, outbox):
    mallory = live_app.test_client()
    live_client.post("/users/register", data=ADA)
    link = link_in(outbox()[0])
    mallory.post("/users/register", data=ADA | {"username": "Mallory", "email": "m@example.org"})
    assert mallory.get(link).status_code == 200
    assert live_client.get(link).status_code == 302


def test_a_link_opens_at_once_where_its_user_is_logged_in(live_client, live_app):
    # No context of the application is open below: requests would share who is logged in.
    with live_app.app_context(), mail.record_messages() as sent:
        live_client.post("/users/register", data=ADA)
        assert posting.background(live_app).wait(10)
        link = link_in(sent[0])
    live_client.post("/users/register", data=ADA | {"username": "Eve", "email": "eve@example.org"})
    reader, eve = live_app.test_client(), live_app.test_client()
    log_in(reader)
    log_in(eve, "Eve")
    assert eve.get(link).status_code == 200
    assert (reader.get(link).status_code, reader.get("/items/new").status_code) == (302, 200)


def test_a_new_link_supersedes_the_old(live_client, outbox):
    live_client.post("/users/register", data=ADA)
    first = link_in(outbox()[0])
    live_client.post("/users/activate", data={"email": "ada@example.org"})
    second = link_in(outbox()[1])
    assert live_client.get(first).status_code == 410
    assert live_client.get(second).status_code == 302


def test_a_forgotten_password_is_reset_once_by_mail(live_client, people, outbox):
    people.insert(make_user("Ada"))
    live_client.post("/users/reset", data={"email": "ada@example.org"})
    link = link_in(outbox()[0])
    assert live_client.get(link).status_code == 200
    new = {"password": "another-cat-8", "password_again": "another-cat-8"}
    assert (
        live_client.post(link, data=new | {"password": "short", "password_again": "short"}).status_code == 422
    )
    assert live_client.post(link, data=new).status_code == 302
    assert live_client.post(link, data=new).status_code == 410
    assert log_in(live_client).status_code == 401
    assert log_in(live_client, password="another-cat-8").status_code == 302


def test_a_reset_answers_the_same_for_known_and_unknown_addresses(live_client, people, outbox):
    people.insert(make_user("Ada"))
    answers = []
    for address in ("ada@example.org", "nobody@example.org"):
        posted = live_client.post("/users/reset", data={"email": address})
        answers.append((posted.status_code, posted.location, live_client.get("/users/login").text))
    assert answers[0] == answers[1]
    assert len(outbox()) == 1


def test_a_wrong_password_and_an_unknown_name_look_the_same(live_client, people):
    people.insert(make_user("Ada"))
    wrong = log_in(live_client, "ada@example.org", "not-it-at-all")
    unknown = log_in(live_client, "eve@example.org", "not-it-at-all")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("ada@", "eve@") == unknown.text


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("/items?sort=title", "/items?sort=title"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("evil", "/"),
        ("", "/"),
    ],
)
def test_next_never_leaves_the_site(live_client, people, target, reached):
    people.insert(make_user("Ada"))
    assert log_in(live_client, next=target).location == reached
    assert live_client.get("/users/login", query_string={"next": target}).location == reached


def test_forms_without_the_token_are_refused(make_app, database):
    client = make_app(DATABASE=database, WTF_CSRF_ENABLED=True).test_client()
    assert client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD}).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/users/login").text)[1]
    assert log_in(client, csrf_token=token).status_code == 401


def test_failed_log_ins_are_throttled_per_account_whatever_its_spelling(make_app, database, people):
    people.insert(make_user("Ada"))
    app = make_app(DATABASE=database, RATELIMIT_ENABLED=True)
    for number in range(10):
        client = app.test_client()
        spelling = ("ada", "ADA", "Ａda")[number % 3]
        assert log_in(client, spelling, "wrong-password").status_code == 401
    refused = log_in(app.test_client(), "Ada", PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert log_in(app.test_client(), "Bob", "wrong-password").status_code == 401


def test_failed_log_ins_are_throttled_per_address_whoever_is_tried(make_app, database, people, monkeypatch):
    monkeypatch.setattr(throttling, "PER_ADDRESS", throttling.parse("3 per 15 minutes"))
    app = make_app(DATABASE=database, RATELIMIT_ENABLED=True)
    answers = [log_in(app.test_client(), f"user-{number}", "wrong-password") for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    form = {"identifier": "user-9", "password": "wrong-password"}
    answer = app.test_client().post("/users/login", data=form, environ_overrides=elsewhere)
    assert answer.status_code == 401


def test_registrations_that_are_refused_use_up_no_mails(make_app, database, monkeypatch):
    monkeypatch.setattr(throttling, "MAILS_PER_RECIPIENT", throttling.parse("2 per hour"))
    app = make_app(DATABASE=database, RATELIMIT_ENABLED=True)
    refused = [ADA | {"username": "a b"}] * 4
    names = [ADA | {"username": name} for name in ("Ada", "Eve", "Ida")]
    answers = [app.test_client().post("/users/register", data=data) for data in refused + names]
    assert [answer.status_code for answer in answers] == [422] * 4 + [302, 302, 429]


def test_success_does_not_count_against_an_account(make_app, database, people):
    people.insert(make_user("Ada"))
    app = make_app(DATABASE=database, RATELIMIT_ENABLED=True)
    assert {log_in(app.test_client()).status_code for _ in range(15)} == {302}


def test_of_many_racing_registrations_exactly_one_wins(live_app, people, database):
    def register(number):
        data = ADA | {"email": f"ada{number}@example.org"}
        return live_app.test_client().post("/users/register", data=data).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(register, range(8)))
    assert sorted(statuses) == [302] + [422] * 7
    assert database["users"].count_documents({"username_key": "ada"}) == 1


def test_of_racing_registrations_of_one_address_one_owns_it(live_app, database):
    def register(number):
        return (
            live_app.test_client()
            .post("/users/register", data=ADA | {"username": f"ada{number}"})
            .status_code
        )

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(register, range(8))) == {302}
    assert database["users"].count_documents({"email_key": "ada@example.org"}) == 1
    assert database["users"].count_documents({"claimed_key": "ada@example.org"}) == 7


def test_pages_of_accounts_are_not_for_search_engines(live_client):
    for path in ("/users/login", "/users/register", "/users/reset"):
        assert 'content="noindex"' in live_client.get(path).text


def test_the_dialog_of_the_header_gets_the_form_alone(live_client):
    fragment = live_client.get("/users/login?dialog=1").text
    assert fragment.lstrip().startswith("<form") and "<html" not in fragment
