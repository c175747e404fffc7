"""Search over all entries: ranked hits, near misses, pages, comparisons in disguise."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import stores
from app.services import browsing
from tests.factories import make_category, make_item


@pytest.fixture
def site(live_app: Flask, live_client: FlaskClient) -> FlaskClient:
    """A client of a site on the real database, whose order of hits counts."""
    with live_app.app_context():
        stores().categories.put(make_category("Countries"))
        made = [
            make_item("Austria", aliases=("Österreich",), summary="A country in <Central> Europe."),
            make_item("Austria-Hungary", summary="It was."),
            *(make_item(f"Land {number:02}") for number in range(browsing.PAGE + 2)),
        ]
        for item in made:
            stores().items.insert(replace(item, id=stores().items.new_id()))
    return live_client


def hits(html: str) -> list[str]:
    return re.findall(r'class="hit-title" href="/item/([^"]*)"', html)


def test_the_exact_title_comes_first(site: FlaskClient) -> None:
    assert hits(site.get("/search?q=austria").text) == ["austria", "austria-hungary"]


def test_an_alias_finds_without_its_accents(site: FlaskClient) -> None:
    assert hits(site.get("/search?q=osterreich").text) == ["austria"]


def test_a_hit_shows_what_it_is(site: FlaskClient) -> None:
    html = site.get("/search?q=austria").text
    assert "Österreich" in html
    assert "&lt;Central&gt;" in html
    assert "Countries" in html


def test_a_misspelt_name_offers_the_nearest(site: FlaskClient) -> None:
    html = site.get("/search?q=Asutria").text
    assert hits(html) == []
    assert "Did you mean" in html
    assert 'href="/item/austria"' in html


def test_pages_follow_one_another_without_a_gap(site: FlaskClient) -> None:
    first = site.get("/search?q=land").text
    address = re.search(r'href="(/search\?[^"]*cursor[^"]*)" rel="next"', first)
    assert address is not None
    second = site.get(address[1].replace("&amp;", "&")).text
    assert len(hits(first)) == browsing.PAGE
    assert len(hits(second)) == 2
    assert not set(hits(first)) & set(hits(second))
    assert "First page" in second


def test_a_bad_cursor_gives_the_first_page(site: FlaskClient) -> None:
    assert hits(site.get("/search?q=austria&cursor=%00nonsense").text) == ["austria", "austria-hungary"]


def test_a_comparison_typed_into_the_search_is_offered_as_one(site: FlaskClient) -> None:
    assert 'href="/pk?q=Austria%20vs%20Peru"' in site.get("/search?q=Austria+vs+Peru").text


def test_a_comparison_of_known_entries_typed_into_the_search_is_shown_at_once(site: FlaskClient) -> None:
    answer = site.get("/search?q=österreich+VS+land+01")
    assert (answer.status_code, answer.location) == (302, "/compare/austria/land-01")


def test_without_words_it_offers_the_categories(site: FlaskClient) -> None:
    html = site.get("/search?q=%20").text
    assert 'href="/category/countries"' in html
    assert hits(html) == []


def test_what_was_asked_is_shown_as_text(site: FlaskClient) -> None:
    html = site.get("/search?q=<script>alert(1)</script>").text
    assert "<script>alert" not in html
