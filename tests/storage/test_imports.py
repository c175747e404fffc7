"""Imports on a real database: cut short, in a race, and back again."""

import io
import json

import pytest

from app.domain.errors import DatabaseUnavailable
from app.domain.users import SYSTEM
from app.services import exports, imports, items
from app.services.bulk_formats import Format
from app.services.imports import Options, Report
from app.services.items import ItemDraft, Note
from app.storage.stores import Stores
from tests.factories import NOW


def load(stores: Stores, *lines: dict[str, object], **options: object) -> Report:
    data = "\n".join(map(json.dumps, lines)).encode()
    return imports.run(stores, io.BytesIO(data), Format.JSONL, Options(**options), NOW, pytest.fail)


def titled(count: int) -> list[dict[str, object]]:
    return [{"title": f"Thing {number}", "category": "Things"} for number in range(count)]


def test_cut_short_it_is_completed_by_doing_it_again(live_stores, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    insert, calls = type(live_stores.items).insert_many, []

    def insert_twice(store, batch):
        calls.append(batch)
        if len(calls) == 2:
            raise DatabaseUnavailable
        return insert(store, batch)

    monkeypatch.setattr(type(live_stores.items), "insert_many", insert_twice)
    with pytest.raises(DatabaseUnavailable):
        load(live_stores, *titled(5))
    assert load(live_stores, *titled(5)) == Report(created=3, unchanged=2)
    assert load(live_stores, *titled(5)) == Report(unchanged=5)


def test_an_entry_that_somebody_makes_meanwhile_is_met(live_stores, monkeypatch):
    find, calls = type(live_stores.items).find_by_titles, []

    def find_too_early(store, titles):
        found = find(store, titles)
        calls.append(titles)
        if len(calls) == 1:
            items.create(live_stores, SYSTEM, ItemDraft("Thing", summary="theirs"), Note(NOW))
        return found

    monkeypatch.setattr(type(live_stores.items), "find_by_titles", find_too_early)
    assert load(live_stores, {"title": "thing", "aliases": ["ours"]}) == Report(updated=1)
    thing = live_stores.items.find_by_slug("thing")
    assert (thing.summary, thing.aliases, thing.revision) == ("theirs", ("ours",), 2)


def test_changes_are_archived_and_in_the_history_with_their_comment(live_stores):
    load(live_stores, {"title": "A", "summary": "1"}, comment="first")
    load(live_stores, {"title": "A", "summary": "2"}, {"title": "B"}, comment="second")
    item = live_stores.items.find_by_slug("a")
    comments = [found.change.comment for found in live_stores.items.revisions(item.id)]
    assert comments == ["second", "first"]


@pytest.mark.parametrize("form", [Format.JSONL, Format.CSV])
def test_an_export_imported_again_changes_nothing(live_stores, form):
    value = {"amount": "1.50", "unit": "kg"}
    attributes = [
        {"name": "Mass", "kind": "number", "value": value, "group": "G", "note": "dry"},
        {"name": "Colour", "kind": "color", "state": "unknown"},
    ]
    load(live_stores, *titled(3), {"title": "=Odd", "attributes": attributes})
    out = io.StringIO(newline="")
    exports.run(live_stores, out, form)
    data = io.BytesIO(out.getvalue().encode())
    report = imports.run(live_stores, data, form, Options(), NOW, pytest.fail)
    assert report == Report(unchanged=4)
