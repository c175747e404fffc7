import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from unicodedata import normalize

import mongomock
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.categories import Direction
from app.domain.errors import CategoryNotFound
from app.domain.items import Attribute, Item, Source, State
from app.domain.names import slugify, title_key
from app.kinds.number import Quantity
from app.services import exports, imports
from app.services.bulk_formats import Format
from app.services.imports import Options
from app.storage.stores import Stores
from tests.factories import NOW, make_attribute, make_category, make_item, make_property


def empty_site() -> Stores:
    return Stores.connect(mongomock.MongoClient(tz_aware=True)["pkyx"])


def site_of(*items: Item) -> Stores:
    stores = empty_site()
    for item in items:
        stores.items.insert(item)
    return stores


def exported(stores: Stores, form: Format, category: str = "") -> str:
    out = io.StringIO(newline="")
    exports.run(stores, out, form, category)
    return out.getvalue()


def imported(text: str, form: Format, stores: Stores | None = None) -> Stores:
    stores = stores or empty_site()
    bad = []
    imports.run(
        stores,
        io.BytesIO(text.encode()),
        form,
        Options(),
        NOW,
        lambda number, reason: bad.append((number, reason)),
    )
    assert bad == []
    return stores


def header_of(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text, newline="")))


def facts_of(stores: Stores) -> list[object]:
    """What entries say."""
    return [
        (
            item.title,
            item.category,
            item.aliases,
            item.summary,
            item.attributes,
        )
        for item in stores.items.iterate()
    ]


chars = st.characters(exclude_categories=("Cs", "Cc", "Cn"))
# As services store single lines: trimmed, and in the normal form C.
lines = (
    st.text(chars, min_size=1, max_size=12)
    .map(lambda text: normalize("NFC", text).strip())
    .filter(lambda text: text.isalnum())
)
texts = st.text(st.sampled_from("=+-@'\n\",;:[] a1豆é"), min_size=1, max_size=12).filter(lambda t: t.strip())
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-999, max_value=999)
numbers = st.builds(Quantity, amounts, st.sampled_from([None, "kg", "t", "°C", "people"]))
values = st.one_of(
    st.tuples(st.just("text"), texts),
    st.tuples(st.just("number"), numbers),
    st.tuples(st.just("boolean"), st.booleans()),
    st.tuples(
        st.just("list"),
        st.lists(
            texts.map(lambda t: t.replace("\n", "")).map(str.strip).filter(bool),
            min_size=1,
            max_size=3,
            unique_by=title_key,
        ).map(tuple),
    ),
)
sources = st.builds(Source, st.sampled_from(["https://example.org/a", "http://b.example/?q=1,2"]), lines)
names = st.sampled_from(
    ["Mass", "MASS", "Size [max]", "x:number", "=Sum", "Note", "title", "Größe", "GRÖSSE", "A:b c"]
)


@st.composite
def attributes(draw) -> Attribute:
    name = draw(names)
    kind, value = draw(values)
    state = draw(st.sampled_from([State.VALUE, State.VALUE, State.UNKNOWN, State.NONE]))
    return make_attribute(
        name,
        value if state is State.VALUE else None,
        kind,
        state=state,
        group=draw(st.one_of(st.just(""), lines)),
        note=draw(st.one_of(st.just(""), lines)),
        sources=tuple(draw(st.lists(sources, max_size=2))),
        verified_on=draw(st.sampled_from([None, date(2024, 2, 29)])),
    )


@st.composite
def sites(draw) -> list[Item]:
    titles = draw(st.lists(lines, max_size=4, unique_by=title_key))
    return [
        make_item(
            title,
            *draw(st.lists(attributes(), max_size=4, unique_by=lambda found: found.key)),
            id=f"{number:024x}",
            slug=f"{slugify(title)}-{number}",
            category=draw(st.sampled_from(["", "phones"])),
            aliases=tuple(draw(st.lists(lines, max_size=2, unique_by=title_key))),
            summary=draw(st.one_of(st.just(""), texts.map(str.strip))),
        )
        for number, title in enumerate(titles, 1)
    ]


quickly = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@given(sites())
@quickly
def test_json_lines_come_back_byte_by_byte(site):
    text = exported(site_of(*site), Format.JSONL)
    assert exported(imported(text, Format.JSONL), Format.JSONL) == text


@given(sites())
@quickly
def test_csv_comes_back_with_every_fact(site):
    stores = site_of(*site)
    assert facts_of(imported(exported(stores, Format.CSV), Format.CSV)) == facts_of(stores)


@given(sites())
@quickly
def test_importing_an_export_where_it_is_from_changes_nothing(site):
    stores = site_of(*site)
    for form in (Format.JSONL, Format.CSV):
        imported(exported(stores, form), form, stores)
    assert [item.revision for item in stores.items.iterate()] == [1] * len(site)


def site_of_orders(*orders: str) -> Stores:
    """Return a site of one entry for each of ``orders``, the names of its attributes."""
    return site_of(
        *(
            make_item(f"Item {n}", *map(make_attribute, names.split()), id=f"{n:024x}")
            for n, names in enumerate(orders, 1)
        )
    )


def orders_of(stores: Stores) -> list[str]:
    return [" ".join(each.name for each in item.attributes) for item in stores.items.iterate()]


@pytest.mark.parametrize(
    ("orders", "header"),
    [
        (["One Three", "One Two Three", "Two"], "One Two Three"),
        # The first two say nothing of each other's place; only the last does.
        (["One", "Two", "One Two"], "One Two"),
        (["Three Four", "One Two", "Two Three"], "One Two Three Four"),
    ],
)
def test_csv_puts_columns_in_the_order_of_attributes_that_no_entries_contradict(orders, header):
    stores = site_of_orders(*orders)
    text = exported(stores, Format.CSV)
    assert header_of(text)[4:] == header.split()
    assert orders_of(imported(text, Format.CSV)) == orders


def test_csv_says_the_order_of_attributes_where_entries_contradict_one_another():
    orders = ["One Two Three", "Two One Three", "Three Two One", "One Two", "One Two Three"]
    text = exported(site_of_orders(*orders), Format.CSV)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["title", "aliases", "summary", "category", "attributes:order", "One", "Two", "Three"]
    assert [row[4] for row in rows[1:]] == ["", "two, one, three", "three, two, one", "", ""]
    assert orders_of(imported(text, Format.CSV)) == orders


def test_what_the_order_of_a_row_leaves_out_comes_last():
    stores = imported('title,One,attributes:order,Two,Three\nOx,1,"three,gone",2,3\n', Format.CSV)
    assert orders_of(stores) == ["Three One Two"]


def test_csv_keeps_how_each_entry_spells_a_name_and_a_key_that_no_longer_follows_from_it():
    mass = make_attribute("Mass", Quantity(Decimal(5), "kg"), "number")
    spellings = [
        mass,
        mass,
        replace(mass, name="MASS"),
        replace(mass, name="=Weight"),
        make_attribute("Size"),
    ]
    stores = site_of(*(make_item(f"Item {n}", own, id=f"{n:024x}") for n, own in enumerate(spellings, 1)))
    text = exported(stores, Format.CSV)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0][4:] == ["Size", "Mass [kg]:number", "Mass:number:name"]
    assert [row[6] for row in rows[1:]] == ["", "", "MASS", "'=Weight", ""]
    assert facts_of(imported(text, Format.CSV)) == facts_of(stores)
    imported(text, Format.CSV, stores)
    assert {item.revision for item in stores.items.iterate()} == {1}


def test_json_lines_bring_categories_with_all_that_they_expect():
    stores = site_of(
        make_item("Ox", make_attribute("Pull", Quantity(Decimal(5), "oxen"), "number"), id="a" * 24),
        make_item("Cow", id="b" * 24),
    )
    expected = make_category(
        "Countries",
        make_property("Pull", unit="oxen", direction=Direction.HIGHER, group="Work", aliases=("Force",)),
        labels={"zh": "国家"},
        group_labels={"Work": {"zh": "工作"}},
    )
    stores.categories.put(expected)
    text = exported(stores, Format.JSONL)
    assert text.count("category_definition") == 1
    copy = imported(text, Format.JSONL)
    assert replace(copy.categories.get("countries"), revision=1) == replace(expected, revision=1)
    assert exported(copy, Format.JSONL) == text


def test_a_category_that_is_there_is_not_redefined():
    line = {"title": "Ox", "category": "phones", "category_definition": {"name": "Other"}}
    stores = empty_site()
    stores.categories.put(make_category("Phones"))
    assert imported(json.dumps(line), Format.JSONL, stores).categories.get("phones").name == "Phones"


def mass(title: str, amount: str, unit: str | None, number: int) -> Item:
    value = Quantity(Decimal(amount), unit)
    return make_item(title, make_attribute("Mass", value, "number"), id=f"{number:024x}")


def test_the_commonest_unit_is_in_the_header_and_another_in_its_cell():
    text = exported(
        site_of(mass("A", "5", "kg", 1), mass("B", "2", "t", 2), mass("C", "3", "kg", 3)), Format.CSV
    )
    assert "Mass [kg]:number" in header_of(text)
    assert [row["Mass [kg]:number"] for row in csv.DictReader(io.StringIO(text))] == ["5", "2 t", "3"]


def test_a_bare_number_does_not_get_the_unit_of_its_property():
    stores = site_of(mass("A", "5", None, 1))
    stores.categories.insert(make_category("Countries", make_property("Mass", "number", unit="kg")))
    text = exported(stores, Format.CSV, "countries")
    assert "Mass []:number" in header_of(text)
    assert imported(text, Format.CSV, stores).items.find_by_slug("a").revision == 1


def test_no_cell_is_run_by_a_spreadsheet_and_numbers_stay_numbers():
    values = (make_attribute("=N", "=1+1"), make_attribute("T", Quantity(Decimal(-5), "°C"), "number"))
    text = exported(site_of(make_item("@Home", *values)), Format.CSV)
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert header[-2:] == ["'=N", "T [°C]:number"]
    assert (row[0], row[-2:]) == ("'@Home", ["'=1+1", "-5"])


def test_only_the_category_asked_for_is_written():
    stores = site_of(mass("A", "5", "kg", 1))
    stores.categories.insert(make_category("Phones"))
    assert exported(stores, Format.JSONL, "phones") == ""
    with pytest.raises(CategoryNotFound):
        exported(stores, Format.JSONL, "none")


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_text("before")
    with pytest.raises(RuntimeError), exports.replacing(path) as out:
        out.write("half")
        raise RuntimeError
    assert [found.read_text() for found in tmp_path.iterdir()] == ["before"]
    with exports.replacing(path) as out:
        out.write("after")
    assert [found.read_text() for found in tmp_path.iterdir()] == ["after"]
