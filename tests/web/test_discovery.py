"""What leads to entries without a name: chance, changes and their feed, site maps, the search description."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import stores
from app.services import discovery
from tests.factories import make_change, make_item

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
TITLES = ("Austria", "Hungary & <Co>", "甜豆腐脑", "Peru", "Chad")


@pytest.fixture
def site(live_app: Flask, live_client: FlaskClient) -> FlaskClient:
    """A client of a site with five entries."""
    live_app.config["PKYX_URL"] = "https://pkyx.example"
    with live_app.app_context():
        for title in TITLES:
            item = make_item(title, change=make_change(comment="because <of> it"))
            stores().items.insert(replace(item, id=stores().items.new_id()))
    return live_client


def xml(site: FlaskClient, path: str) -> ElementTree.Element:
    response = site.get(path)
    assert response.status_code == 200
    assert "xml" in response.mimetype
    return ElementTree.fromstring(response.data)


class TestChance:
    def test_it_leads_to_a_comparison(self, site: FlaskClient) -> None:
        location = site.get("/lucky").headers["Location"]
        assert re.fullmatch(r"/compare/[^/]+/[^/]+", location)
        assert site.get(location).status_code == 200

    def test_an_empty_site_leads_home(self, live_client: FlaskClient) -> None:
        assert live_client.get("/lucky").headers["Location"] == "/"


class TestChanges:
    def test_they_say_what_and_why(self, site: FlaskClient) -> None:
        html = site.get("/changes").text
        assert 'href="/item/austria"' in html
        assert "because &lt;of&gt; it" in html

    def test_the_feed_is_well_formed_and_absolute(self, site: FlaskClient) -> None:
        feed = xml(site, "/changes.atom")
        entries = feed.findall(f"{ATOM}entry")
        assert len(entries) == len(TITLES)
        assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(TITLES)
        for entry in entries:
            assert entry.find(f"{ATOM}link").get("href").startswith("https://pkyx.example/item/")
            assert entry.findtext(f"{ATOM}summary") == "because <of> it"
            assert entry.findtext(f"{ATOM}updated").endswith("+00:00")


class TestSiteMap:
    def test_its_parts_hold_every_entry_once(
        self, site: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(discovery, "SITEMAP_SIZE", 2)
        parts = [found.text for found in xml(site, "/sitemap.xml").iter(f"{MAP}loc")]
        assert len(parts) > 1
        found = [
            loc.text
            for part in parts
            for loc in xml(site, part.removeprefix("https://pkyx.example")).iter(f"{MAP}loc")
        ]
        assert len(found) == len(set(found)) == len(TITLES)
        assert "https://pkyx.example/item/austria" in found

    def test_deleted_entries_are_not_in_it(self, site: FlaskClient, live_app: Flask) -> None:
        with live_app.app_context():
            head = stores().items.find_by_slug("peru")
            stores().items.replace(head, replace(head, revision=2, deleted=True))
        assert b"/item/peru" not in site.get("/sitemap.xml?from=&to=").data

    def test_bounds_that_are_no_ids_are_open(self, site: FlaskClient) -> None:
        assert len(list(xml(site, "/sitemap.xml?from=$ne&to=zzz").iter(f"{MAP}loc"))) == len(TITLES)


def test_browsers_learn_how_to_search(site: FlaskClient) -> None:
    assert b'template="https://pkyx.example/search?q={searchTerms}"' in site.get("/opensearch.xml").data
    ElementTree.fromstring(site.get("/opensearch.xml").data)


def test_crawlers_find_the_site_map_and_leave_questions_alone(site: FlaskClient) -> None:
    text = site.get("/robots.txt").text
    assert "Sitemap: https://pkyx.example/sitemap.xml" in text
    assert "Disallow: /search" in text


def test_the_manifest_names_the_icon(site: FlaskClient) -> None:
    manifest = site.get("/manifest.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    assert site.get(manifest.json["icons"][0]["src"]).status_code == 200
