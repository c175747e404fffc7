"""What the page of a comparison asks of the database: how often is fixed, and an index answers each time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from pymongo import MongoClient, monitoring
from pymongo.database import Database

from app.kinds.number import Quantity
from app.kinds.reference import Reference
from app.storage import categories, indexes
from app.storage.stores import Stores
from tests.factories import make_attribute, make_category, make_item, make_property

COUNT = 10_000
BATCH = 2_000
MANY = 60
_NOT_ASKED = ("lsid", "$clusterTime", "$db", "$readPreference")


@dataclass
class Listener(monitoring.CommandListener):
    """Keeps every command that was sent."""

    commands: list[dict[str, Any]] = field(default_factory=list)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        # The read-only switch: a process looks at it once a second, not once a request.
        if event.command.get("find") == "maintenance":
            return
        self.commands.append({k: v for k, v in event.command.items() if k not in _NOT_ASKED})

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to do."""


@dataclass
class Site:
    """A database of 10,000 entries, and what was asked of it."""

    db: Database[dict[str, Any]]
    listener: Listener
    make_app: Callable[..., Flask]

    def asked_for(self, *slugs: str, times: int = 1) -> list[dict[str, Any]]:
        """The commands for the last of some visits to a comparison, by an application that knows nothing."""
        client = self.make_app(DATABASE=self.db).test_client()
        for _ in range(times):
            self.listener.commands.clear()
            assert client.get("/compare/" + "/".join(slugs)).status_code == 200
        return list(self.listener.commands)


@pytest.fixture(scope="module")
def filled(mongo_uri: str) -> Iterator[tuple[Database[dict[str, Any]], Listener]]:
    listener = Listener()
    with MongoClient(mongo_uri, tz_aware=True, event_listeners=[listener]) as client:
        db = client["comparison_queries"]
        fill(Stores.connect(db))
        # Afterwards: to build them once is quicker than to keep them through all that.
        indexes.ensure(db)
        yield db, listener
        client.drop_database("comparison_queries")


@pytest.fixture
def site(
    filled: tuple[Database[dict[str, Any]], Listener],
    make_app: Callable[..., Flask],
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    # What was read just now is that also where a second has passed since.
    monkeypatch.setattr(categories, "_RECENT_SECONDS", 3600.0)
    return Site(*filled, make_app)


def fill(stores: Stores) -> None:
    names = [f"Fact {number}" for number in range(MANY)]
    properties = [make_property(name, kind="number", unit="kg") for name in names]
    stores.categories.put(make_category("rich", *properties))
    stores.categories.put(make_category("poor", properties[0]))
    rows = [fact(name, "7") for name in names]
    items = [make_item(f"Rich {n}", *rows, category="rich", id=stores.items.new_id()) for n in range(8)]
    items += [
        make_item(f"Poor {n}", fact("Fact 0", str(n)), category="poor", id=stores.items.new_id())
        for n in range(COUNT - 10)
    ]
    likes = make_attribute("Like", Reference("poor-1"), "reference")
    items += [make_item(f"Linked {n}", likes, category="poor", id=stores.items.new_id()) for n in range(2)]
    for start in range(0, COUNT, BATCH):
        stores.items.insert_many(items[start : start + BATCH])


def fact(name: str, amount: str):
    return make_attribute(name, Quantity(Decimal(amount), "kg"), "number")


def slugs(stem: str, count: int) -> list[str]:
    return [f"{stem}-{number}" for number in range(count)]


def verbs(commands: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Name and collection of each command."""
    return [next(iter(command.items())) for command in commands]


EXPECTED = [("find", "items"), ("find", "categories")]


@pytest.mark.parametrize("count", range(2, 9))
def test_two_to_eight_entries_are_read_with_their_categories_in_two_queries(site, count):
    assert verbs(site.asked_for(*slugs("poor", count))) == EXPECTED


def test_sixty_facts_need_no_more_queries_than_one(site):
    assert verbs(site.asked_for(*slugs("rich", 8))) == EXPECTED


def test_two_categories_need_no_more_queries_than_one(site):
    assert verbs(site.asked_for("rich-0", "poor-0", "rich-1")) == EXPECTED


def test_targets_of_references_are_read_together(site):
    assert verbs(site.asked_for("linked-0", "linked-1")) == [*EXPECTED, ("find", "items")]


def test_a_comparison_that_is_remembered_is_checked_in_one_query(site):
    assert verbs(site.asked_for("linked-0", "linked-1", times=2)) == EXPECTED[:1]


@pytest.mark.parametrize("times", [1, 2])
def test_every_query_of_a_comparison_is_answered_by_an_index(site, times):
    for command in site.asked_for("linked-0", "linked-1", "rich-0", times=times):
        plan = site.db.command({"explain": command, "verbosity": "executionStats"})
        stages = set(all_stages(plan))
        assert "COLLSCAN" not in stages, plan
        assert stages & {"IXSCAN", "IDHACK"}, plan
        assert examined(plan) <= 8, plan


def all_stages(plan: object) -> Iterator[str]:
    """Every stage of a plan, however deep; rejected plans did not run."""
    if isinstance(plan, list):
        for part in plan:
            yield from all_stages(part)
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for name, part in plan.items():
            if name != "rejectedPlans":
                yield from all_stages(part)


def examined(plan: object) -> int:
    """The most documents that any part of a plan looked at."""
    if isinstance(plan, list):
        return max(map(examined, plan), default=0)
    if not isinstance(plan, dict):
        return 0
    own = plan.get("totalDocsExamined", 0)
    return max([own, *(examined(part) for part in plan.values())])
