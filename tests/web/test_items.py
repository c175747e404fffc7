"""The page of an entry and the lists of many, over HTTP."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient

from app import create_app
from app.domain.items import Item, Source, State
from app.domain.users import SYSTEM
from app.extensions import stores
from app.kinds.number import Quantity
from app.kinds.reference import Reference
from app.services import items
from app.storage import indexes
from tests.factories import make_attribute, make_category, make_item, make_property

MARKUP = "<script>alert(1)</script>"
SOURCES = (Source("https://example.org/a?b=1&c=2", "<b>Atlas</b>"), Source("javascript:alert(1)", "Bad link"))
COUNTRIES = make_category(
    "Countries",
    make_property("Area", unit="km²", group="Geography", labels={"zh": "面积"}),
    make_property("Landlocked", "boolean", group="Geography"),
    make_property("Languages", "list", group="People"),
    make_property("Motto", "text", group="People"),
    make_property("Water", unit="%", group="Geography"),
    labels={"zh": "国家"},
    group_labels={"Geography": {"zh": "地理"}},
)


def country(title: str, area: str, landlocked: bool, *languages: str) -> Item:
    return make_item(
        title,
        make_attribute("Area", Quantity(Decimal(area), "km²"), "number"),
        make_attribute("Landlocked", landlocked, "boolean"),
        make_attribute("Languages", languages, "list"),
    )


def entries() -> Iterator[Item]:
    yield make_item(
        "Austria",
        make_attribute(
            "Area",
            Quantity(Decimal(83871), "km²"),
            "number",
            sources=SOURCES,
            note=MARKUP,
            verified_on=date(2025, 7, 14),
        ),
        make_attribute("Motto", MARKUP),
        make_attribute("Landlocked", True, "boolean"),
        make_attribute("Languages", ("German",), "list"),
        make_attribute("Coast", state=State.NOT_APPLICABLE, group="Geography"),
        make_attribute("Sea", state=State.NONE),
        make_attribute("King", state=State.UNKNOWN),
        make_attribute("Neighbour", Reference("hungary"), "reference"),
        make_attribute("Rival", Reference("atlantis"), "reference"),
        aliases=("Österreich", "奥地利"),
        summary="A country in the Alps.",
    )
    yield country("Hungary", "93028", True, "Hungarian")
    yield country("Croatia", "56594", False, "Croatian", "Italian")
    yield country("Malta", "316", False, "Maltese", "English")
    yield make_item("Nowhere")
    for number in range(30):
        yield make_item(f"Gadget {number:02}", category="gadgets")


@pytest.fixture(scope="module")
def filled_app(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Flask]:
    """The application with some countries and many gadgets, which no test changes."""
    database = mongo_client[f"items_{uuid.uuid4().hex}"]
    indexes.ensure(database)
    app = create_app({"PKYX_ENV": "testing", "DATABASE": database, "PKYX_URL": "https://wiki.example"})
    with app.app_context():
        stores().categories.put(COUNTRIES)
        stores().categories.put(make_category("Gadgets"))
        for item in entries():
            stores().items.insert(replace(item, id=stores().items.new_id()))
        change_history()
    yield app
    mongo_client.drop_database(database.name)


def change_history() -> None:
    """Rename one entry and delete another."""
    note = items.Note(datetime(2026, 4, 1, 12, 0, tzinfo=UTC), "A better name")
    hungary = items.get(stores(), "hungary")
    items.edit(stores(), SYSTEM, hungary.id, lambda item: replace(item, title="Magyarország"), note)
    items.delete(stores(), SYSTEM, items.get(stores(), "nowhere").id, note)


@pytest.fixture
def site(filled_app: Flask) -> FlaskClient:
    """A client of that application."""
    return filled_app.test_client()


def row_of(html: str, key: str) -> str:
    found = re.search(rf'<tr [^>]*data-key="{re.escape(key)}".*?</tr>', html, re.DOTALL)
    assert found, f"no row {key}"
    return found.group()


def titles(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*><bdi>([^<]*)</bdi>', html)


def test_an_entry_shows_its_facts_in_a_table_with_keys_and_kinds(site):
    html = site.get("/item/austria").text
    assert '<table id="attributes"' in html
    assert 'data-kind="number"' in row_of(html, "area")
    assert "83,871" in row_of(html, "area")


def test_groups_come_from_the_attribute_or_its_property(site):
    html = site.get("/item/austria").text
    headings = re.findall(r"<h2><bdi>([^<]*)</bdi></h2>", html)
    assert headings == ["Geography", "People", "More facts"]
    assert html.index("Geography") < html.index('data-key="coast"') < html.index('data-key="motto"')


def test_the_states_read_differently_and_honestly(site):
    html = site.get("/item/austria").text
    words = {key: re.sub(r"<[^>]*>|\s+", " ", row_of(html, key)) for key in ("coast", "sea", "king")}
    assert "makes no sense" in words["coast"]
    assert "known to have none" in words["sea"]
    assert "could not find" in words["king"]


def test_sources_notes_and_the_day_of_checking_open_without_a_script(site):
    row = row_of(site.get("/item/austria").text, "area")
    assert "<details" in row
    assert 'href="https://example.org/a?b=1&amp;c=2"' in row
    assert "Jul 14, 2025" in row
    assert 'href="/item/austria/attributes/area/history"' in row


def test_hostile_text_is_inert(site):
    html = site.get("/item/austria").text
    assert MARKUP not in html
    assert "<b>Atlas" not in html
    assert 'href="javascript:' not in html
    assert "&lt;script&gt;alert(1)" in html


def test_references_lead_to_the_present_name_and_dangling_ones_say_so(site):
    html = site.get("/item/austria").text
    assert 'href="/item/magyarorsz%C3%A1g"' in row_of(html, "neighbour")
    assert "Magyarország" in row_of(html, "neighbour")
    assert "no such entry" in row_of(html, "rival")


def test_an_entry_offers_comparisons_and_says_where_it_is_mentioned(site):
    assert 'href="/compare/austria/malta"' in site.get("/item/austria").text
    mentioned = site.get("/item/magyarország").text
    assert re.search(r'Mentioned by.*href="/item/austria"', mentioned, re.DOTALL)


def test_an_entry_says_who_changed_it_last_and_why(site):
    html = site.get("/item/magyarország").text
    assert 'datetime="2026-04-01T12:00:00+00:00"' in html
    assert "A better name" in html
    assert "revision 2" in html


def test_search_engines_get_a_description_a_canonical_link_and_structured_data(site):
    html = site.get("/item/austria?from=somewhere").text
    data = json.loads(
        re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL).group(1)
    )
    assert data["mainEntity"]["name"] == "Austria"
    assert data["url"] == "https://wiki.example/item/austria"
    assert '<link rel="canonical" href="https://wiki.example/item/austria">' in html
    assert '<meta name="description" content="A country in the Alps.">' in html


def test_a_past_slug_redirects_for_good(site):
    response = site.get("/item/hungary")
    assert response.status_code == 301
    assert response.location == "/item/magyarorsz%C3%A1g"


@pytest.mark.parametrize("path", ["/item/Austria", "/item/AUSTRIA", "/item/austria/", "/item/%20Austria"])
def test_another_spelling_of_the_address_leads_to_the_entry(site, path):
    response = site.get(path)
    assert (response.status_code, response.location) == (301, "/item/austria")


def test_a_slash_too_many_costs_no_filter(site):
    response = site.get("/category/countries/?attr.area.gte=5&sort=-title")
    assert response.location == "/category/countries?attr.area.gte=5&sort=-title"


def test_a_category_asked_for_as_the_api_has_it_leads_to_its_page(site):
    response = site.get("/items?category=countries&sort=-title&endpoint=x&_external=1")
    assert response.location == "/category/countries?sort=-title&endpoint=x&_external=1"
    assert site.get("/items?category=nonsense").status_code == 200


def test_an_id_leads_to_the_entry(site, filled_app):
    with filled_app.app_context():
        found = items.get(stores(), "austria")
    assert site.get(f"/item/{found.id}").location == "/item/austria"


def test_a_deleted_entry_is_gone_and_an_unknown_one_not_found(site):
    gone = site.get("/item/nowhere")
    assert (gone.status_code, "was deleted" in gone.text) == (410, True)
    assert 'name="q"' in gone.text
    assert site.get("/item/atlantis").status_code == 404


def test_names_of_properties_and_groups_are_in_the_readers_language(site):
    html = site.get("/item/austria", headers={"Accept-Language": "zh-CN"}).text
    assert '<html lang="zh-Hans-CN">' in html
    assert "<bdi>面积</bdi>" in row_of(html, "area")
    assert "<bdi>地理</bdi>" in html
    assert "<bdi>国家</bdi></a>" in html


def test_a_category_lists_its_entries_by_title(site):
    html = site.get("/category/countries").text
    assert titles(html) == ["Austria", "Croatia", "Magyarország", "Malta"]


def test_an_unknown_category_is_not_found(site):
    assert site.get("/category/nonsense").status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("attr.area.gte=60000", ["Austria", "Magyarország"]),
        ("attr.area.lte=60,000", ["Croatia", "Malta"]),
        ("attr.area.gte=50000&attr.area.lte=90000", ["Austria", "Croatia"]),
        ("attr.area.gte=8387100 ha", ["Austria", "Magyarország"]),
        ("attr.area=316", ["Malta"]),
        ("attr.landlocked=true", ["Austria", "Magyarország"]),
        ("attr.landlocked=no", ["Croatia", "Malta"]),
        ("attr.languages=italian", ["Croatia"]),
        ("attr.languages=German, Maltese", ["Austria", "Malta"]),
        ("attr.area.gte=", ["Austria", "Croatia", "Magyarország", "Malta"]),
        ("sort=-attr.area", ["Magyarország", "Austria", "Croatia", "Malta"]),
        ("sort=attr.area", ["Malta", "Croatia", "Austria", "Magyarország"]),
        ("sort=-title", ["Malta", "Magyarország", "Croatia", "Austria"]),
    ],
)
def test_lists_are_filtered_and_sorted(site, query, expected):
    assert titles(site.get(f"/category/countries?{query}").text) == expected


def test_a_filter_that_cannot_be_understood_is_told_beside_its_field_and_passed_over(site):
    response = site.get("/category/countries?attr.area.gte=many&attr.landlocked=true")
    assert response.status_code == 200
    assert re.search(r'name="attr.area.gte"[^>]*value="many"[^>]*aria-invalid="true"', response.text)
    assert re.search(r'class="field-error"[^>]*>Expected a number', response.text)
    assert titles(response.text) == ["Austria", "Magyarország"]


@pytest.mark.parametrize(
    "query",
    ["sort=attr.nonsense", "sort=nonsense", "cursor=nonsense", "attr.a.b.c=1", "attr.=1", "attr.$x=1"],
)
def test_other_parameters_that_mean_nothing_are_told(site, query):
    response = site.get(f"/category/countries?{query}")
    assert response.status_code == 200
    assert "notice-error" in response.text
    assert len(titles(response.text)) == 4


def test_too_many_filters_are_told(site):
    query = "&".join(f"attr.a{number}=1" for number in range(30))
    assert "At most 20 filters" in site.get(f"/items?{query}").text


def test_the_unit_of_a_filter_is_a_symbol_even_where_it_looks_like_a_placeholder(site):
    assert '<span class="quiet">%</span>' in site.get("/category/countries").text


def test_filters_and_orders_are_kept_by_each_other_and_by_pages(site):
    html = site.get("/category/countries?attr.landlocked=true&sort=-title").text
    assert '<input type="hidden" name="sort" value="-title">' in html
    assert '<input type="hidden" name="attr.landlocked" value="true">' in html
    assert "attr.landlocked=true&amp;sort=attr.area" in html


def test_a_filter_in_use_can_be_taken_away(site):
    html = site.get("/category/countries?attr.landlocked=true&sort=-title").text
    chip = re.search(r'<a class="chip" href="([^"]*)"', html).group(1)
    assert chip == "/category/countries?sort=-title"


def test_columns_are_in_one_unit_and_absent_values_say_why(site):
    html = site.get("/category/countries").text
    assert '<th scope="col" data-key="area" class="list-number">' in html
    assert "83,871 km²" in html


def test_columns_can_be_turned_round(site):
    html = site.get("/category/countries?sort=attr.area").text
    assert re.search(r'aria-sort="ascending"><a href="[^"]*sort=-attr.area"', html)


def test_pages_follow_each_other_to_the_end_without_gap_or_repetition(site):
    found, url = [], "/category/gadgets"
    while url:
        html = site.get(url).text
        found += titles(html)
        link = re.search(r'href="([^"]*)" rel="next"', html)
        url = link.group(1).replace("&amp;", "&") if link else None
    assert found == [f"Gadget {number:02}" for number in range(30)]
    assert "First page" in html


def test_ticked_entries_are_compared_without_a_script(site):
    html = site.get("/category/countries").text
    assert re.search(
        r'<form class="choosing" action="/pk" method="get".*name="item" value="austria"', html, re.DOTALL
    )
    response = site.get("/pk?item=austria&item=malta")
    assert response.location == "/compare/austria/malta"


def test_an_empty_result_offers_the_way_back(site):
    html = site.get("/category/countries?attr.area.gte=999999999").text
    assert "No entry fits these filters." in html
    assert '<a class="button" href="/category/countries">' in html


def test_all_entries_are_listed_with_their_categories(site):
    html = site.get("/items").text
    assert titles(html)[0] == "Austria"
    assert re.search(r'href="/category/countries"><bdi>Countries</bdi></a>', html)


def test_what_is_filtered_is_not_for_search_engines(site):
    assert "noindex" not in site.get("/category/countries").text
    assert "noindex" in site.get("/category/countries?attr.area.gte=1").text


def test_a_page_holds_no_inline_script_or_style(site):
    for path in (
        "/",
        "/items",
        "/category/countries?attr.area.gte=x",
        "/item/austria",
        "/search?q=a",
        "/changes",
    ):
        html = site.get(path).text
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|<script(?! type=\"(module|application/ld\+json)\")", html
        )
