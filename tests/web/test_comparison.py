"""The pages of a comparison, over HTTP."""

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.categories import Direction
from app.domain.items import Source, State
from app.domain.names import slugify
from app.extensions import stores
from app.kinds.number import Quantity
from tests.factories import make_attribute, make_category, make_item, make_property

PAIR = "/compare/austria/switzerland"


def number(name, amount, unit, **others):
    return make_attribute(name, Quantity(Decimal(amount), unit), "number", **others)


@pytest.fixture
def site(client, app):
    """A client of a site with a few entries."""
    hostile = "<script>alert(1)</script>"
    sources = (Source("https://example.org/a?b=1&c=2", "<b>Atlas</b>"), Source("javascript:alert(1)", "Bad"))
    items = [
        make_item(
            "Austria",
            number("Area", "83871", "km²", sources=sources, note=hostile),
            make_attribute("Motto", hostile, "text"),
            make_attribute("Coast", state=State.NOT_APPLICABLE),
            make_attribute("Sea", state=State.NONE),
            make_attribute("Continent", "Europe", "text"),
        ),
        make_item(
            "Switzerland",
            number("Area", "41284", "km²"),
            make_attribute("Coast", state=State.UNKNOWN),
            make_attribute("Continent", "Europe", "text"),
        ),
        make_item("Hungary", number("Area", "93028", "km²"), past_slugs=("magyarország",)),
        make_item("甜豆腐脑", category="food"),
        make_item("咸豆腐脑", category="food"),
        make_item("Mercury (planet)", category="planets"),
        make_item("Mercury (element)", category="elements"),
        make_item('"><img src=x onerror=alert(1)>', category="food", slug="hostile"),
        *(make_item(f"Land {number}") for number in range(9)),
    ]
    category = make_category(
        "Countries",
        make_property("Area", unit="km²", direction=Direction.HIGHER, group="Geography"),
        make_property("Anthem", "text", group="Culture"),
    )
    with app.app_context():
        stores().categories.put(category)
        for item in items:
            stores().items.insert(replace(item, id=stores().items.new_id()))
    return client


_HIGHER, _LOWER = Direction.HIGHER, Direction.LOWER
_WORDED = {
    "number": {_HIGHER: "highest is best", _LOWER: "lowest is best"},
    "date": {_HIGHER: "latest is best", _LOWER: "earliest is best"},
    "boolean": {_HIGHER: "yes is best", _LOWER: "no is best"},
}


def page(site, path, status=200):
    response = site.get(path)
    assert response.status_code == status, response.text[:500]
    return response.text


def rows(html):
    return re.findall(r'<tr class="fact[^"]*"[^>]*data-key="([^"]*)" data-differs="(true|false)"', html)


class TestTable:
    def test_it_has_the_hooks_of_the_contract(self, site):
        html = page(site, PAIR)
        assert '<table id="comparison"' in html
        assert re.findall(r'<th scope="col"[^>]*data-item="([^"]*)"', html) == ["austria", "switzerland"]
        assert ("area", "true") in rows(html)
        assert ("continent", "false") in rows(html)
        for state in ("value", "none", "unknown", "not_applicable", "missing"):
            assert re.search(rf'<td [^>]*data-item="[a-z]+" data-state="{state}"', html)
        assert re.findall(r'data-item="([^"]*)" data-state="value" data-best', html) == ["austria"]
        cells = re.findall(r"<td[^>]*>", html[html.index('<table id="comparison"') :])
        assert all("data-item=" in cell and "data-state=" in cell for cell in cells)

    def test_absence_reads_differently(self, site):
        html = page(site, PAIR)
        for words in ("Not applicable", "Unknown", "None", "Not recorded", "highest is best"):
            assert words in html

    def test_what_is_best_is_said_in_words_that_fit_the_kind(self, site, app):
        properties = [
            make_property(f"{kind} {way}", kind, direction=way) for kind in _WORDED for way in Direction
        ]
        with app.app_context():
            stores().categories.put(make_category("Words", *properties))
            for title in ("First", "Second"):
                item = make_item(title, category="words")
                stores().items.insert(replace(item, id=stores().items.new_id()))
        html = page(site, "/compare/first/second")
        notes = re.findall(r'data-key="([a-z-]+)".*?(?:row-note">([^<]*)<|</tr>)', html, re.DOTALL)
        assert dict(notes) == {
            slugify(f"{kind} {way}"): words.get(way, "")
            for kind, words in _WORDED.items()
            for way in Direction
        }

    def test_nothing_that_people_wrote_becomes_markup(self, site):
        html = page(site, "/compare/austria/hostile")
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<b>Atlas" not in html
        assert 'href="javascript:' not in html
        assert " style=" not in html
        assert " onclick" not in html

    @pytest.mark.parametrize("language", ["en", "zh-CN"])
    @pytest.mark.parametrize(
        "address",
        [
            PAIR,
            "/compare/austria/hostile?only=differences",
            PAIR + "?hide=a,%22%3E%3Cb%3E&x=%2B%20%26amp;%26%01here%02%C3%A4&units=metric",
            "/compare/甜豆腐脑/咸豆腐脑",
        ],
    )
    def test_the_frame_that_is_kept_gives_the_page_that_the_template_gives(self, site, address, language):
        headers = {"Accept-Language": language}
        framed = [site.get(address, headers=headers).text for _ in range(2)]
        # A session, even one of nobody, is answered by the template.
        site.set_cookie("session", "nobody")
        rendered = site.get(address, headers=headers).text
        assert [html == rendered for html in framed] == [True, True]
        assert "\x01" not in rendered

    def test_rows_that_nobody_fills_are_folded(self, site):
        html = page(site, PAIR)
        assert re.search(r'data-key="anthem" data-differs="false" hidden', html)
        assert not re.search(
            r'data-key="anthem" data-differs="false" hidden', page(site, PAIR + "?empty=shown")
        )

    def test_a_group_can_be_folded_by_its_link(self, site):
        html = page(site, PAIR + "?fold=geography")
        assert re.search(r'data-key="area" data-differs="true" hidden', html)
        assert 'aria-expanded="false"' in html

    def test_differences_only_leaves_what_differs_and_says_how_much_is_hidden(self, site):
        html = page(site, PAIR + "?only=differences")
        assert {differs for _, differs in rows(html)} == {"true"}
        everything = rows(page(site, PAIR))
        hidden = sum(differs == "false" for _, differs in everything)
        assert f"{hidden} equal rows hidden" in html

    def test_a_row_that_was_hidden_by_name_is_not_counted_twice(self, site):
        html = page(site, PAIR + "?only=differences&hide=continent")
        everything = rows(page(site, PAIR))
        hidden = sum(differs == "false" and key != "continent" for key, differs in everything)
        assert ("continent", "false") in everything
        assert re.search(rf"\b{hidden} equal rows? hidden", html)

    def test_adding_a_column_keeps_the_whole_view(self, site):
        html = page(site, PAIR + "?units=metric&hide=area&fold=geography&empty=shown")
        form = html[html.index('id="adder"') :]
        for name, value in (("units", "metric"), ("hide", "area"), ("fold", "geography"), ("empty", "shown")):
            assert f'name="{name}" value="{value}"' in form

    def test_hidden_rows_can_be_brought_back(self, site):
        html = page(site, PAIR + "?hide=area,nonsense")
        assert "area" not in dict(rows(html))
        assert "Hidden rows:" in html
        assert f'href="{PAIR}?hide=nonsense"' in html

    def test_columns_can_be_ordered_by_a_row(self, site):
        html = page(site, "/compare/austria/switzerland/hungary?sort=-area")
        assert re.findall(r'scope="col"[^>]*data-item="([^"]*)"', html) == [
            "hungary",
            "austria",
            "switzerland",
        ]

    def test_nonsense_options_are_named_and_passed_over(self, site):
        assert "furlongs" in page(site, PAIR + "?units=furlongs&only=x&sort=$where&hide=%00,,")

    def test_two_entries_without_any_fact_compare(self, site):
        assert '<table id="comparison"' in page(site, "/compare/甜豆腐脑/咸豆腐脑")

    def test_a_repeated_page_is_the_same_and_an_edit_is_seen(self, site, app):
        assert page(site, PAIR) == page(site, PAIR)
        with app.app_context():
            head = stores().items.find_by_slug("austria")
            changed = replace(head.with_attribute(number("Area", "1", "km²")), revision=2)
            stores().items.replace(head, changed)
        assert "83,871" not in page(site, PAIR)


def test_what_is_compared_often_is_popular(site, app):
    for path in ("/compare/hungary/austria", "/compare/austria/hungary", PAIR, PAIR + "?units=metric", PAIR):
        page(site, path)
    page(site, PAIR)
    with app.app_context():
        stores().views.flush()
    home = page(site, "/")
    popular = home[home.index('id="popular"') : home.index("</ul>", home.index('id="popular"'))]
    assert re.findall(r'href="(/compare/[^"]*)"', popular) == [PAIR, "/compare/austria/hungary"]


class TestHead:
    def test_title_description_canonical_and_picture(self, site):
        html = page(site, PAIR + "?only=differences")
        assert "<title>Austria vs Switzerland" in html
        assert re.search(rf'<link rel="canonical" href="http[^"]*{PAIR}">', html)
        assert re.search(rf'<meta property="og:image" content="http[^"]*{PAIR}\.png">', html)

    def test_json_ld_is_json_even_for_hostile_titles(self, site):
        html = page(site, "/compare/austria/hostile")
        data = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL).group(1)
        assert json.loads(data)["mainEntity"]["numberOfItems"] == 2

    def test_the_picture_is_a_png(self, site):
        response = site.get(PAIR + ".png")
        assert response.mimetype == "image/png"
        assert response.data.startswith(b"\x89PNG")
        assert site.get(PAIR + ".png", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


class TestAddresses:
    @pytest.mark.parametrize(
        ("path", "target"),
        [
            ("/compare/Austria/SWITZERLAND", PAIR),
            ("/compare/magyarország/austria?only=differences", "/compare/hungary/austria?only=differences"),
            ("/compare/austria/switzerland/austria", PAIR),
        ],
    )
    def test_other_spellings_lead_to_the_one_address(self, site, path, target):
        response = site.get(path)
        assert response.status_code in (301, 302)
        assert response.headers["Location"].endswith(target)

    @pytest.mark.parametrize("path", ["/compare/austria", "/compare/austria/austria"])
    def test_one_entry_asks_for_another(self, site, path):
        assert "Austria" in page(site, path, 400)

    def test_an_unknown_entry_is_named(self, site):
        assert "atlantis" in page(site, "/compare/austria/atlantis", 404)

    def test_nine_are_too_many_and_the_first_eight_are_offered(self, site):
        names = [f"land-{number}" for number in range(9)]
        html = page(site, "/compare/" + "/".join(names), 400)
        assert 'href="/compare/' + "/".join(names[:8]) + '"' in html


class TestFiles:
    def test_csv(self, site):
        response = site.get(PAIR + "?format=csv&only=differences")
        assert response.mimetype == "text/csv"
        assert response.text.splitlines()[0] == "Fact,Austria,Switzerland"
        assert "attachment" in response.headers["Content-Disposition"]

    def test_markdown(self, site):
        assert site.get(PAIR + "?format=markdown").text.startswith("| Fact | Austria | Switzerland |")

    def test_json(self, site):
        assert site.get(PAIR + "?format=json").json["items"][0]["slug"] == "austria"


class TestFreeText:
    @pytest.mark.parametrize(
        ("query", "target"),
        [
            ("Austria vs Switzerland", PAIR),
            ("austria PK SWITZERLAND", PAIR),
            (
                "甜豆腐脑pk咸豆腐脑",
                "/compare/%E7%94%9C%E8%B1%86%E8%85%90%E8%84%91/%E5%92%B8%E8%B1%86%E8%85%90%E8%84%91",
            ),
            ("austria vs switzerland vs Austria", PAIR),
        ],
    )
    def test_it_leads_to_the_comparison(self, site, query, target):
        response = site.get("/pk", query_string={"q": query})
        assert response.status_code == 302
        assert response.headers["Location"].endswith(target)

    def test_the_names_of_fields_lead_there_too(self, site):
        response = site.get("/pk?item=austria&item=Switzerland&units=metric")
        assert response.headers["Location"].endswith(PAIR + "?units=metric")

    def test_an_empty_query_leads_home(self, site):
        assert site.get("/pk?q=%20").headers["Location"] == "/"

    def test_an_unknown_name_is_said_and_can_be_created(self, site):
        html = page(site, "/pk?q=austria+vs+Atlantis", 404)
        assert "There is no entry “Atlantis”." in html
        assert "/items/new?title=Atlantis" in html

    def test_a_choice_and_the_picker_keep_the_view_that_was_asked_for(self, site):
        html = page(site, "/pk?q=mercury+vs+austria&only=differences&units=imperial&hide=area,coast")
        state = "only=differences&units=imperial&hide=area,coast"
        link = f"/pk?item=mercury-planet&item=austria&{state}"
        assert f'href="{link.replace("&", "&amp;")}"' in html
        assert '<input type="hidden" name="hide" value="area,coast">' in html
        assert site.get(link).headers["Location"].endswith(f"/compare/mercury-planet/austria?{state}")

    def test_several_meanings_are_a_choice_that_keeps_the_rest(self, site):
        html = page(site, "/pk?q=mercury+vs+austria")
        assert 'href="/pk?item=mercury-planet&amp;item=austria"' in html
        assert 'href="/pk?item=mercury-element&amp;item=austria"' in html

    def test_one_name_asks_for_another(self, site):
        assert "/item/austria" in page(site, "/pk?q=austria")

    @pytest.mark.parametrize(
        "query",
        [
            "x" * 10_000,
            "😀 vs 🚀",
            "שלום pk مرحبا",
            "(.*)+ vs [a",
            "$where / {}",
            "vs",
            "\x00 vs \ufffe",
            "a vs " * 300,
            "%s %(x)s vs {}",
        ],
    )
    def test_odd_text_gets_a_helpful_page(self, site, query):
        for path in ("/pk", "/compare"):
            assert site.get(
                path,
                query_string={
                    "q": query,
                },
            ).status_code in (200, 302, 400, 404)
