"""The comparison where it is hardest: eight columns of a hundred rows, tiny windows, other scripts, paper."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from app.domain.categories import Direction
from app.domain.items import Attribute, State
from app.domain.users import SYSTEM
from app.kinds.coordinates import Coordinates
from app.kinds.number import Quantity
from app.main.comparison_links import path_of
from app.services import items
from app.services.items import ItemDraft, Note
from tests.e2e.conftest import DESKTOP, PHONE, Site, overflow, too_wide
from tests.factories import make_attribute, make_category, make_property, make_source

Open = Callable[..., Page]

_ROWS = "each => Math.round(each.clientHeight / parseFloat(getComputedStyle(each).lineHeight))"
_BROKEN_WORDS = """table => {
  const broken = [];
  for (const name of table.querySelectorAll("tr[data-key] > th bdi")) {
    for (const word of name.textContent.matchAll(/[^\\s/-]+/g)) {
      const range = document.createRange();
      range.setStart(name.firstChild, word.index);
      range.setEnd(name.firstChild, word.index + word[0].length);
      const tops = [...range.getClientRects()].map((each) => Math.round(each.top));
      if (new Set(tops).size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""
_LINES_OF_THE_LAST_TWO = """each => {
  const text = each.firstChild;
  const tops = [1, 2].map((back) => {
    const range = document.createRange();
    range.setStart(text, text.length - back);
    range.setEnd(text, text.length - back + 1);
    return range.getBoundingClientRect().top;
  });
  return new Set(tops).size;
}"""
_LINES = """title => {
  const range = document.createRange();
  range.selectNodeContents(title);
  return new Set([...range.getClientRects()].map(rect => rect.top)).size;
}"""

# 1280 px at 400 %, of a window as high as it is on a desk (WCAG 2.2, 1.4.10).
ZOOMED = {"width": 320, "height": 256}
# What is left of A4 within its margins.
SHEET = {"width": 718, "height": 1000}
LOWEST_HEADER = 56
ROWS = 100
ARABIC = "مدينة على ضفاف النهر (تأسست عام 1990)"
TITLES = (
    "Extreme",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "طرف طويل جدا",
    "極端な長い名前の例",
    "E4 😀",
    "<b>E5</b>",
    "E6",
    "E7",
)


def _name(row: int) -> str:
    return f"Fact {row}" if row % 5 else f"A fact with quite a long name, number {row}, فصل"


def _value(row: int, column: int) -> tuple[str, object]:
    """Return kind and value of a cell: every ten rows repeat."""
    return [
        ("number", Quantity(Decimal(column + 1), "kg")),
        ("text", f"{ARABIC} {row}" if column % 2 else "שלום עולם, hello"),
        ("text", "W" * 400),
        ("list", tuple(f"member {number}" for number in range(column, column + 30))),
        ("number", Quantity(Decimal(10) ** (3 * column) * Decimal("1.5"), "m")),
        ("text", "Line of prose that goes on. " * 20),
        ("url", "https://example.org/" + "path/" * 40),
        ("boolean", column % 2 == 0),
        ("coordinates", Coordinates(Decimal(column), Decimal(-column))),
        ("color", "#1e90ff"),
    ][row % 10]


def _attribute(row: int, column: int) -> Attribute | None:
    """Return the fact of a cell; the last columns have the ways of having none."""
    kind, value = _value(row, column)
    if column < 5:
        more = {"note": ARABIC, "sources": (make_source(),), "verified_on": date(2024, 2, 29)}
        return make_attribute(_name(row), value, kind, **(more if row % 3 == 0 else {}))
    state = [State.NONE, State.UNKNOWN, State.NOT_APPLICABLE, None][(row + column) % 4]
    return make_attribute(_name(row), None, kind, state=state) if state else None


@pytest.fixture(scope="module")
def extreme(site: Site) -> Iterator[str]:
    """The comparison of eight entries with a hundred facts in ten groups; its entries go afterwards."""
    properties = [
        make_property(
            _name(row),
            _value(row, 0)[0],
            direction=Direction.HIGHER if row % 10 == 0 else Direction.NEUTRAL,
            group=f"Group {row // 10}",
        )
        for row in range(ROWS)
    ]
    site.stores.categories.put(make_category("Extremes", *properties))
    made = []
    for column, title in enumerate(TITLES):
        facts = filter(None, (_attribute(row, column) for row in range(ROWS)))
        draft = ItemDraft(title, "extremes", (), ARABIC, tuple(facts))
        made.append(items.create(site.stores, SYSTEM, draft, Note(datetime.now(UTC))))
    yield path_of([item.slug for item in made])
    for item in made:
        items.delete(site.stores, SYSTEM, item.id, Note(datetime.now(UTC)))


def _stuck(page: Page) -> list[float]:
    """Scroll far down and return top and height of the first name, and how far a label is from the left."""
    page.locator(".comparison-scroll").evaluate(
        "box => { box.scrollIntoView(); box.scrollBy(400, 3000); scrollBy(0, box.scrollTop ? 0 : 3000); }"
    )
    return page.evaluate(
        """() => {
          const name = document.querySelector('#comparison .names [data-item]').getBoundingClientRect();
          const labels = [...document.querySelectorAll('#comparison .fact th')];
          const seen = labels.map((each) => each.getBoundingClientRect()).find((box) => box.top > 60);
          return [name.top, name.height, seen.left];
        }"""
    )


@pytest.mark.parametrize("screen", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "400 %"])
def test_eight_columns_of_a_hundred_rows_scroll_in_one_box_with_names_and_labels_in_sight(
    open_page: Open, extreme: str, screen
) -> None:
    page = open_page(extreme, screen=screen, reduced_motion="reduce")
    assert page.locator("#comparison td[data-item]").count() == len(TITLES) * ROWS
    assert overflow(page) == 0
    top, height, left = _stuck(page)
    assert 0 <= top < 100
    assert height <= LOWEST_HEADER
    assert 0 <= left < 100
    last = page.locator(f'#comparison th[scope="col"]:nth-of-type({len(TITLES)})')
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    assert overflow(page) == 0


# The numbers in cells, up to their unit, that take more than one line.
_BROKEN = """() => [...document.querySelectorAll('.numeric [data-state="value"] bdi')].filter((each) => {
  const number = document.createRange();
  number.setStart(each.firstChild, 0);
  number.setEnd(each.firstChild, each.textContent.search(/ |$/));
  return number.getClientRects().length > 1;
}).map((each) => each.textContent)"""


@pytest.mark.parametrize("count", [8, 4, 3, 2])
def test_no_number_breaks_in_its_middle(open_page: Open, extreme: str, count: int) -> None:
    _, _, *slugs = extreme.split("/")
    # The fifth has numbers of 13 digits.
    page = open_page("/".join(["/compare", slugs[4], *slugs[:4], *slugs[5:]][: count + 1]))
    expect(page.get_by_text("1,500,000,000,000").first).to_be_attached()
    for width in (1280, 1024, 800, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(_BROKEN) == []
        assert overflow(page) == 0


@pytest.fixture(scope="module")
def one_word(site: Site) -> Iterator[list[str]]:
    """The addresses of whatever shows entries whose names are one endless word each."""
    word = "W" * 80
    weight = make_property(word, "number", direction=Direction.HIGHER, group=f"{word} group")
    category = make_category(f"{word} things", weight, make_property(f"{word} prose", "text"))
    site.stores.categories.put(category)
    facts = (
        make_attribute(word, Quantity(Decimal("1234567890123.25"), "kg"), "number", note=word),
        make_attribute(f"{word} prose", word * 5, sources=(make_source(title=word),)),
        make_attribute("Parts", (word, f"{word} 2"), "list"),
    )
    made = []
    for number in range(2):
        draft = ItemDraft(f"{word} {number}", category.slug, (f"{word} alias {number}",), word, facts)
        made.append(items.create(site.stores, SYSTEM, draft, Note(datetime.now(UTC), word)))
    first, second = (item.slug for item in made)
    entry = f"/item/{first}"
    browsed = ["/", "/items", f"/category/{category.slug}", "/changes", f"/search?q={word}"]
    yield [*browsed, entry, f"{entry}/history", path_of([first, second]), f"/pk?q={word}+vs+gold"]
    for item in made:
        items.delete(site.stores, SYSTEM, item.id, Note(datetime.now(UTC)))


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_names_of_one_endless_word_widen_no_page(
    open_page: Open, site: Site, one_word: list[str], width: int
) -> None:
    page = open_page(one_word[0], screen={"width": width, "height": 900}, reduced_motion="reduce")
    for path in one_word:
        page.goto(site.url + path)
        assert overflow(page) == 0, (path, too_wide(page))


@pytest.mark.parametrize("width", [768, 1024, 1280])
@pytest.mark.parametrize("path", ["/compare/austria/switzerland", "/compare/liechtenstein/austria/germany"])
def test_the_names_of_columns_break_in_no_word(open_page: Open, path: str, width: int) -> None:
    page = open_page(path, screen={"width": width, "height": 900})
    for title in page.locator(".column-title").all():
        assert title.evaluate(_LINES) == 1, title.inner_text()
    assert page.locator(".names").bounding_box()["height"] <= LOWEST_HEADER


def test_a_list_breaks_no_word_that_has_room(open_page: Open) -> None:
    page = open_page("/category/countries", screen=PHONE)
    name = page.locator("#items").get_by_role("link", name="Afghanistan", exact=True)
    assert name.evaluate("link => link.getClientRects().length") == 1


@pytest.mark.parametrize("width", [390, 768])
def test_members_of_lists_break_in_no_word(open_page: Open, width: int) -> None:
    page = open_page("/compare/germany/france/italy", screen={"width": width, "height": 900})
    members = page.locator('[data-key="neighbours"] .value-list > li:visible')
    assert members.count() > 10
    assert [each.inner_text() for each in members.all() if each.evaluate(_ROWS) > 1] == []


@pytest.mark.parametrize("path", ["/item/austria", "/item/python", "/item/gpt-4"])
@pytest.mark.parametrize("width", [320, 390])
def test_names_of_facts_break_in_no_word(open_page: Open, path: str, width: int) -> None:
    page = open_page(path, screen={"width": width, "height": 844})
    assert page.locator("#attributes").evaluate(_BROKEN_WORDS) == []


def test_no_unit_of_two_characters_breaks_between_them(open_page: Open) -> None:
    page = open_page("/compare/gpt-4/claude-opus-4/gpt-4o/llama-3-8b", locale="zh-CN")
    unit = page.locator('[data-key="context-window-by-provider"] .value bdi').first
    assert unit.inner_text().endswith(" 词元")
    assert unit.evaluate(_LINES_OF_THE_LAST_TWO) == 1


@pytest.mark.parametrize("path", ["/compare/austria/switzerland", "/compare/austria/gold"])
def test_two_columns_are_compared_at_400_percent(open_page: Open, path: str) -> None:
    page = open_page(path, screen=ZOOMED, reduced_motion="reduce")
    assert overflow(page) == 0
    top, height, _ = _stuck(page)
    assert 0 <= top < 1
    assert height <= LOWEST_HEADER
    for cell in page.locator("#comparison .fact >> nth=20").locator("td").all():
        box = cell.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= ZOOMED["width"]


def test_without_colours_of_its_own_the_page_still_says_what_is_best_chosen_and_common(
    open_page: Open, extreme: str
) -> None:
    page = open_page(extreme, forced_colors="active")
    best = page.locator("#comparison [data-best] .best").first
    expect(best).to_have_text("best")
    assert _style(best, "border-top-style") == "solid"
    units = page.get_by_role("navigation", name="Units")
    assert _style(units.locator("[aria-current]"), "border-top-width") == "2px"
    assert _style(units.locator("a:not([aria-current])").first, "border-top-width") == "1px"
    common = page.locator("#comparison .is-common").first
    assert _style(common, "content", "::before").startswith('"=')
    expect(page.locator("#comparison .sign").first).to_have_text("≠")
    bar = page.locator("#comparison .bar").first
    assert _style(bar, "border-top-style") == "solid"


def test_values_run_in_the_direction_of_their_script(open_page: Open, extreme: str) -> None:
    page = open_page(extreme)
    cell = page.locator('#comparison tr[data-key="fact-1"] td[data-item="e4"]')
    assert page.locator("html").evaluate("each => getComputedStyle(each).direction") == "ltr"
    for words in (cell.locator("bdi"), page.locator("#comparison .column-summary").first):
        assert _style(words, "direction") == "rtl"
        assert _style(words, "display") != "inline"
    note = page.locator("#comparison .evidence-text [dir=auto]").first
    assert _style(note, "direction") == "rtl"
    # The isolated title leaves the order of its neighbours alone.
    lefts = page.locator("#comparison .names [data-item]").evaluate_all(
        "all => all.map((each) => each.getBoundingClientRect().left)"
    )
    assert lefts == sorted(lefts)


def test_paper_gets_the_whole_table(open_page: Open, extreme: str) -> None:
    page = open_page(f"{extreme}?fold=group-0,group-3", screen=SHEET)
    page.emulate_media(media="print")
    rows = page.locator("#comparison tr[data-key]")
    shown = rows.evaluate_all("all => all.filter((row) => row.getBoundingClientRect().height > 0).length")
    assert shown == rows.count() == ROWS
    assert overflow(page) == 0
    box = page.locator(".comparison-scroll")
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    assert _style(box, "overflow-y") == "visible"
    assert _style(box, "max-height") == "none"
    expect(page.locator("#comparison .tool:visible")).to_have_count(0)
    expect(page.get_by_role("search")).to_have_count(0)


def test_paper_is_light_also_for_who_prefers_the_dark(open_page: Open) -> None:
    page = open_page("/compare/austria/switzerland", screen=SHEET, color_scheme="dark")
    root = page.locator(":root")
    on_screen = _style(root, "--surface")
    page.emulate_media(media="print", color_scheme="dark")
    assert (_style(root, "--surface"), on_screen) == ("#ffffff", "#1d1f1c")
    assert _style(page.locator("#comparison td").first, "background-color") == "rgb(255, 255, 255)"


def test_rows_that_nobody_fills_are_printed_too(open_page: Open) -> None:
    page = open_page("/compare/austria/gold?fold=overview", screen=SHEET)
    page.emulate_media(media="print")
    expect(page.locator("#comparison tr[data-key]:visible")).to_have_count(
        page.locator("#comparison tr[data-key]").count()
    )


def _style(element: Locator, name: str, pseudo: str | None = None) -> str:
    return element.evaluate(
        "(each, [name, pseudo]) => getComputedStyle(each, pseudo).getPropertyValue(name)", [name, pseudo]
    )
