"""What may be relied on when items are written, on every database."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from unittest.mock import patch

import bson
import pytest
from pymongo.errors import AutoReconnect

from app.domain.errors import DatabaseUnavailable, EditConflict, InvalidInput, ItemNotFound, TitleTaken
from app.domain.items import Action, Item, State
from app.domain.names import slugify
from app.kinds.number import Quantity
from app.kinds.reference import Reference
from app.storage.documents import UNREADABLE
from app.storage.item_writes import head_document
from tests.factories import NOW, make_attribute, make_change, make_item, make_source


def later(item: Item, minutes=1, **changes) -> Item:
    """The next revision as a service would hand it over."""
    change = make_change(at=item.change.at + timedelta(minutes=minutes), action=Action.EDIT)
    return replace(item, **({"change": change} | changes))


def renamed(item: Item, title: str, **changes) -> Item:
    return later(item, title=title, slug=slugify(title), past_slugs=(*item.past_slugs, item.slug), **changes)


def test_an_item_reads_back_as_it_was_stored(stores, add):
    full = make_item(
        "Côte d'Ivoire",
        make_attribute("Motto", "a\nb <b>", note="n", group="State", sources=(make_source(),)),
        make_attribute("Island", value=False, kind="boolean"),
        make_attribute("Languages", ("French", "Baoulé"), "list", verified_on=NOW.date()),
        make_attribute("Neighbour", Reference("ghana"), "reference"),
        make_attribute("Anthem", None, state=State.NONE),
        aliases=("Ivory Coast",),
        summary="West Africa",
        past_slugs=("ivory-coast",),
        protection="moderator",
        protected_keys=(("motto", "moderator"),),
        id=stores.items.new_id(),
    )
    assert stores.items.insert(full) == full
    assert stores.items.get(full.id) == full
    assert stores.items.find_by_slug("côte-d-ivoire") == full


def test_times_are_cut_to_milliseconds_and_read_back_equal_in_utc(stores):
    zone = timezone(timedelta(hours=5))
    at = datetime(2026, 3, 14, 9, 26, 53, 589793, tzinfo=zone)
    stored = stores.items.insert(make_item("Now", change=make_change(at=at), created_at=at))
    assert stored.change.at == datetime(2026, 3, 14, 4, 26, 53, 589000, tzinfo=UTC)
    assert stores.items.get(stored.id) == stored
    assert stores.items.get(stored.id).change.at.utcoffset() == timedelta(0)


def test_a_title_is_taken_without_regard_to_case_width_and_spaces(stores, add):
    add("New York")
    with pytest.raises(TitleTaken) as refusal:
        add("ｎｅｗ   YORK")
    assert refusal.value.slug == "new-york"


def test_other_titles_of_one_slug_are_numbered(stores, add):
    slugs = [add(title).slug for title in ("A B", "A-B", "A_B")]
    assert slugs == ["a-b", "a-b-2", "a-b-3"]


def test_the_same_item_twice_is_a_conflict(stores):
    item = make_item("Twice")
    stores.items.insert(item)
    with pytest.raises(EditConflict):
        stores.items.insert(replace(item, title="Other", slug="other"))


def test_many_items_are_added_each_on_its_own(stores, add):
    add("Taken")
    batch = [make_item(title, id=stores.items.new_id()) for title in ("One", "taken", "Two", "one", "O-ne")]
    outcomes = stores.items.insert_many([*batch, make_item("O ne", id=stores.items.new_id())])
    assert [type(outcome) for outcome in outcomes] == [Item, TitleTaken, Item, TitleTaken, Item, Item]
    assert outcomes[5].slug == "o-ne-2"
    assert outcomes[1].slug == "taken"
    assert stores.items.get(batch[2].id) == outcomes[2]
    assert stores.items.insert_many([]) == []


def test_an_edit_makes_the_next_revision_and_keeps_the_one_before(stores, add):
    first = add("Austria", make_attribute("Motto", "old"))
    second = stores.items.replace(first, later(first, attributes=(make_attribute("Motto", "new"),)))
    assert second.revision == 2
    assert stores.items.get(first.id) == second
    assert [line.number for line in stores.items.revisions(first.id)] == [2, 1]
    assert stores.items.revision(first.id, 1).item == first
    assert stores.items.revision(first.id, 2).item == second


def test_an_edit_of_a_stale_base_is_refused_with_the_item_as_it_is(stores, add):
    first = add("Austria")
    second = stores.items.replace(first, later(first, summary="mine"))
    with pytest.raises(EditConflict) as conflict:
        stores.items.replace(first, later(first, summary="yours"))
    assert conflict.value.current == second
    assert [line.number for line in stores.items.revisions(first.id)] == [2, 1]


def test_each_revision_has_an_identity_and_names_its_parent(stores, add):
    first = add("Austria")
    second = stores.items.replace(first, later(first, summary="new"))
    third = stores.items.replace(second, later(second, summary="newer"))
    kept = [stores.items.revision(first.id, number).item for number in (1, 2, 3)]
    assert len({item.revision_id for item in kept}) == 3
    assert [item.parent_id for item in kept] == ["", first.revision_id, second.revision_id]
    assert stores.items.get(first.id).revision_id == third.revision_id


def test_another_revision_of_the_same_number_is_a_conflict(stores, add):
    """As after a fail-over that rolled back what was loaded."""
    first = add("Austria")
    second = stores.items.replace(first, later(first, summary="acknowledged"))
    rolled_back = replace(second, summary="draft", revision_id="6" * 24)
    with pytest.raises(EditConflict) as conflict:
        stores.items.replace(rolled_back, later(rolled_back, summary="upon a draft"))
    assert conflict.value.current == second
    third = stores.items.replace(second, later(second, summary="next"))
    # What the refused writer archived gave way to what was there.
    assert stores.items.revision(first.id, 2).item == second
    assert stores.items.get(first.id) == third


def test_a_head_that_an_older_release_added_is_archived_and_followed(stores, add, any_database):
    first = add("Austria")
    any_database["items"].update_one({}, {"$unset": {"revision_id": ""}})
    head = stores.items.get(first.id)
    second = stores.items.replace(head, later(head, summary="new"))
    kept = stores.items.revision(first.id, 1).item
    assert (kept, kept.revision_id, second.parent_id) == (first, "", "")
    third = stores.items.replace(second, later(second, summary="newer"))
    assert third.parent_id == second.revision_id


def test_a_revision_is_not_dated_before_its_parent(stores, add):
    first = add("Austria")
    second = stores.items.replace(first, later(first, minutes=-5, summary="by a clock that is slow"))
    assert second.change.at == first.change.at
    assert stores.items.get(first.id) == second


def test_a_rename_to_a_taken_title_changes_nothing(stores, add):
    add("Taken")
    item = add("Mine", make_attribute("Motto", "same"))
    with pytest.raises(TitleTaken):
        stores.items.replace(item, renamed(item, "TAKEN"))
    assert stores.items.get(item.id) == item
    assert stores.items.replace(item, later(item, summary="goes on")).revision == 2


def test_a_renamed_item_is_found_by_its_past_slug_until_another_takes_it(stores, add):
    item = add("Swaziland")
    new = stores.items.replace(item, renamed(item, "Eswatini"))
    assert stores.items.find_by_slug("swaziland") == new
    assert stores.items.find_many(["swaziland", "eswatini"]) == {"swaziland": new, "eswatini": new}
    other = add("Swaziland")
    assert stores.items.find_by_slug("swaziland") == other
    assert stores.items.find_many(["swaziland"]) == {"swaziland": other}
    assert stores.items.heads(["swaziland"])["swaziland"].id == other.id


def test_a_rename_to_a_taken_slug_is_numbered(stores, add):
    add("A B")
    item = add("Other")
    assert stores.items.replace(item, renamed(item, "A-B")).slug == "a-b-2"


def test_a_tombstone_gives_title_and_slug_free_and_can_come_back(stores, add):
    item = add("Austria", make_attribute("Motto", "x"))
    gone = stores.items.replace(item, later(item, deleted=True))
    assert stores.items.get(item.id) == gone
    assert stores.items.find_by_slug("austria") == gone
    assert stores.items.find_many(["austria"]) == {}
    assert stores.items.suggest("aus") == []
    assert stores.items.find_named(["austria"]) == {"austria": []}
    again = add("Austria")
    assert again.slug == "austria"
    assert stores.items.find_by_slug("austria") == again
    with pytest.raises(TitleTaken):
        stores.items.replace(gone, later(gone, deleted=False))
    stores.items.replace(again, later(again, deleted=True))
    back = stores.items.replace(gone, later(gone, deleted=False))
    assert stores.items.find_by_slug("austria") == back
    assert [found.slug for found in stores.items.suggest("aus")] == ["austria"]


def test_two_tombstones_may_have_had_one_title(stores, add):
    for _ in range(3):
        item = add("Spam")
        stores.items.replace(item, later(item, deleted=True))
    assert stores.items.find_by_slug("spam").deleted


def test_fields_that_a_revision_lacks_do_not_linger_in_the_head(stores, add, any_database):
    item = add("A", make_attribute("Motto", "x"), make_attribute("Near", Reference("b"), "reference"))
    stores.items.replace(item, later(item, deleted=True))
    head = any_database["items"].find_one()
    assert not {"slug", "title_key", "updated", "names", "grams", "words", "x", "m", "refs"} & head.keys()
    assert head["score"] > 0


FULL = make_item(
    "Tofu (dish)",
    make_attribute("Mass", Quantity(Decimal("5"), "kg"), "number"),
    make_attribute("Names", ("Doufu", "Bean curd"), "list"),
    make_attribute("Near", Reference("b"), "reference"),
    aliases=("Bean curd",),
    summary="White and soft.",
)


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": "Soft."},
        {"summary": "", "aliases": ()},
        {"aliases": ("Bean curd", "豆腐")},
        {"title": "Doufu", "slug": "doufu", "past_slugs": ("tofu-dish",)},
        {"category": "dishes"},
        {"protection": "moderator", "protected_keys": (("mass", "admin"),)},
        {"attributes": ()},
        {"attributes": FULL.attributes[::-1]},
        {"attributes": FULL.attributes[:2]},
        {
            "attributes": (
                replace(FULL.attributes[0], value=Quantity(Decimal("5.0"), "kg")),
                *FULL.attributes[1:],
            )
        },
        {"attributes": (*FULL.attributes, make_attribute("Taste", "mild")), "summary": "Mild."},
        {"deleted": True},
    ],
    ids=str,
)
def test_an_edit_leaves_the_head_as_if_it_were_written_whole(stores, any_database, changes):
    first = stores.items.insert(replace(FULL, id=stores.items.new_id()))
    head = stores.items.get(first.id)
    kept = {"attributes": head.attributes} if "attributes" not in changes else {}
    new = stores.items.replace(head, later(head, **kept, **changes))
    written = any_database["items"].find_one()
    whole = head_document(new)
    del written["score"]
    assert bson.encode(dict(sorted(written.items()))) == bson.encode(dict(sorted(whole.items())))
    back = stores.items.replace(new, replace(head, change=new.change))
    written = any_database["items"].find_one()
    del written["score"]
    assert bson.encode(dict(sorted(written.items()))) == bson.encode(
        dict(sorted(head_document(back).items()))
    )


def test_revisions_carry_no_search_fields(stores, add, any_database):
    item = add("A", make_attribute("Motto", "x"))
    stores.items.replace(item, later(item))
    kept = any_database["revisions"].find_one()
    assert not {"title_key", "updated", "names", "grams", "words", "x", "m", "refs", "score"} & kept.keys()


@pytest.mark.parametrize("point", ["before archive", "after archive", "before swap", "after swap"])
def test_a_crash_at_any_point_of_an_edit_reads_well_and_edits_on(stores, add, point):
    first = add("Austria", make_attribute("Motto", "old"))
    new = later(first, summary="new")
    collection = stores.items._revisions if "archive" in point else stores.items._items
    with crashing(collection, point), pytest.raises(DatabaseUnavailable):
        stores.items.replace(first, new)
    head = stores.items.get(first.id)
    assert head.revision == (2 if point == "after swap" else 1)
    assert [line.number for line in stores.items.revisions(first.id)] == list(range(head.revision, 0, -1))
    following = stores.items.replace(head, later(head, 2, summary="next"))
    assert [line.number for line in stores.items.revisions(first.id)] == list(
        range(following.revision, 0, -1)
    )
    assert stores.items.revision(first.id, 1).item == first


def crashing(collection, point):
    """Let the write of the collection fail, before or after it took place."""
    write = collection.update_one

    def fail(*args, **kwargs):
        if point.startswith("after"):
            write(*args, **kwargs)
        raise AutoReconnect("connection lost")

    return patch.object(collection, "update_one", side_effect=fail)


def test_values_of_unknown_kinds_and_damaged_ones_survive_an_edit(stores, add, any_database):
    item = add("A", make_attribute("Motto", "x"), make_attribute("Flag", value=True, kind="boolean"))
    odd = {"key": "odd", "name": "Odd", "kind": "hologram", "state": "value", "value": {"deep": [1, 2]}}
    damaged = {"key": "flag", "name": "Flag", "kind": "boolean", "state": "value", "value": {"no": 1}}
    any_database["items"].update_one({}, {"$set": {"attributes.1": damaged}})
    any_database["items"].update_one({}, {"$push": {"attributes": odd}})
    loaded = stores.items.get(item.id)
    assert [found.kind for found in loaded.attributes] == ["text", UNREADABLE + "boolean", "hologram"]
    stores.items.replace(loaded, later(loaded, summary="edited"))
    assert any_database["items"].find_one()["attributes"][1:] == [damaged, odd]
    assert any_database["revisions"].find_one()["attributes"][1:] == [damaged, odd]


def test_the_score_grows_with_facts_and_views_and_views_make_no_revision(stores, add, any_database):
    item = add("A")
    for _ in range(7):
        stores.views.count_view(["a"])
    stores.views.flush()
    viewed = any_database["items"].find_one()["score"]
    assert viewed > 0
    assert stores.items.get(item.id) == item
    facts = tuple(make_attribute(f"Fact {n}") for n in range(7))
    new = stores.items.replace(item, later(item, attributes=facts))
    assert any_database["items"].find_one()["score"] > viewed
    stores.items.replace(new, later(new, 2, attributes=()))
    assert any_database["items"].find_one()["score"] == viewed


def test_text_that_is_no_unicode_is_refused_not_stored(stores):
    with pytest.raises(InvalidInput):
        stores.items.insert(make_item("A", summary="\ud800"))


@pytest.mark.parametrize("item_id", ["", "x", "0" * 23, "0" * 24, "$where", "\x00" * 24])
def test_an_id_that_is_none_is_not_found(stores, item_id):
    assert stores.items.find(item_id) is None
    with pytest.raises(ItemNotFound):
        stores.items.get(item_id)


def test_threads_of_one_head_never_lose_an_acknowledged_change(live_stores):
    """50 writers, each retrying until its change is in: numbers without gap, every change kept."""
    item = live_stores.items.insert(make_item("Contended"))

    def write(number: int) -> None:
        while True:
            head = live_stores.items.get(item.id)
            changed = head.with_attribute(make_attribute(f"Fact {number}", str(number)))
            changed = replace(changed, change=make_change(by=f"user{number}", action=Action.EDIT))
            try:
                live_stores.items.replace(head, changed)
            except EditConflict:
                continue
            return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    final = live_stores.items.get(item.id)
    lines = live_stores.items.revisions(item.id, limit=100)
    assert [line.number for line in lines] == list(range(51, 0, -1))
    assert {line.change.by for line in lines} == {"ada", *(f"user{number}" for number in range(50))}
    assert len(final.attributes) == 50


def test_of_threads_that_insert_one_title_exactly_one_wins(live_stores):
    outcomes: list[object] = []

    def insert() -> None:
        try:
            outcomes.append(live_stores.items.insert(make_item("Race", id=live_stores.items.new_id())))
        except TitleTaken as taken:
            outcomes.append(taken)

    threads = [threading.Thread(target=insert) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Item) for outcome in outcomes) == 1
    assert len(outcomes) == 20
