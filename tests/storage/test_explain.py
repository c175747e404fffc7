"""Every list of the site is served by an index, asked of the real database's planner with 10,000 entries.

The commands that a verb sends are recorded and then explained as they were sent, so that these tests
speak of the queries that run and not of copies of them.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient, monitoring
from pymongo.database import Database

from app.kinds import registry
from app.kinds.base import ParseContext
from app.kinds.reference import Reference
from app.storage import indexes
from app.storage.queries import AttributeFilter, ChangeQuery, ItemQuery
from app.storage.stores import Stores
from tests.factories import NOW, make_attribute, make_change, make_item

COUNT = 10_000
_IGNORED = ("lsid", "$clusterTime", "$db", "$readPreference", "txnNumber", "cursor")


class Recorder(monitoring.CommandListener):
    """Keeps the reading commands that were sent."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in ("find", "aggregate"):
            self.commands.append({k: v for k, v in event.command.items() if k not in _IGNORED})

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to do."""


class Site:
    """A database of 10,000 entries and what was asked of it."""

    def __init__(self, db: Database[dict[str, Any]], recorder: Recorder) -> None:
        self.db, self.recorder, self.stores = db, recorder, Stores.connect(db)

    def plans(self, ask: Callable[[Stores], object]) -> list[dict[str, Any]]:
        """The executed plan of each command that ``ask`` sends."""
        self.recorder.commands.clear()
        ask(self.stores)
        commands = list(self.recorder.commands)
        assert commands
        return [self._explain(command) for command in commands]

    def _explain(self, command: dict[str, Any]) -> dict[str, Any]:
        return self.db.command({"explain": command, "verbosity": "executionStats"})


@pytest.fixture(scope="module")
def site(mongo_uri: str) -> Iterator[Site]:
    recorder = Recorder()
    with MongoClient(mongo_uri, tz_aware=True, event_listeners=[recorder]) as client:
        db = client["explained"]
        indexes.ensure(db)
        fill(Stores.connect(db))
        yield Site(db, recorder)
        client.drop_database("explained")


def fill(stores: Stores) -> None:
    chosen = random.Random(1)
    batch = [entry(stores, number, chosen) for number in range(COUNT)]
    stored = [stores.items.insert_many(batch[start : start + 2000]) for start in range(0, COUNT, 2000)]
    for item in stored[0][:200]:
        stores.items.replace(item, replace(item, change=make_change(at=item.change.at, by="bob")))


def entry(stores: Stores, number: int, chosen: random.Random):
    words = ("north", "south", "golden", "river", "stone", "豆腐脑", "old", "mount")
    title = f"{chosen.choice(words)} {chosen.choice(words)} {number}"
    number_of = registry.get("number").parse
    attributes = (
        make_attribute("Mass", number_of(f"{chosen.randrange(10**6)} kg", ParseContext()), "number"),
        make_attribute("Motto", chosen.choice(words)),
        make_attribute("Tags", (chosen.choice(words),), "list"),
        make_attribute("Near", Reference(f"place-{chosen.randrange(500)}"), "reference"),
    )[: chosen.randrange(5)]
    return make_item(
        title,
        *attributes,
        id=stores.items.new_id(),
        category=f"c{number % 4}",
        aliases=(f"alias {number}",),
        change=make_change(at=NOW + timedelta(seconds=number // 3), by=f"user{number % 50}"),
    )


def stages(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for name, part in plan.items():
            if name != "rejectedPlans":
                yield from stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages(part)


def numbers(plan: Any, name: str) -> int:
    return plan["executionStats"][name]


HALF = registry.get("number").filter_range("500000 kg", ParseContext())[0]
MASS = AttributeFilter("mass", ranges=((HALF, ""),))
GOLDEN = AttributeFilter("motto", ranges=(registry.get("text").filter_range("golden", ParseContext()),))

# What is asked, and the most index keys it may look at (of 10,000 entries).
QUESTIONS: dict[str, tuple[Callable[[Stores], object], int]] = {
    "by title": (lambda s: s.items.page(ItemQuery()), 30),
    "by title in a category": (lambda s: s.items.page(ItemQuery(category="c1", sort="title")), 30),
    "by title, descending": (lambda s: s.items.page(ItemQuery(category="c1", sort="-title")), 30),
    "newest": (lambda s: s.items.page(ItemQuery(sort="-updated_at")), 30),
    "newest in a category": (lambda s: s.items.page(ItemQuery(category="c2", sort="-updated_at")), 30),
    "filtered and sorted": (lambda s: s.items.page(ItemQuery(filters=(MASS,), sort="-attr.mass")), 30),
    "filtered, by title": (lambda s: s.items.page(ItemQuery(filters=(MASS,))), 500),
    "equal to a text, by title": (lambda s: s.items.page(ItemQuery(filters=(GOLDEN,))), 1500),
    "by attribute": (lambda s: s.items.page(ItemQuery(sort="attr.mass")), 30),
    "by attribute, descending": (lambda s: s.items.page(ItemQuery(sort="-attr.mass")), 30),
    "by attribute in a category": (lambda s: s.items.page(ItemQuery(category="c1", sort="attr.mass")), 300),
    "one by slug": (lambda s: s.items.find_by_slug(some_slug(s)), 2),
    "many by slug": (lambda s: s.items.find_many([some_slug(s), "old-slug", "none"]), 12),
    "many by title": (lambda s: s.items.find_by_titles(["north north 1", "none"]), 6),
    "names": (lambda s: s.items.find_named(["alias 7", "alias 8", "none"]), 8),
    "suggestions": (lambda s: s.items.suggest("go"), 12),
    "suggestions inside": (lambda s: s.items.suggest("腐脑"), 300),
    "suggestions for a long text": (lambda s: s.items.suggest("golden mount 99999"), 250),
    "near misses": (lambda s: s.items.nearest("goldne rivre"), 2000),
    "a search": (lambda s: s.items.search("golden"), 100),
    "a search for several words": (lambda s: s.items.search("old 7777"), 3000),
    "recent changes": (lambda s: s.items.recent_changes(ChangeQuery()), 55),
    "changes in a category": (lambda s: s.items.recent_changes(ChangeQuery(category="c1")), 55),
    "contributions": (lambda s: s.items.recent_changes(ChangeQuery(user="bob")), 55),
    "changes of an attribute": (lambda s: s.items.recent_changes(ChangeQuery(key="mass")), 55),
    "changes of a sort": (lambda s: s.items.recent_changes(ChangeQuery(action="create")), 55),
    "referencing": (lambda s: s.items.referencing("place-7"), 60),
    "similar": (lambda s: s.items.similar(entry(s, 1, random.Random(2)), 6), 300),
    "popular comparisons": (lambda s: s.views.popular_comparisons(), 20),
}


def some_slug(stores: Stores) -> str:
    # The first that was filled in, made again.
    return entry(stores, 0, random.Random(1)).slug


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_scans_or_sorts_the_collection(site, question):
    ask, most_keys = QUESTIONS[question]
    for plan in site.plans(ask):
        found = set(stages(plan["queryPlanner"]["winningPlan"]))
        assert not found & {"COLLSCAN", "SORT"}, plan["queryPlanner"]["winningPlan"]
        assert numbers(plan, "totalKeysExamined") <= most_keys


PAGED: dict[str, Callable[[Stores, str], Any]] = {
    "by title": lambda s, c: s.items.page(ItemQuery(category="c1", cursor=c)),
    "newest": lambda s, c: s.items.page(ItemQuery(category="c1", sort="-updated_at", cursor=c)),
    "by attribute": lambda s, c: s.items.page(ItemQuery(sort="-attr.mass", cursor=c)),
    "a search": lambda s, c: s.items.search("golden", 20, c),
    "recent changes": lambda s, c: s.items.recent_changes(ChangeQuery(cursor=c)),
    "contributions": lambda s, c: s.items.recent_changes(ChangeQuery(user="user7", cursor=c, limit=20)),
}


@pytest.mark.parametrize("question", PAGED)
def test_later_pages_start_where_the_one_before_ended(site, question):
    cursor = ""
    for _ in range(5):
        cursor = PAGED[question](site.stores, cursor).next
    for plan in site.plans(lambda stores: PAGED[question](stores, cursor)):
        found = set(stages(plan["queryPlanner"]["winningPlan"]))
        assert not found & {"COLLSCAN", "SORT", "SKIP"}, plan["queryPlanner"]["winningPlan"]
        assert numbers(plan, "totalKeysExamined") <= 150


def test_of_fields_only_those_that_were_asked_for_are_read(site):
    site.plans(lambda stores: stores.items.page(ItemQuery(fields=frozenset({"title", "slug"}))))
    (command,) = site.recorder.commands
    read = {name for name, shown in command["projection"].items() if shown}
    assert {"title", "slug"} <= read
    assert not read & {"aliases", "summary", "attributes", "category"}


def test_a_search_longer_than_grams_sorts_only_what_its_range_of_names_holds(site):
    for plan in site.plans(lambda stores: stores.items.search("golden river")):
        assert "COLLSCAN" not in set(stages(plan["queryPlanner"]["winningPlan"]))
        assert numbers(plan, "totalDocsExamined") <= COUNT / 10


def test_a_history_is_read_by_its_index(site):
    item = site.stores.items.page(ItemQuery(sort="-updated_at", limit=1)).rows[0]
    for plan in site.plans(lambda stores: stores.items.revisions(item.id)):
        assert not set(stages(plan["queryPlanner"]["winningPlan"])) & {"COLLSCAN", "SORT"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.items.find_many([some_slug(s)]),
        lambda s: s.items.heads([some_slug(s)]),
        lambda s: s.items.find_named(["a", "b", "c"]),
        lambda s: s.items.find_by_titles(["a", "b"]),
        lambda s: s.items.page(ItemQuery()),
        lambda s: s.categories.find_many(["a", "b"]),
    ],
)
def test_sets_are_read_in_one_query(site, ask):
    assert len(site.plans(ask)) == 1


def test_slugs_that_are_no_longer_present_take_one_query_more(site):
    assert len(site.plans(lambda s: s.items.find_many([some_slug(s), *"abcdefgh"]))) == 2
