"""When it has to be made sure that what is read is not old."""

import pytest
from pymongo import MongoClient

from app.storage.freshness import AlwaysFresh, freshness_of


@pytest.mark.parametrize("options", ["?replicaSet=rs", ""])
def test_of_a_database_of_which_nothing_is_known_yet_it_is_needed(options):
    with MongoClient(f"mongodb://127.0.0.1:9,127.0.0.1:10/{options}", connect=False) as client:
        assert freshness_of(client["pkyx"]).is_needed()


def test_one_member_that_holds_all_cannot_be_deposed(live_database):
    live_database.command("ping")
    assert not freshness_of(live_database).is_needed()


def test_what_is_in_this_process_is_always_fresh(mock_database):
    assert isinstance(freshness_of(mock_database), AlwaysFresh)


def test_what_was_written_is_read_in_a_confirmed_session(live_stores, live_database, monkeypatch):
    found = freshness_of(live_database)
    monkeypatch.setattr(found, "is_needed", lambda: True)
    with found.reading():
        live_stores.settings.put("name", "value")
        assert live_stores.settings.find("name") == "value"
