"""Following the changes in the order of the database, on a real one: mongomock has no such order."""

import subprocess
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import NoChangeStreams, PlaceLost
from app.embedded.binaries import find_mongod
from app.storage import change_feed, clients
from app.storage.stores import Stores
from tests.factories import NOW, make_change
from tests.servers import ended, free_port
from tests.storage.conftest import Making


@pytest.fixture
def add(live_stores) -> Making:
    return Making(live_stores)


@pytest.fixture
def open_feed(live_stores, monkeypatch):
    """What opens followings, which end with the test; each looks for changes often."""
    monkeypatch.setattr(change_feed, "_WAIT_SECONDS", 0.1)
    with ExitStack() as stack:
        yield lambda *after: stack.enter_context(live_stores.feed.following(*after))


def told(following, number):
    """The next revisions, as pairs of title and number, with the place after each."""
    found = []
    while len(found) < number:
        step = following.step()
        if step.revision is not None:
            found.append((step.place, (step.revision.title, step.revision.number)))
    return found


def test_each_revision_is_told_once_in_the_order_in_which_it_was_written(live_stores, add, open_feed):
    following = open_feed()
    tofu, natto = add("Tofu"), add("Natto")
    # Dated long before and long after the others: dates decide nothing.
    old = replace(tofu, summary="old", change=make_change(at=NOW - timedelta(days=400)))
    tofu = live_stores.items.replace(tofu, old)
    new = replace(natto, summary="new", change=make_change(at=NOW + timedelta(days=400)))
    live_stores.items.replace(natto, new)
    live_stores.items.replace(tofu, replace(tofu, summary="newer"))
    expected = [("Tofu", 1), ("Natto", 1), ("Tofu", 2), ("Natto", 2), ("Tofu", 3)]
    assert [what for _, what in told(following, 5)] == expected
    assert following.step().revision is None


def test_it_goes_on_after_any_place(live_stores, add, open_feed):
    start = open_feed().place
    for number in range(4):
        add(f"Item {number}")
    everything = told(open_feed(start), 4)
    for index, (place, _) in enumerate(everything):
        rest = [what for _, what in everything[index + 1 :]]
        assert [what for _, what in told(open_feed(place), len(rest))] == rest


def test_what_is_no_revision_is_not_told(live_stores, live_database, add, open_feed):
    tofu = add("Tofu")
    following = open_feed()
    live_database["items"].update_one({}, {"$inc": {"score": 3}})
    live_stores.items.replace(tofu, replace(tofu, deleted=True))
    assert [what for _, what in told(following, 1)] == [("Tofu", 2)]


@pytest.mark.parametrize(
    "place", ["12ab", "82" + "f" * 60, "0-000000000000000000000000-0", "x", "é", "a" * 9999]
)
def test_a_place_that_the_database_does_not_know_is_lost(open_feed, place):
    with pytest.raises(PlaceLost):
        open_feed(place)


def test_a_database_that_is_no_replica_set_is_refused_by_name(tmp_path):
    port = free_port()
    command = [find_mongod(), "--dbpath", tmp_path, "--port", str(port), "--bind_ip", "127.0.0.1"]
    with (
        ended(subprocess.Popen([*command, "--nounixsocket"], stdout=subprocess.DEVNULL)),
        clients.connected(f"mongodb://127.0.0.1:{port}") as db,
    ):
        stores = Stores.connect(db)
        with pytest.raises(NoChangeStreams), stores.feed.following():
            pass
