"""What a line does to the entry it meets."""

import io
import json
from decimal import Decimal

import pytest

from app.domain.errors import InvalidInput
from app.domain.items import Source, State
from app.kinds.number import Quantity
from app.services import imports
from app.services.bulk_formats import BadFile, Format
from app.services.imports import Options, Report
from app.storage import indexes
from app.storage.stores import Stores
from tests.factories import NOW, make_category, make_property


@pytest.fixture
def stores(mock_database):
    indexes.ensure(mock_database)
    return Stores.connect(mock_database)


@pytest.fixture
def load(stores):
    """``load(line, …)`` imports and returns the report and the bad lines."""

    def load(*lines, form=Format.JSONL, **options):
        if form is Format.CSV:
            data = "\n".join(lines)
        else:
            data = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        bad = []
        chosen = Options(**options)
        report = imports.run(
            stores, io.BytesIO(data.encode()), form, chosen, NOW, lambda *pair: bad.append(pair)
        )
        return report, bad

    return load


def text(name, value, **others):
    return {"name": name, "kind": "text", "value": value, **others}


def only(stores, title):
    return stores.items.find_by_titles([title])[title.casefold()]


def test_a_new_title_makes_an_entry_and_its_category(stores, load):
    report, bad = load({"title": "Tofu", "category": "Street food", "attributes": [text("Taste", "mild")]})
    assert (report, bad) == (Report(created=1), [])
    item = only(stores, "Tofu")
    assert (item.slug, item.category, item.revision) == ("tofu", "street-food", 1)
    assert stores.categories.get("street-food").name == "Street food"


def test_a_line_meets_its_entry_by_title_and_leaves_what_it_does_not_list(stores, load):
    first = {"title": "Tofu", "category": "food", "aliases": ["豆腐"], "summary": "Soft.",
             "attributes": [text("Taste", "mild"), text("Colour", "white")]}  # fmt: skip
    load(first)
    report, _ = load({"title": " tofu ", "attributes": [text("Origin", "China"), text("Taste", "rich")]})
    assert report == Report(updated=1)
    item = only(stores, "Tofu")
    assert (item.title, item.category, item.aliases, item.summary) == ("Tofu", "food", ("豆腐",), "Soft.")
    assert [(found.name, found.value) for found in item.attributes] == [
        ("Taste", "rich"), ("Colour", "white"), ("Origin", "China"),
    ]  # fmt: skip
    assert item.revision == 2


def test_members_of_an_attribute_that_are_not_listed_stay(stores, load):
    load({"title": "Tofu", "attributes": [
        text("Taste", "mild", group="Senses", note="raw",
             sources=[{"url": "https://a.example/", "title": ""}],
             verified_on="2024-05-06")]})  # fmt: skip
    load({"title": "Tofu", "attributes": [text("Taste", "rich", note="fried")]})
    found = only(stores, "Tofu").find_attribute("taste")
    assert (found.value, found.group, found.note) == ("rich", "Senses", "fried")
    assert found.sources == (Source("https://a.example/"),)
    assert found.verified_on.isoformat() == "2024-05-06"


def test_no_difference_makes_no_revision(stores, load):
    line = {"title": "Tofu", "category": "food", "attributes": [text("Taste", "mild")]}
    load(line)
    assert load(line)[0] == Report(unchanged=1)
    assert only(stores, "Tofu").revision == 1


def test_replace_makes_the_line_the_whole_entry(stores, load):
    load({"title": "Tofu", "category": "food", "summary": "Soft.", "attributes": [text("Taste", "mild")]})
    load({"title": "TOFU", "attributes": [text("Colour", "white")]}, replace=True)
    item = only(stores, "Tofu")
    assert (item.title, item.category, item.summary) == ("TOFU", "", "")
    assert [found.key for found in item.attributes] == ["colour"]


def test_a_dry_run_counts_and_stores_nothing(stores, load):
    load({"title": "Tofu"})
    report, bad = load(
        {"title": "Tofu", "summary": "Soft."},
        {"title": "New", "category": "food"},
        {"title": "new"},
        {},
        dry_run=True,
    )
    assert report == Report(created=1, updated=1, unchanged=1, failed=1)
    assert bad[0][0] == 4
    assert [item.title for item in stores.items.iterate()] == ["Tofu"]
    assert only(stores, "Tofu").revision == 1
    assert stores.categories.all() == []


def test_the_second_line_of_a_title_meets_the_first(stores, load):
    report, _ = load(
        {"title": "Tofu", "summary": "Soft."},
        {"title": "Tofu", "attributes": [text("Taste", "mild")]},
        {"title": "TOFU", "attributes": [text("Taste", "rich")]},
        {"title": "tofu", "summary": "Soft."},
    )
    assert report == Report(created=1, updated=2, unchanged=1)
    item = only(stores, "Tofu")
    assert (item.revision, item.summary, item.attributes[0].value) == (3, "Soft.", "rich")


def test_bad_lines_are_told_by_number_and_the_others_imported(stores, load):
    report, bad = load(
        {"title": "A"},
        '{"title": ',
        {"title": " "},
        "[1]",
        {"title": "B", "color": "red"},
        {"title": "C", "attributes": [{"name": "Mass", "kind": "number", "value": {"amount": "x"}}]},
        {"title": "D", "attributes": [text("Taste", "a"), text("taste", "b")]},
        {"title": "E", "attributes": [{"name": "Made", "kind": "date", "value": "Jul 2021"}]},
        {"title": "F", "attributes": [text("Taste", "a", flavour="b")]},
        {"title": 5},
        {"title": "Z"},
    )
    assert report == Report(created=2, failed=9)
    assert [number for number, _ in bad] == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert bad[3][1].startswith("color: ")
    assert bad[4][1].startswith("attributes.0.value.amount: ")
    assert all("\n" not in reason for _, reason in bad)
    assert sorted(item.title for item in stores.items.iterate()) == ["A", "Z"]


def test_states_are_kept_and_no_value_goes_with_them(stores, load):
    report, bad = load(
        {"title": "A", "attributes": [{"name": "Moon", "kind": "text", "state": "none", "note": "None."}]},
        {"title": "B", "attributes": [text("Moon", "Luna", state="unknown")]},
    )
    assert (report.created, len(bad)) == (1, 1)
    assert only(stores, "A").attributes[0].state is State.NONE


def test_categories_are_found_by_name_or_slug_and_kept_as_they_are(stores, load):
    stores.categories.insert(make_category("Street food", make_property("Mass", unit="g")))
    load({"title": "A", "category": "Street food"}, {"title": "B", "category": "street-food"}, {"title": "C"},
         category="STREET FOOD")  # fmt: skip
    assert {item.category for item in stores.items.iterate()} == {"street-food"}
    assert len(stores.categories.all()) == 1
    assert stores.categories.get("street-food").properties


def test_a_bad_line_makes_no_category(stores, load):
    load(
        {"title": "", "category": "nope"},
        {"title": "A", "category": "x" * 300},
        {"title": "B", "category": 5},
    )
    assert stores.categories.all() == []


@pytest.mark.parametrize(
    ("definition", "path"),
    [
        ("Food", "category_definition"),
        ({"name": ""}, "category_definition.name"),
        (
            {"name": "Food", "properties": [{"name": "Fat", "kind": "odd"}]},
            "category_definition.properties.0",
        ),
    ],
)
def test_a_bad_definition_of_a_category_is_a_bad_line(stores, load, definition, path):
    line = {"title": "A", "category": "food", "category_definition": definition}
    report, bad = load(line, {"title": "B", "category": "food"})
    assert (report.created, [number for number, _ in bad]) == (1, [1])
    assert path in bad[0][1]
    assert stores.categories.get("food").name == "Food"


def test_an_existing_entry_moves_to_the_category_of_the_file(stores, load):
    load({"title": "A"})
    assert load({"title": "A"}, category="food")[0] == Report(updated=1)
    assert only(stores, "A").category == "food"


def test_units_of_the_category_are_known(stores, load):
    stores.categories.insert(make_category("Cars", make_property("Doors", unit="doors")))
    load("title,Doors:number\nA,5", form=Format.CSV, category="cars")
    assert only(stores, "A").attributes[0].value == Quantity(Decimal(5), "doors")


def test_csv_keeps_the_names_groups_and_sources_of_what_it_meets(stores, load):
    load({"title": "Tofu", "attributes": [text("Taste", "mild", group="Senses", note="raw")]})
    assert load("title,TASTE", "Tofu,mild", form=Format.CSV)[0] == Report(unchanged=1)
    load("title,TASTE,Colour", "Tofu,rich,", form=Format.CSV)
    item = only(stores, "Tofu")
    assert [(found.name, found.value, found.group) for found in item.attributes] == [
        ("Taste", "rich", "Senses")
    ]


def test_the_comment_of_the_line_comes_before_that_of_the_import(stores, load):
    load({"title": "A"}, {"title": "B", "comment": "mine"}, comment="theirs")
    assert only(stores, "A").change.comment == "theirs"
    assert only(stores, "B").change.comment == "mine"


def test_a_bad_comment_stops_the_import(stores, load):
    with pytest.raises(InvalidInput):
        load({"title": "A"}, comment="x" * 1000)


def test_a_bad_file_stops_the_import(load):
    with pytest.raises(BadFile):
        load("nope", form=Format.CSV)


def test_keys_that_no_longer_follow_from_their_names_come_back(stores, load):
    load({"title": "A", "attributes": [text("Flavour", "mild", key="taste")]})
    assert only(stores, "A").attributes[0].key == "taste"
    _, bad = load({"title": "B", "attributes": [text("Flavour", "mild", key="Not a key")]})
    assert len(bad) == 1


def test_progress_ends_with_the_size_of_the_file(stores):
    data = b'{"title": "A"}\n' * 3
    seen = []
    imports.run(stores, io.BytesIO(data), Format.JSONL, Options(), NOW, lambda *_: None, seen.append)
    assert seen == [len(data)]


def test_reports_say_it_in_one_line():
    total = Report(1, 2, 3, 4)
    total.add(Report(1, 1, 1, 1))
    assert str(total) == "created 2, updated 3, unchanged 4, failed 5"
