from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import (
    Forbidden,
    InvalidInput,
    LinkRefused,
    LoginRefused,
    Unauthenticated,
    UserNotFound,
)
from app.domain.users import ANONYMOUS, Actor, Role
from app.services import accounts, letters, passwords, sessions
from app.services.account_links import AccountLinks, Purpose
from app.services.account_rules import Registration
from app.storage import indexes
from app.storage.stores import Stores

# The stand-in database removes what its TTL indexes say by the real clock.
NOW = datetime.now(UTC).replace(microsecond=0)

PASSWORD = "my-cat-sings-at-7"
LINKS = AccountLinks("a key for tests")
ADA = Registration("Ada@Example.org", "Ada", PASSWORD)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")


@pytest.fixture
def stores(mock_database):
    for collection in ("users", "sessions"):
        for index in indexes.INDEXES[collection]:
            mock_database[collection].create_index(list(index.keys), name=index.name, **index.options)
    return Stores.connect(mock_database)


@pytest.fixture
def posted():
    return []


def register(stores, posted, **changes):
    accounts.register(stores, posted.append, replace(ADA, **changes), NOW)


def mail_of(stores, posted):
    return letters.write(stores, LINKS, posted[-1], NOW)


def token_of(stores, posted):
    return mail_of(stores, posted).path.rsplit("/", 1)[1]


def activated(stores, posted, **changes):
    register(stores, posted, **changes)
    return accounts.activate(stores, LINKS, token_of(stores, posted), NOW)


def paths_of(caught):
    return {error.path for error in caught.value.errors}


def test_a_newcomer_is_a_visitor_until_the_link_of_the_mail_was_opened(stores, posted):
    register(stores, posted)
    user = stores.users.find_by_username("ada")
    assert (user.role, user.confirmed_at) == (Role.VISITOR, None)
    user = accounts.activate(stores, LINKS, token_of(stores, posted), NOW)
    assert (user.role, user.confirmed_at) == (Role.EDITOR, NOW)


def test_an_activation_link_works_once(stores, posted):
    register(stores, posted)
    token = token_of(stores, posted)
    accounts.activate(stores, LINKS, token, NOW)
    with pytest.raises(LinkRefused, match="used already"):
        accounts.activate(stores, LINKS, token, NOW)


def test_a_newer_link_takes_the_place_of_the_older(stores, posted):
    register(stores, posted)
    older, newer = token_of(stores, posted), token_of(stores, posted)
    with pytest.raises(LinkRefused, match="newer"):
        accounts.activate(stores, LINKS, older, NOW)
    accounts.activate(stores, LINKS, newer, NOW)


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "\ud800", "x" * 5000])
def test_a_forged_link_is_refused(stores, token):
    with pytest.raises(LinkRefused, match="not complete"):
        accounts.activate(stores, LINKS, token, NOW)


def test_links_expire_and_are_good_for_their_purpose_alone(stores):
    token = LINKS.make(Purpose.RESET, "a" * 24, "nonce")
    assert LINKS.read(Purpose.RESET, token, datetime.now(UTC)).nonce == "nonce"
    with pytest.raises(LinkRefused, match="expired"):
        LINKS.read(Purpose.RESET, token, datetime.now(UTC) + timedelta(hours=1, minutes=1))
    with pytest.raises(LinkRefused, match="not complete"):
        LINKS.read(Purpose.ACTIVATION, token, datetime.now(UTC))


@pytest.mark.parametrize(
    "username",
    [
        *("a", "x" * 33, "with space", "semi;colon", "dot.ted", "at@sign", "zero\u200bwidth", "nul\0", ""),
        *("\u0301accent", "\u115f\u115f", "<b>", "../up", "emoji😀", "a\u202eb", "\ud800x"),
    ],
)
def test_a_username_off_the_rules_is_refused(stores, posted, username):
    with pytest.raises(InvalidInput) as caught:
        register(stores, posted, username=username)
    assert paths_of(caught) == {"username"}
    assert posted == []


@pytest.mark.parametrize("username", ["ab", "x" * 32, "豆腐脑", "Дмитрий_2", "ज़ारा", "a-b_c", "Åsa", "١٢"])
def test_letters_and_digits_of_any_script_make_a_username(stores, posted, username):
    register(stores, posted, username=username)
    assert stores.users.find_by_username(username)


@pytest.mark.parametrize("other", ["ADA", "ａｄａ", "ada", "Ａda"])
def test_usernames_are_the_same_whatever_case_and_width(stores, posted, other):
    register(stores, posted)
    with pytest.raises(InvalidInput) as caught:
        register(stores, posted, username=other, email="other@example.org")
    assert paths_of(caught) == {"username"}


@pytest.mark.parametrize("name", ["login", "Settings", "deleted-abc", "avatar"])
def test_names_of_the_site_itself_are_taken(stores, posted, name):
    with pytest.raises(InvalidInput) as caught:
        register(stores, posted, username=name)
    assert paths_of(caught) == {"username"}


@pytest.mark.parametrize("email", ["", "ada", "ada@", "@example.org", "a b@example.org", "a@b\ud800.org"])
def test_an_address_that_is_none_is_refused(stores, posted, email):
    with pytest.raises(InvalidInput) as caught:
        register(stores, posted, email=email)
    assert paths_of(caught) == {"email"}


def test_everything_wrong_is_told_at_once(stores, posted):
    with pytest.raises(InvalidInput) as caught:
        register(stores, posted, email="no", username="!", password="short")
    assert paths_of(caught) == {"email", "username", "password"}


def test_a_known_address_gets_a_mail_and_the_visitor_the_same_as_ever(stores, posted):
    activated(stores, posted)
    register(stores, posted, username="mallory", email="ADA@example.org", password="another-cat-8")
    assert mail_of(stores, posted).template == "address_known"
    assert mail_of(stores, posted).username == "Ada"
    assert stores.users.find_by_email("ada@example.org").username == "Ada"


def test_nothing_that_can_be_tried_afterwards_tells_whether_the_address_was_known(stores, posted):
    activated(stores, posted)
    known = {"username": "mallory", "email": "ada@example.org", "password": "another-cat-8"}
    unknown = {"username": "trudy", "email": "nobody@example.org", "password": "another-cat-8"}
    for changes in (known, unknown):
        register(stores, posted, **changes)
        assert accounts.authenticate(stores, changes["username"], changes["password"])
        assert accounts.authenticate(stores, changes["email"], changes["password"])
        with pytest.raises(InvalidInput):
            register(stores, posted, **changes)


def test_who_claims_a_known_address_never_becomes_an_editor(stores, posted):
    owner = activated(stores, posted)
    register(stores, posted, username="mallory")
    mallory = stores.users.find_by_username("mallory")
    forged = LINKS.make(Purpose.ACTIVATION, mallory.id, "")
    with pytest.raises(LinkRefused):
        accounts.activate(stores, LINKS, forged, NOW)
    assert accounts.authenticate(stores, "ada@example.org", PASSWORD).id == owner.id


@pytest.mark.parametrize("identifier", ["Ada", "ada", "ADA@example.org", "ada@Example.ORG", "ａda"])
def test_logging_in_by_username_or_address(stores, posted, identifier):
    user = activated(stores, posted)
    assert accounts.authenticate(stores, identifier, PASSWORD).id == user.id


@pytest.mark.parametrize("identifier", ["ada", "ada@example.org", "nobody", "nobody@example.org", "", "@"])
def test_a_wrong_password_and_an_unknown_name_are_the_same_refusal(stores, posted, identifier):
    activated(stores, posted)
    with pytest.raises(LoginRefused) as caught:
        accounts.authenticate(stores, identifier, "not-the-password")
    assert str(caught.value) == "This name and password do not fit together."


@pytest.mark.parametrize("identifiers", [("ada", "nobody"), ("ada@example.org", "nobody@example.org")])
def test_a_refusal_costs_the_same_number_of_hashes(stores, posted, monkeypatch, identifiers):
    activated(stores, posted)
    counts = []
    original = passwords.check_password_hash
    for identifier in identifiers:
        calls = []
        monkeypatch.setattr(passwords, "check_password_hash", lambda *a: calls.append(a) or original(*a))  # noqa: B023
        with pytest.raises(LoginRefused):
            accounts.authenticate(stores, identifier, "not-the-password")
        counts.append(len(calls))
    assert counts[0] == counts[1]


def test_an_outdated_hash_is_renewed_at_log_in(stores, posted, monkeypatch):
    user = activated(stores, posted)
    monkeypatch.setattr(passwords, "METHOD", "scrypt:2048:8:1")
    accounts.authenticate(stores, "ada", PASSWORD)
    assert stores.users.get(user.id).password_hash.startswith("scrypt:2048:8:1$")


def test_a_session_lasts_until_it_is_ended(stores, posted):
    user = activated(stores, posted)
    secret = sessions.open_session(stores, user, sessions.SHORT, NOW)
    assert sessions.find_user(stores, secret, NOW).username == "Ada"
    assert sessions.find_user(stores, secret + "x", NOW) is None
    assert sessions.find_user(stores, secret, NOW + sessions.SHORT) is None
    sessions.end(stores, secret)
    assert sessions.find_user(stores, secret, NOW) is None


def test_the_database_does_not_hold_the_secret_of_a_session(stores, posted, mock_database):
    user = activated(stores, posted)
    secret = sessions.open_session(stores, user, sessions.SHORT, NOW)
    assert secret not in str(list(mock_database["sessions"].find()))


def test_a_request_learns_neither_hash_nor_address(stores, posted):
    user = activated(stores, posted)
    seen = sessions.find_user(stores, sessions.open_session(stores, user, sessions.SHORT, NOW), NOW)
    assert (seen.password_hash, seen.email) == ("", "")
    assert (seen.id, seen.role) == (user.id, Role.EDITOR)


def test_logging_out_everywhere_ends_all_sessions_but_no_tokens(stores, posted):
    user = activated(stores, posted)
    secrets = [sessions.open_session(stores, user, sessions.SHORT, NOW) for _ in range(3)]
    after = sessions.end_all(stores, user.id)
    assert [sessions.find_user(stores, secret, NOW) for secret in secrets] == [None] * 3
    assert after.token_epoch == user.token_epoch


def test_a_changed_password_ends_sessions_and_tokens_even_those_that_begin_meanwhile(stores, posted):
    user = activated(stores, posted)
    changed = accounts.change_password(stores, posted.append, user.id, PASSWORD, "another-cat-8")
    late = sessions.open_session(stores, user, sessions.SHORT, NOW)
    assert sessions.find_user(stores, late, NOW) is None
    assert changed.token_epoch == user.token_epoch + 1
    assert mail_of(stores, posted).template == "password_changed"
    assert accounts.authenticate(stores, "ada", "another-cat-8")


def test_a_password_is_changed_only_by_who_knows_it(stores, posted):
    user = activated(stores, posted)
    with pytest.raises(InvalidInput) as caught:
        accounts.change_password(stores, posted.append, user.id, "wrong", "another-cat-8")
    assert paths_of(caught) == {"current_password"}
    with pytest.raises(InvalidInput) as caught:
        accounts.change_password(stores, posted.append, user.id, PASSWORD, "password1")
    assert paths_of(caught) == {"password"}


def test_a_reset_link_is_looked_at_freely_and_used_once(stores, posted):
    user = activated(stores, posted)
    old_session = sessions.open_session(stores, user, sessions.SHORT, NOW)
    accounts.send_reset(posted.append, " ada@example.org ", "")
    token = token_of(stores, posted)
    for _ in range(3):
        accounts.check_reset(stores, LINKS, token, NOW)
    accounts.reset_password(stores, LINKS, posted.append, token, "another-cat-8", NOW)
    assert accounts.authenticate(stores, "ada", "another-cat-8")
    assert sessions.find_user(stores, old_session, NOW) is None
    with pytest.raises(LinkRefused, match="used already"):
        accounts.reset_password(stores, LINKS, posted.append, token, "a-third-cat-9", NOW)


def test_a_letter_that_is_sent_again_has_the_same_link_but_does_not_revive_a_used_one(stores, posted):
    activated(stores, posted)
    accounts.send_reset(posted.append, "ada@example.org", "")
    posted[-1] = letter = replace(posted[-1], reference="one letter")
    first, second = token_of(stores, posted), token_of(stores, posted)
    for token in (first, second):
        accounts.check_reset(stores, LINKS, token, NOW)
    accounts.reset_password(stores, LINKS, posted.append, second, "another-cat-8", NOW)
    posted.append(letter)
    third = token_of(stores, posted)
    with pytest.raises(LinkRefused):
        accounts.check_reset(stores, LINKS, first, NOW)
    assert accounts.check_reset(stores, LINKS, third, NOW).username == "Ada"


def test_a_refused_password_leaves_the_reset_link_good(stores, posted):
    activated(stores, posted)
    accounts.send_reset(posted.append, "ada@example.org", "")
    token = token_of(stores, posted)
    with pytest.raises(InvalidInput):
        accounts.reset_password(stores, LINKS, posted.append, token, "short", NOW)
    accounts.check_reset(stores, LINKS, token, NOW)


def test_a_reset_for_an_unknown_address_sends_nothing(stores, posted):
    accounts.send_reset(posted.append, "nobody@example.org", "")
    assert mail_of(stores, posted) is None


def test_a_reset_confirms_the_address_too(stores, posted):
    register(stores, posted)
    accounts.send_reset(posted.append, "ada@example.org", "")
    user = accounts.reset_password(
        stores, LINKS, posted.append, token_of(stores, posted), "another-cat-8", NOW
    )
    assert (user.role, user.confirmed_at is not None) == (Role.EDITOR, True)


def test_a_deleted_account_leaves_its_edits_under_a_neutral_name(stores, posted, mock_database):
    user = activated(stores, posted)
    mock_database["items"].insert_one({"created_by": "Ada", "change": {"by": "Ada"}})
    mock_database["revisions"].insert_one({"created_by": "Ada", "change": {"by": "Ada"}})
    mock_database["revisions"].insert_one({"created_by": "Bob", "change": {"by": "Bob"}})
    secret = sessions.open_session(stores, user, sessions.SHORT, NOW)
    accounts.delete(stores, user.id, PASSWORD, NOW)
    left = stores.users.get(user.id)
    assert left.username == left.neutral_name and left.username.startswith("deleted-")
    assert stores.attribution.count("Ada") == (0, 0)
    assert stores.attribution.count(left.username) == (1, 2)
    assert stores.attribution.count("Bob") == (0, 1)
    assert sessions.find_user(stores, secret, NOW) is None
    assert "example.org" not in str(list(mock_database["users"].find()))
    with pytest.raises(UserNotFound):
        accounts.get(stores, "ada")
    register(stores, posted)  # name and address are free again


def test_a_deletion_that_a_crash_cut_short_is_finished_later(stores, posted, mock_database):
    user = activated(stores, posted)
    mock_database["items"].insert_one({"created_by": "Ada", "change": {"by": "Ada"}})
    stores.users.begin_deletion(user.id, "deleted-0123456789")
    with pytest.raises(LoginRefused):
        accounts.authenticate(stores, "ada", PASSWORD)
    with pytest.raises(InvalidInput):
        register(stores, posted)  # nobody may inherit the edits meanwhile
    assert accounts.finish_deletions(stores, NOW) == 1
    assert accounts.finish_deletions(stores, NOW) == 0
    assert stores.attribution.count("deleted-0123456789") == (1, 1)


def test_an_account_is_deleted_only_with_its_password(stores, posted):
    user = activated(stores, posted)
    with pytest.raises(InvalidInput):
        accounts.delete(stores, user.id, "wrong", NOW)
    assert accounts.authenticate(stores, "ada", PASSWORD)


def test_the_operator_creates_confirmed_accounts(stores, posted):
    user = accounts.create(stores, ADA, Role.ADMIN, NOW)
    assert (user.role, user.confirmed_at is not None) == (Role.ADMIN, True)
    with pytest.raises(InvalidInput) as caught:
        accounts.create(stores, replace(ADA, username="ada2"), Role.EDITOR, NOW)
    assert paths_of(caught) == {"email"}


def test_only_administrators_give_roles(stores, posted):
    activated(stores, posted)
    assert (
        accounts.set_role(stores, Actor("root", Role.ADMIN), "ada", Role.MODERATOR, NOW).role
        is Role.MODERATOR
    )
    with pytest.raises(Forbidden):
        accounts.set_role(stores, Actor("mod", Role.MODERATOR), "ada", Role.ADMIN, NOW)
    with pytest.raises(Unauthenticated):
        accounts.set_role(stores, ANONYMOUS, "ada", Role.ADMIN, NOW)


def test_nobody_blocks_who_stands_above_them(stores, posted):
    activated(stores, posted)
    until = NOW + timedelta(days=1)
    moderator = Actor("mod", Role.MODERATOR)
    assert accounts.block(stores, moderator, "ada", until, "vandalism", NOW).blocked_until == until
    assert accounts.block(stores, moderator, "ada", None, "", NOW).blocked_until is None
    accounts.set_role(stores, Actor("root", Role.ADMIN), "ada", Role.ADMIN, NOW)
    with pytest.raises(Forbidden):
        accounts.block(stores, moderator, "ada", until, "revenge", NOW)
