"""A visitor's way: the picker, the comparison, its views, and a link that shows the same."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, SCREENS, Site, faults_everywhere

Open = Callable[..., Page]

PAGES = {
    "home": "/",
    "comparison": "/compare/austria/switzerland",
    "differences": "/compare/gold/silver?only=differences&units=imperial",
    "different categories": "/compare/austria/gold",
    "entry": "/item/austria",
    "all entries": "/items",
    "category": "/category/chemical-elements?attr.density.gte=10&sort=-attr.density",
    "search": "/search?q=united",
    "search without result": "/search?q=swizerland",
    "changes": "/changes",
    "an unknown name": "/pk?q=austria+vs+swizerland",
    "an ambiguous name": "/pk?q=mercury+vs+gold",
    "not found": "/nothing-here",
    "log-in": "/users/login",
    "registration": "/users/register",
}


@SCREENS
def test_from_the_picker_to_a_shared_link(open_page: Open, screen) -> None:
    page = open_page("/", screen=screen)
    first, second = page.get_by_label("Entry 1", exact=True), page.get_by_label("Entry 2", exact=True)
    first.press_sequentially("austr")
    page.get_by_role("option", name=re.compile("^Austria")).click()
    expect(first).to_have_value("Austria")
    second.press_sequentially("switz")
    expect(page.get_by_role("option", name=re.compile("^Switzerland"))).to_be_visible()
    second.press("ArrowDown")
    second.press("Enter")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url("**/compare/austria/switzerland")
    rows = page.locator("#comparison tr[data-key]")
    assert rows.count() > 30

    page.get_by_role("link", name=re.compile("^Differences only")).click()
    page.wait_for_url("**only=differences*")
    expect(page.locator('#comparison tr[data-differs="false"]:visible')).to_have_count(0)
    expect(page.get_by_text(re.compile(r"\d+ equal rows? hidden")).first).to_be_attached()

    shared = open_page(page.url.removeprefix(page.url.split("/compare")[0]), screen=screen)
    keys = "rows => rows.map(row => row.dataset.key)"
    visible = "#comparison tr[data-key]:visible"
    assert shared.locator(visible).evaluate_all(keys) == page.locator(visible).evaluate_all(keys)

    page.go_back()
    page.wait_for_url("**/compare/austria/switzerland")
    expect(page.locator('#comparison tr[data-differs="false"]:visible')).not_to_have_count(0)


def test_chinese_names_are_suggested_by_their_inside(open_page: Open) -> None:
    page = open_page("/", locale="zh-CN")
    page.locator('input[name="item"]').first.press_sequentially("地利")
    expect(page.get_by_role("option").filter(has_text="Austria")).to_contain_text("国家和地区")
    page = open_page("/changes", locale="zh-CN")
    page.locator("#site-search").press_sequentially("地利")
    expect(page.get_by_role("option").filter(has_text="Austria")).to_contain_text("国家和地区")


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("austria vs switzerland", "/compare/austria/switzerland"),
        ("Python pk C++ pk Rust", "/compare/python/c-plus-plus/rust"),
        ("金 对比 银", "/compare/gold/silver"),
    ],
)
def test_free_text_leads_to_the_comparison(open_page: Open, typed: str, path: str) -> None:
    page = open_page("/")
    page.locator('main input[name="q"]').fill(typed)
    page.locator('main input[name="q"]').press("Enter")
    page.wait_for_url("**" + path)
    expect(page.locator("#comparison")).to_be_visible()


@SCREENS
def test_everything_works_without_javascript(open_page: Open, screen) -> None:
    page = open_page("/", screen=screen, java_script_enabled=False)
    page.get_by_label("Entry 1", exact=True).fill("gold")
    page.get_by_label("Entry 2", exact=True).fill("silver")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url("**/compare/gold/silver")
    page.get_by_role("link", name=re.compile("^Differences only")).click()
    expect(page.locator('#comparison tr[data-differs="false"]:visible')).to_have_count(0)
    page.get_by_role("link", name="Imperial").first.click()
    page.wait_for_url("**units=imperial*")


def test_the_names_stay_in_sight_and_the_header_stays_low(open_page: Open) -> None:
    page = open_page("/compare/austria/switzerland", screen=DESKTOP)
    page.mouse.wheel(0, 2500)
    expect(page.locator("#comparison tr[data-key]").first).not_to_be_in_viewport()
    header = page.locator('#comparison th[data-item="austria"]')
    box = header.bounding_box()
    assert 0 <= box["y"] < 100
    assert box["height"] <= 56


def test_two_columns_fit_a_phone(open_page: Open) -> None:
    page = open_page("/compare/austria/switzerland", screen=PHONE)
    for slug in ("austria", "switzerland"):
        box = page.locator(f'#comparison tr[data-key="population"] td[data-item="{slug}"]').bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"] + 1


def test_sources_open_by_keyboard(open_page: Open) -> None:
    page = open_page("/compare/austria/switzerland")
    cell = page.locator('#comparison tr[data-key="population"] td[data-item="austria"]')
    summary = cell.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(cell.get_by_role("link").first).to_be_visible()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_pages_are_accessible_and_fit(open_page: Open, path: str) -> None:
    assert faults_everywhere(open_page, path) == []


@pytest.mark.parametrize(
    "path", ["/", "/category/countries", "/item/austria", "/compare/austria/switzerland"]
)
def test_pages_are_light(browser: Browser, site: Site, path: str) -> None:
    # Not by open_page: what is counted is the first load of a new visitor, from its first byte.
    with browser.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        sizes: list[int] = []
        page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
        page.goto(site.url + path, wait_until="networkidle")
        assert len(sizes) <= 10
        assert sum(sizes) <= 150 * 1024


@SCREENS
def test_a_column_is_added_by_its_name(open_page: Open, screen) -> None:
    page = open_page("/compare/gold/silver?only=differences", screen=screen, locale="zh-CN")
    page.locator("[popovertarget=adder]:visible").first.click()
    page.locator("#adder-name").press_sequentially("platin")
    option = page.get_by_role("option", name=re.compile("^Platinum"))
    expect(option).to_contain_text("化学元素")
    option.click()
    page.wait_for_url("**/compare/gold/silver/platinum?only=differences")
