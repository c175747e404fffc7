"""Imports at the same time, on a real database: nothing is made twice and no change is lost."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from app.domain.users import SYSTEM
from app.services import categories, imports, items
from app.services.bulk_formats import Format
from app.services.imports import Options
from app.services.items import ItemDraft, Note
from tests.factories import NOW


def lines(count, **members):
    rows = [{"title": f"Thing {number}", "category": "things", **members} for number in range(count)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def load(stores, data, **options):
    bad = []
    report = imports.run(
        stores, io.BytesIO(data), Format.JSONL, Options(**options), NOW, lambda *pair: bad.append(pair)
    )
    assert bad == []
    return report


def test_imports_at_the_same_time_make_each_title_once(live_stores):
    data = lines(300)
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda _: load(live_stores, data), range(3)))
    assert sum(report.created for report in reports) == 300
    assert sum(report.created + report.unchanged for report in reports) == 900
    assert len(list(live_stores.items.iterate("things"))) == 300


def test_a_category_that_somebody_makes_while_an_import_begins_is_one_that_exists(live_stores, monkeypatch):
    ask = live_stores.categories.all

    def answer_and_be_overtaken():
        found = ask()
        categories.ensure(live_stores, SYSTEM, "things", NOW)
        return found

    monkeypatch.setattr(live_stores.categories, "all", answer_and_be_overtaken)
    assert load(live_stores, lines(3)).created == 3


def test_a_title_that_somebody_took_and_has_given_up_meanwhile_is_made_all_the_same(live_stores, monkeypatch):
    insert, theirs = live_stores.items.insert_many, []

    def be_overtaken(firsts):
        if theirs:
            return insert(firsts)
        theirs.append(items.create(live_stores, SYSTEM, ItemDraft("Thing 0", summary="theirs"), Note(NOW)))
        items.create(live_stores, SYSTEM, ItemDraft("Thing 1"), Note(NOW))
        outcomes = insert(firsts)
        items.edit(live_stores, SYSTEM, theirs[0].id, lambda item: replace(item, title="Other"), Note(NOW))
        return outcomes

    monkeypatch.setattr(live_stores.items, "insert_many", be_overtaken)
    report = load(live_stores, lines(3, summary="ours"))
    assert (report.created, report.updated) == (2, 1)
    found = {item.title: item.summary for item in live_stores.items.iterate()}
    assert found == {"Other": "theirs", "Thing 0": "ours", "Thing 1": "ours", "Thing 2": "ours"}


def test_changes_at_the_same_time_are_all_kept(live_stores):
    load(live_stores, lines(60))
    attributes = [[{"name": name, "kind": "text", "value": "x"}] for name in "ABC"]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda listed: load(live_stores, lines(60, attributes=listed)), attributes))
    for item in live_stores.items.iterate("things"):
        assert sorted(attribute.name for attribute in item.attributes) == ["A", "B", "C"]
        assert item.revision == 4
