"""A primary that nobody follows takes a draft, loses its office, and comes back: the draft is rolled back.

What was acknowledged must stay in the history and the draft must never appear in it, whatever a writer was
about when it happened: loading, archiving or swapping.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pymongo
import pytest
from bson import ObjectId
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.domain.errors import DatabaseUnavailable, EditConflict
from app.domain.items import Item
from app.embedded.binaries import find_mongod
from app.embedded.errors import NoMongod
from app.storage import clients, indexes
from app.storage.documents import revision_document
from app.storage.items import ItemStore
from app.storage.queries import ChangeQuery
from app.storage.stores import Stores
from tests.conftest import unavailable
from tests.factories import make_attribute, make_change, make_item
from tests.faults import networks
from tests.faults.replica_sets import HERE, ON_DEMAND, Member, ReplicaSet, answers, state, three_members
from tests.servers import eventually

_TITLES = count()


@pytest.fixture(scope="module")
def network() -> Iterator[networks.Network | None]:
    with networks.network() as found:
        yield found


@pytest.fixture(scope="module")
def members(network, tmp_path_factory) -> Iterator[ReplicaSet]:
    try:
        find_mongod()
    except NoMongod:
        unavailable("there is no mongod")
    places = [network.place() if network else HERE for _ in range(3)]
    with three_members(tmp_path_factory.mktemp("replica-set"), places, ON_DEMAND) as found:
        yield found


@pytest.fixture(scope="module")
def db(members):
    with clients.connected(members.uri) as found:
        indexes.ensure(found)
        yield found


@pytest.fixture
def stores(db) -> Stores:
    return Stores.connect(db)


@pytest.fixture
def hasty(db) -> ItemStore:
    """Reads what no majority has, and writes so, as old releases did."""
    return ItemStore(
        db.with_options(
            codec_options=CodecOptions(tz_aware=True),
            write_concern=WriteConcern(1, j=True),
            read_concern=ReadConcern("local"),
        )
    )


@pytest.fixture
def item(members, stores):
    """An entry whose revision 1 every member has."""
    title = f"Entry {next(_TITLES)}"
    found = stores.items.insert(make_item(title, make_attribute("Taste", "none"), id=stores.items.new_id()))
    for member in members.members:
        eventually(lambda member=member: has(member, found))
    return found


def has(member, item):
    with MongoClient(member.address, directConnection=True) as client:
        items = client["pkyx"].get_collection("items", read_concern=ReadConcern("majority"))
        return items.find_one({"_id": ObjectId(item.id)}) is not None


def abandon(members: ReplicaSet) -> Member:
    """Kill all but the primary, and return that: what it takes from now on no majority has."""
    primary = members.primary()
    for other in members.others(primary):
        other.send(signal.SIGKILL)
    return primary


def depose(members: ReplicaSet, primary: Member) -> None:
    """Kill the primary and make another one of those that know nothing of what it took alone."""
    primary.send(signal.SIGKILL)
    others = members.others(primary)
    for other in others:
        other.start()
    eventually(lambda: all(map(answers, others)))
    members.elect(others[0])


def come_back(member: Member) -> None:
    """Bring the deposed primary back, and see it roll back what it took alone."""
    before = member.rolled_back()
    member.start()
    eventually(lambda: state(member) == "SECONDARY" and member.rolled_back() > before)


def tasting(item, taste):
    return replace(item, attributes=(make_attribute("Taste", taste),), change=make_change(comment=taste))


def taste_of(item):
    return item.find_attribute("taste").value


def history(stores, item):
    """Return what each revision says, the first first; fail where one is missing."""
    head = stores.items.get(item.id)
    numbers = range(1, head.revision + 1)
    assert [line.number for line in stores.items.revisions(item.id)] == list(reversed(numbers))
    return [taste_of(stores.items.revision(item.id, number).item) for number in numbers]


@contextmanager
def just_before(store, step, action) -> Iterator[None]:
    """Do something once just before the store takes a step."""
    todo = [action]

    def and_step(*arguments):
        while todo:
            todo.pop()()
        return step_itself(*arguments)

    step_itself = getattr(store, step)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, step, and_step)
        yield


def lose_a_draft(members: ReplicaSet, hasty: ItemStore, item: Item) -> tuple[Member, Item]:
    """Let a draft of the next revision be loaded and its primary be lost; return that and the draft."""
    primary = abandon(members)
    hasty.replace(item, tasting(item, "draft"))
    draft = hasty.get(item.id)
    assert taste_of(draft) == "draft"
    depose(members, primary)
    return primary, draft


def test_a_draft_is_neither_read_nor_built_upon(members, stores, hasty, item):
    primary = abandon(members)
    hasty.replace(item, tasting(item, "draft"))
    assert taste_of(hasty.get(item.id)) == "draft"

    loaded = stores.items.get(item.id)
    listed = [line.change.comment for line in stores.items.revisions(item.id)]
    changed = stores.items.recent_changes(ChangeQuery(item_id=item.id)).rows
    depose(members, primary)
    stores.items.replace(stores.items.get(item.id), tasting(item, "acknowledged"))
    come_back(primary)

    with pytest.raises(EditConflict):
        stores.items.replace(loaded, tasting(loaded, "upon what was loaded"))
    assert history(stores, item) == ["none", "acknowledged"]
    assert (taste_of(loaded), listed, [line.number for line in changed]) == ("none", [""], [1])


def test_what_is_overwritten_is_archived_though_a_draft_has_its_number_there(
    members, db, stores, hasty, item
):
    primary, draft = lose_a_draft(members, hasty, item)
    stores.items.replace(item, tasting(item, "acknowledged"))
    # As a writer of an old release left it, who had loaded the draft and then died.
    db["revisions"].insert_one(revision_document(draft))
    come_back(primary)

    head = stores.items.get(item.id)
    stores.items.replace(head, tasting(head, "next"))
    assert history(stores, item) == ["none", "acknowledged", "next"]


def test_who_loaded_a_draft_cannot_overwrite_what_has_its_number_now(members, stores, hasty, item):
    primary, draft = lose_a_draft(members, hasty, item)

    def meanwhile():
        stores.items.replace(item, tasting(item, "acknowledged"))
        come_back(primary)

    with just_before(stores.items, "_swap", meanwhile), pytest.raises(EditConflict) as refusal:
        stores.items.replace(draft, tasting(draft, "upon the draft"))
    assert taste_of(refusal.value.current) == "acknowledged"
    head = stores.items.get(item.id)
    stores.items.replace(head, tasting(head, "next"))
    assert history(stores, item) == ["none", "acknowledged", "next"]


def test_a_swap_that_no_majority_took_is_an_error_and_not_in_the_history(members, stores, item):
    fallen = []
    with (
        just_before(stores.items, "_swap", lambda: fallen.append(abandon(members))),
        pymongo.timeout(3),
        pytest.raises(DatabaseUnavailable),
    ):
        stores.items.replace(item, tasting(item, "draft"))
    depose(members, *fallen)
    assert history(stores, item) == ["none"]
    again = stores.items.replace(item, tasting(item, "acknowledged"))
    come_back(*fallen)

    assert again.revision == item.revision + 1
    assert history(stores, item) == ["none", "acknowledged"]
    stores.items.replace(again, tasting(again, "next"))
    assert history(stores, item) == ["none", "acknowledged", "next"]


def test_a_swap_that_loses_its_primary_succeeds_once_on_the_next(members, stores, item):
    fallen = []

    def lose():
        fallen.append(abandon(members))
        # As it is when the answer is on its way: the swap is sent again, to the primary that follows.
        depose(members, *fallen)

    with just_before(stores.items, "_swap", lose):
        stores.items.replace(item, tasting(item, "acknowledged"))
    fallen[0].start()
    eventually(lambda: state(fallen[0]) == "SECONDARY")
    assert history(stores, item) == ["none", "acknowledged"]


def test_a_primary_that_was_cut_off_unknowingly_shows_nothing_old(network, members, stores, item):
    if network is None:
        # Not for want of a package: a container may refuse them to root too.
        pytest.skip("this machine gives no network namespaces")
    old = members.primary()
    others = members.others(old)
    for other in others:
        networks.cut(old.place, other.place)
    # Else it would wait long for what its source of changes, the old primary, says next.
    others[1].send(signal.SIGKILL)
    others[1].start()
    try:
        members.elect(others[0])
        with clients.connected(members.uri_of(others)) as db:
            Stores.connect(db).items.replace(item, tasting(item, "acknowledged"))
        with MongoClient(old.address, directConnection=True) as client:
            behind = Stores.connect(client["pkyx"])
            # It takes itself for the primary, so this is what a host beside it is shown.
            assert taste_of(behind.items.get(item.id)) == "none"
            with pymongo.timeout(3), pytest.raises(DatabaseUnavailable), behind.freshness.reading():
                behind.items.get(item.id)
    finally:
        networks.heal(*(member.place for member in members.members))
    with stores.freshness.reading():
        assert history(stores, item) == ["none", "acknowledged"]
