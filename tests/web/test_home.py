"""The front page, the page about the site, and the choice of language."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import stores
from app.locales import COOKIE
from tests.factories import make_category, make_item


@pytest.fixture
def site(app: Flask, client: FlaskClient) -> FlaskClient:
    """A client of a site with a few entries."""
    with app.app_context():
        stores().categories.put(make_category("Countries", labels={"zh": "国家"}))
        for title in ("Austria", "Switzerland", "<b>Atlantis</b>"):
            stores().items.insert(replace(make_item(title), id=stores().items.new_id()))
    return client


def test_an_empty_site_has_a_front_page(client: FlaskClient) -> None:
    html = client.get("/").text
    assert html.count('name="item"') == 2
    assert "Nothing has changed yet." in html


def test_suggestions_learn_what_readers_call_the_categories(site: FlaskClient) -> None:
    html = site.get("/changes", headers={"Accept-Language": "zh-CN"}).text
    address = re.search(r'data-categories="([^"]+)"', html)[1]
    assert site.get(address).json == {"countries": "国家"}
    assert site.get("/category-names/en").json == {"countries": "Countries"}
    assert site.get("/category-names/xx").status_code == 404


def test_the_picker_posts_nothing_and_works_without_a_script(site: FlaskClient) -> None:
    html = site.get("/").text
    assert '<form class="picker" action="/pk" method="get"' in html
    assert site.get("/?fields=5").text.count('name="item"') == 5
    assert site.get("/?fields=99").text.count('name="item"') == 8


def test_names_of_the_address_are_in_the_fields(site: FlaskClient) -> None:
    html = site.get("/?item=Austria&item=Peru&item=%22%3E").text
    assert html.count('name="item"') == 3
    assert 'value="Austria"' in html
    assert 'value="&#34;&gt;"' in html


def test_another_field_is_asked_for_without_a_script_and_keeps_what_was_typed(site: FlaskClient) -> None:
    assert re.search(r'<button[^>]* name="fields" value="3" formaction="/"', site.get("/").text)
    html = site.get("/?item=Austria&item=&fields=3").text
    assert html.count('name="item"') == 3
    assert 'value="Austria"' in html


def test_it_offers_comparisons_categories_and_changes(site: FlaskClient) -> None:
    html = site.get("/").text
    assert 'href="/compare/austria/switzerland"' in html
    assert 'href="/category/countries"' in html
    assert "&lt;b&gt;Atlantis&lt;/b&gt;" in html
    assert "<b>Atlantis" not in html


def test_a_comparison_of_entries_that_are_not_there_is_not_offered(site: FlaskClient) -> None:
    assert "/compare/gold/silver" not in site.get("/").text


def test_every_page_names_its_language_and_title(site: FlaskClient) -> None:
    for path in ("/", "/about", "/items", "/search?q=austria", "/changes"):
        html = site.get(path).text
        assert '<html lang="en">' in html
        assert html.count("<h1") == 1
        assert '<link rel="canonical"' in html


class TestLanguage:
    def test_the_choice_is_kept_and_leads_back(self, site: FlaskClient) -> None:
        response = site.get("/language/zh_Hans_CN?next=/items?sort=-title")
        assert response.headers["Location"] == "/items?sort=-title"
        assert site.get_cookie(COOKIE).value == "zh_Hans_CN"
        html = site.get("/").text
        assert '<html lang="zh-Hans-CN">' in html
        assert "国家" in html

    def test_the_browser_is_asked_where_nothing_was_chosen(self, site: FlaskClient) -> None:
        html = site.get("/", headers={"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.5"}).text
        assert '<html lang="zh-Hans-CN">' in html

    def test_an_unknown_language_changes_nothing(self, site: FlaskClient) -> None:
        assert site.get("/language/tlh").status_code == 302
        assert site.get_cookie(COOKIE) is None

    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/a\r\nb"],
    )
    def test_it_never_leads_to_another_site(self, site: FlaskClient, target: str) -> None:
        location = site.get("/language/en", query_string={"next": target}).headers["Location"]
        assert location == "/"


def test_comparisons_that_are_looked_at_become_popular(app: Flask, site: FlaskClient) -> None:
    with app.app_context():
        stores().items.insert(replace(make_item("Peru"), id=stores().items.new_id()))
    site.get("/compare/austria/peru/switzerland")
    with app.app_context():
        stores().views.flush()
    html = site.get("/").text
    assert "Popular comparisons" in html
    assert 'href="/compare/austria/peru/switzerland"' in html


def test_a_site_that_is_read_only_counts_no_views(make_app, mock_database) -> None:
    app = make_app(DATABASE=mock_database, PKYX_READ_ONLY=True)
    with app.app_context():
        for title in ("Austria", "Peru"):
            stores().items.insert(replace(make_item(title), id=stores().items.new_id()))
    client = app.test_client()
    for _ in range(20):
        assert client.get("/item/austria").status_code == 200
        assert client.get("/compare/austria/peru").status_code == 200
    assert mock_database["views"].count_documents({}) == 0
