"""Recent changes: filters, pages, and the feed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from app.domain.users import Actor, Role
from app.services import items
from app.services.items import ItemDraft, Note
from app.storage.stores import Stores
from tests.factories import make_attribute, make_category
from tests.people import make_user

ATOM = "{http://www.w3.org/2005/Atom}"
ADA, MO = Actor("Ada", Role.EDITOR), Actor("Mo", Role.MODERATOR)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def stores(mock_database):
    found = Stores.connect(mock_database)
    found.categories.insert(make_category("Dishes"))
    found.users.insert(make_user("Ada"))
    tofu = items.create(found, ADA, ItemDraft("Tofu & <Co>", "dishes"), note(0, "first"))
    change = make_attribute("Taste", "mild")
    items.edit(found, MO, tofu.id, lambda item: item.with_attribute(change), note(1))
    natto = items.create(found, MO, ItemDraft("Natto"), note(2))
    items.edit(found, ADA, natto.id, lambda item: replace(item, summary="Beans."), note(3))
    items.delete(found, MO, natto.id, note(4, "spam"))
    return found


def note(minutes: int, comment: str = "") -> Note:
    return Note(NOW + timedelta(minutes=minutes), comment)


def listed(client, query: str) -> list[str]:
    feed = ElementTree.fromstring(client.get(f"/changes.atom{query}").data)
    return [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?category=dishes", ["Tofu & <Co>: edited", "Tofu & <Co>: created"]),
        ("?user=ada", ["Natto: edited", "Tofu & <Co>: created"]),
        ("?key=Taste", ["Tofu & <Co>: edited"]),
        ("?key=@summary", ["Natto: edited"]),
        ("?action=delete", ["Natto: deleted"]),
        ("?action=create&user=Mo", ["Natto: created"]),
        ("?action=nonsense", []),
        ("?item=nonsense", []),
    ],
)
def test_changes_are_filtered_on_the_page_and_in_the_feed(client, stores, query, titles):
    assert listed(client, query) == titles
    page = client.get(f"/changes{query}").text
    assert page.count('class="change-what"') == len(titles)
    assert "/changes.atom?" in page


def test_the_changes_of_one_entry_are_a_feed_too(client, stores):
    tofu = stores.items.find_by_slug("tofu-and-co")
    assert len(listed(client, f"?item={tofu.id}")) == 2


def test_pages_of_one_entry_follow_each_other(client, stores):
    tofu = stores.items.find_by_slug("tofu-and-co")
    for number in range(60):
        items.edit(
            stores, ADA, tofu.id, lambda item, n=number: replace(item, summary=str(n)), note(10 + number)
        )
    feed = ElementTree.fromstring(client.get(f"/changes.atom?item={tofu.id}").data)
    following = feed.find(f"{ATOM}link[@rel='next']").get("href")
    assert len(feed.findall(f"{ATOM}entry")) == 50
    assert len(listed(client, "?" + following.partition("?")[2])) == 12


def test_the_page_names_people_and_leads_to_what_changed(client, stores):
    page = client.get("/changes").text
    tofu = stores.items.find_by_slug("tofu-and-co")
    assert 'href="/users/Ada"' in page
    assert f"/item/{tofu.id}/diff/1/2" in page and f"/item/{tofu.id}/history" in page
    assert "Taste" in page or "taste" in page


def test_what_was_asked_stays_in_the_form(client, stores):
    page = client.get("/changes?category=dishes&user=Ada&key=Taste&action=edit").text
    assert '<option value="dishes" selected>' in page and '<option value="edit" selected>' in page
    assert 'value="Ada"' in page and 'value="Taste"' in page
    assert "No change fits" in page


def test_a_cursor_that_is_none_gives_the_newest(client, stores):
    assert "Natto" in client.get("/changes?cursor=nonsense").text


def test_the_feed_is_valid_atom(client, stores):
    answer = client.get("/changes.atom?category=dishes")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.data)
    assert feed.findtext(f"{ATOM}id") == "tag:127.0.0.1,2026:changes?category=dishes"
    assert feed.find(f"{ATOM}link[@rel='self']").get("href").endswith("/changes.atom?category=dishes")
    assert feed.findtext(f"{ATOM}updated") == "2026-05-01T12:01:00+00:00"
    ids = set()
    for entry in feed.findall(f"{ATOM}entry"):
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
        assert entry.find(f"{ATOM}link[@rel='alternate']").get("href").startswith("http")
        datetime.fromisoformat(entry.findtext(f"{ATOM}updated"))
        ids.add(entry.findtext(f"{ATOM}id"))
    tofu = stores.items.find_by_slug("tofu-and-co")
    assert ids == {f"tag:127.0.0.1,2026:item/{tofu.id}/{number}" for number in (1, 2)}


def test_an_empty_feed_is_valid_too(client, stores):
    feed = ElementTree.fromstring(client.get("/changes.atom?user=nobody").data)
    assert feed.findtext(f"{ATOM}updated") and not feed.findall(f"{ATOM}entry")
