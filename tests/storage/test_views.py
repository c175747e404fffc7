"""Counts of what is looked at: gathered, then written together."""

import pytest
from pymongo import MongoClient, monitoring

from app.storage import indexes
from app.storage.stores import Stores
from tests.factories import make_item


class Names(monitoring.CommandListener):
    """Keeps the names of the commands that were sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.sent.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to do."""


def test_popular_comparisons_of_any_size_are_counted_in_any_order(stores):
    three, eight = ["a", "c", "b"], list("hgfedcba")
    for slugs in (["a", "b"], three, ["b", "a"], three, eight, three[::-1], ["a"], ["a"], ["a"], ["a"]):
        stores.views.count_view(slugs)
    stores.views.flush()
    found = [("a", "b", "c"), ("a", "b"), tuple("abcdefgh")]
    assert stores.views.popular_comparisons() == found
    assert stores.views.popular_comparisons(1) == found[:1]


def test_views_are_written_in_batches(stores, any_database):
    for number in range(199):
        stores.views.count_view(["a", str(number % 2)])
    assert any_database["views"].count_documents({}) == 0
    stores.views.count_view(["a"])
    written = {row["_id"]: row["count"] for row in any_database["views"].find()}
    assert written == {"0/a": 100, "1/a": 99, "a": 1}


def test_many_views_are_written_in_a_few_commands(mongo_uri, database):
    names = Names()
    with MongoClient(mongo_uri, tz_aware=True, event_listeners=[names]) as client:
        stores = Stores.connect(client[database.name])
        indexes.ensure(client[database.name])
        for number in range(60):
            stores.items.insert(make_item(f"E{number}", id=stores.items.new_id()))
            stores.views.count_view([f"e{number}"])
            stores.views.count_view([f"e{number}", "other"])
        names.sent.clear()
        stores.views.flush()
        assert names.sent == ["update", "find", "update"]
        names.sent.clear()
        stores.views.flush()
        assert names.sent == []
    assert database["views"].count_documents({"count": 1}) == 120
    assert len(database["items"].distinct("score")) == 1


@pytest.mark.parametrize("steps", [[1] * 12, [3, 9], [12]])
def test_a_score_depends_on_how_often_an_entry_was_seen_and_not_on_the_batches(
    stores, add, any_database, steps
):
    add("A")
    for views in steps:
        for _ in range(views):
            stores.views.count_view(["a"])
        stores.views.flush()
    add("B")
    for _ in range(12):
        stores.views.count_view(["b"])
    stores.views.flush()
    assert len(any_database["items"].distinct("score")) == 1
