from datetime import UTC, datetime, timedelta

import pytest

from app.services.tokens import LIFETIME, Tokens
from app.storage.stores import Stores
from tests.people import make_user

TOKENS = Tokens("a key for tests")


@pytest.fixture
def stores(mock_database):
    return Stores.connect(mock_database)


@pytest.fixture
def ada(stores):
    return stores.users.insert(make_user("Ada"))


def test_a_token_names_its_user_for_as_long_as_it_is_good(stores, ada):
    token, now = TOKENS.make(ada), datetime.now(UTC)
    for later in (timedelta(), LIFETIME - timedelta(minutes=1)):
        assert TOKENS.find_user(stores, token, now + later).id == ada.id
    assert TOKENS.find_user(stores, token, now + LIFETIME + timedelta(minutes=1)) is None


def test_a_token_of_an_earlier_epoch_is_worth_nothing(stores, ada):
    token, now = TOKENS.make(ada), datetime.now(UTC)
    stores.users.raise_token_epoch(ada.id)
    assert TOKENS.find_user(stores, token, now) is None
    assert TOKENS.find_user(stores, TOKENS.make(stores.users.get(ada.id)), now).id == ada.id


def test_a_token_signed_with_another_key_is_worth_nothing(stores, ada):
    assert TOKENS.find_user(stores, Tokens("another key").make(ada), datetime.now(UTC)) is None
