"""An editor's way: creating, filling, mending, meeting others, going back; with a script and without."""

import io
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from PIL import Image
from playwright.sync_api import Dialog, Locator, Page, Route, expect

from app.domain.items import Attribute, Item
from app.domain.users import SYSTEM, Role
from app.kinds.number import Quantity
from app.services import items, moderation
from app.services.items import ItemDraft, Note
from tests.e2e.conftest import (
    DESKTOP,
    MEMBERS,
    PHONE,
    PICTURES,
    SCREENS,
    Site,
    faults_everywhere,
    overflow,
    ready,
    violations,
)
from tests.factories import make_attribute, make_category, make_property
from tests.people import make_user

Open = Callable[..., Page]


def _png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(content, "PNG")
    return content.getvalue()


PNG = _png()
UPLOAD = {"name": "tofu.png", "mimeType": "image/png", "buffer": PNG}


def _pick_stars(form: Locator) -> None:
    form.get_by_role("radio", name="3.5", exact=True).focus()
    form.page.keyboard.press("Space")
    form.page.keyboard.press("ArrowRight")
    expect(form.get_by_role("radio", name="4", exact=True)).to_be_checked()


def _pick_elements(form: Locator) -> None:
    form.get_by_label("Elements").press_sequentially("silken, firm,smoked")
    form.get_by_label("Elements").press("Enter")
    form.get_by_role("button", name="Remove firm").click()


def _pick_entry(form: Locator) -> None:
    form.get_by_label("Entry").press_sequentially("austr")
    form.page.get_by_role("option", name=re.compile("^Austria")).click()


def _link(form: Locator) -> None:
    form.get_by_label("Address", exact=True).fill("https://example.org/tofu")


def _picture_elsewhere(form: Locator) -> None:
    form.get_by_label("Address of the picture").fill(PICTURES + "tofu.png")
    form.get_by_label("What it shows").fill("a block of tofu")


def _picture_uploaded(form: Locator) -> None:
    form.get_by_label("or upload one").set_input_files(UPLOAD)
    expect(form.get_by_label("Address of the picture")).to_have_value(re.compile("^[0-9a-f]{24}$"))
    form.get_by_label("What it shows").fill("the same block")


def _amount(form: Locator, text: str, unit: str, label: str = "Unit") -> None:
    form.get_by_label("Value", exact=True).fill(text)
    form.get_by_label(label).fill(unit)


# Name, kind, what a person does in the widget, and what the row then shows.
FACTS = [
    ("Taste", "text", lambda form: form.get_by_label("Value", exact=True).fill("mild"), "mild"),
    ("Weight", "number", lambda form: _amount(form, "8.85", "kg"), "8.85 kg"),
    ("Height", "range", lambda form: _amount(form, "10–12.5", "cm"), "12.5 cm"),
    ("Price", "money", lambda form: _amount(form, "19.99", "EUR", "Currency"), "19.99"),
    ("First made", "date", lambda form: form.get_by_label("Date").fill("2021-07"), "2021"),
    ("Vegan", "boolean", lambda form: form.get_by_label("Yes").check(), "Yes"),
    ("Our verdict", "rating", _pick_stars, ""),
    ("Sorts", "list", _pick_elements, "silken"),
    ("Made in", "reference", _pick_entry, "Austria"),
    (
        "Website",
        "url",
        _link,
        "example.org",
    ),
    ("Picture", "image", _picture_elsewhere, ""),
    ("Second picture", "image", _picture_uploaded, ""),
    ("Colour", "color", lambda form: form.get_by_label("Colour", exact=True).fill("#ff8800"), "#ff8800"),
    ("Place", "coordinates", lambda form: form.get_by_label("Latitude").fill("48.2, 16.37"), "48.2"),
]


def title() -> str:
    """Return one that is like no other, or the site would ask whether it is the same thing."""
    return uuid.uuid4().hex


def make_entry(site: Site, *attributes: Attribute, category: str = "") -> Item:
    draft = ItemDraft(title(), category, attributes=attributes)
    return items.create(site.stores, make_user("Ida").actor, draft, Note(datetime.now(UTC)))


def two_facts(site: Site) -> Item:
    return make_entry(site, make_attribute("Taste", "mild"), make_attribute("Origin", "north"))


def head(site: Site, item: Item) -> Item:
    return site.stores.items.get(item.id)


def path(item: Item) -> str:
    return f"/item/{item.slug}"


def the_form(page: Page) -> Locator:
    return page.locator("form[data-attribute-form]")


def row(page: Page, key: str) -> Locator:
    return page.locator(f'#attributes tr[data-key="{key}"]')


def keys(page: Page) -> list[str]:
    return page.locator("#attributes tr[data-key]").evaluate_all("rows => rows.map(r => r.dataset.key)")


def choose_kind(page: Page, kind: str, label: str = "Kind") -> Locator:
    form = the_form(page)
    if form.get_attribute("data-kind") != kind:
        form.get_by_label(label).select_option(kind)
        page.locator(f'form[data-attribute-form][data-kind="{kind}"]').wait_for()
    return form


def add_fact(page: Page, name: str, kind: str, fill: Callable[[Locator], object]) -> None:
    page.get_by_role("link", name="Add a fact").click()
    the_form(page).get_by_label("Name", exact=True).fill(name)
    form = choose_kind(page, kind)
    fill(form)
    save(page)


def save(page: Page) -> None:
    the_form(page).get_by_role("button", name="Save").click()
    expect(the_form(page)).to_have_count(0)


def edit(page: Page, name: str) -> Locator:
    page.get_by_role("link", name=f"Edit: {name}", exact=True).click()
    form = the_form(page)
    form.wait_for()
    return form


def open_moves(page: Page, name: str) -> None:
    """Bring out what moves a row, where a narrow screen keeps it behind a button."""
    more = page.get_by_role("button", name=f"Move: {name}", exact=True)
    if more.count():
        more.click()


def toast(page: Page) -> Locator:
    return page.locator("[data-toast]")


def answer_pictures(page: Page) -> None:
    page.context.route(PICTURES + "**", lambda route: route.fulfill(body=PNG, content_type="image/png"))


def create(page: Page, name: str, category: str = "") -> None:
    page.get_by_label("Title").fill(name)
    page.get_by_label("Category").fill(category)
    page.locator("main").get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@SCREENS
def test_an_entry_with_a_fact_of_every_kind_without_a_reload(open_page: Open, screen) -> None:
    page = open_page("/items/new", screen=screen, member=Role.EDITOR)
    answer_pictures(page)
    create(page, title(), "Foods")
    ready(page)
    page.evaluate("window.sameDocument = true")
    for name, kind, fill, shown in FACTS:
        add_fact(page, name, kind, fill)
        added = page.locator("#attributes tr[data-key]").filter(has_text=name).last
        expect(added).to_have_attribute("data-kind", kind)
        expect(added).to_contain_text(shown)
    expect(page.locator("#attributes tr[data-key]")).to_have_count(len(FACTS))
    expect(page.locator("#attributes").get_by_role("link", name="Austria")).to_be_visible()
    # The table is exchanged once more after the last fact.
    page.wait_for_load_state("networkidle")
    for picture in page.locator("#attributes img").all():
        picture.evaluate("each => each.scrollIntoView()")
        expect(picture).to_have_js_property("naturalWidth", 8)
    expect(row(page, "sorts")).not_to_contain_text("firm")
    assert page.evaluate("window.sameDocument") is True
    assert overflow(page) == 0
    assert violations(page) == []


@SCREENS
def test_mending_moving_deleting_and_undoing(open_page: Open, site: Site, screen) -> None:
    item = make_entry(site, *(make_attribute(name, "as it was") for name in ("Taste", "Origin", "Smell")))
    page = open_page(path(item), screen=screen, member=Role.EDITOR)
    page.evaluate("window.sameDocument = true")
    form = edit(page, "Taste")
    form.get_by_label("Value", exact=True).fill("nutty")
    save(page)
    expect(row(page, "taste")).to_contain_text("nutty")
    expect(toast(page)).to_contain_text("Saved: Taste")
    expect(page.get_by_role("link", name="Edit: Taste")).to_be_focused()

    open_moves(page, "Taste")
    page.get_by_role("button", name="Move down: Taste").click()
    expect(toast(page)).to_contain_text("Taste is now row 2.")
    assert keys(page) == ["origin", "taste", "smell"]
    open_moves(page, "Smell")
    page.get_by_role("button", name="Move up: Smell").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(toast(page)).to_contain_text("Smell is now row 2.")
    assert keys(page) == ["origin", "smell", "taste"]

    edit(page, "Smell").get_by_role("button", name="Delete").click()
    expect(toast(page)).to_contain_text("Deleted: Smell")
    expect(row(page, "smell")).to_have_count(0)
    toast(page).get_by_role("button", name="Undo").click()
    expect(toast(page)).to_contain_text("Undone.")
    expect(row(page, "smell")).to_contain_text("as it was")
    assert page.evaluate("window.sameDocument") is True
    assert [attribute.key for attribute in head(site, item).attributes] == ["origin", "smell", "taste"]


@SCREENS
def test_a_value_is_read_back_and_what_is_refused_stands_beside_the_field(
    open_page: Open, site: Site, screen
) -> None:
    page = open_page(path(make_entry(site)), screen=screen, member=Role.EDITOR)
    page.get_by_role("link", name="Add a fact").click()
    form = choose_kind(page, "number")
    form.get_by_label("Name", exact=True).fill("Weight")
    form.get_by_label("Value", exact=True).fill("8.85")
    form.get_by_label("Unit").fill("kg")
    expect(form.locator("[data-read-back]")).to_have_text(re.compile(r"^8\.85 kg = 19\.5\d* lb$"))
    form.get_by_label("Value", exact=True).fill("heavy")
    form.get_by_role("button", name="Save").click()
    field = form.get_by_label("Value", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_value("heavy")
    assert violations(page) == []


@SCREENS
def test_a_lost_connection_loses_nothing(open_page: Open, site: Site, screen) -> None:
    item = two_facts(site)
    page = open_page(path(item), screen=screen, member=Role.EDITOR)
    form = edit(page, "Taste")
    form.get_by_label("Value", exact=True).fill("typed on a train")
    page.context.set_offline(True)
    form.get_by_role("button", name="Save").click()
    expect(toast(page)).to_contain_text("The connection is lost.")
    expect(form.get_by_label("Value", exact=True)).to_have_value("typed on a train")
    page.context.set_offline(False)
    toast(page).get_by_role("button", name="Try again").click()
    expect(row(page, "taste")).to_contain_text("typed on a train")
    assert head(site, item).find_attribute("taste").value == "typed on a train"


@SCREENS
def test_a_draft_survives_a_reload_and_leaving_asks_first(open_page: Open, site: Site, screen) -> None:
    item = two_facts(site)
    page = open_page(path(item), screen=screen, member=Role.EDITOR)
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    edit(page, "Taste").get_by_label("Value", exact=True).fill("mild but")
    wait_for_draft(page)
    page.reload()
    ready(page)
    assert asked == ["beforeunload"]
    expect(the_form(page).get_by_label("Value", exact=True)).to_have_value("mild but")
    expect(toast(page)).to_contain_text("What you typed before is back")
    save(page)
    expect(row(page, "taste")).to_contain_text("mild but")
    page.reload()
    ready(page)
    expect(the_form(page)).to_have_count(0)
    assert asked == ["beforeunload"]


def wait_for_draft(page: Page) -> None:
    """Wait until the browser has kept what was typed, which it does after a moment of quiet."""
    for _ in range(600):
        if page.evaluate("Object.keys(localStorage).length"):
            return
        page.wait_for_timeout(50)
    pytest.fail("no draft was kept")


def lose_the_next(page: Page, pattern: str) -> None:
    """Let the next form that is sent there never arrive."""
    lost: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.fulfill(status=502, body="The gateway is away.", content_type="text/plain")
        else:
            route.fallback()

    page.route(pattern, answer)


PLAIN_FORMS = {
    "fact": ("/attributes/taste/edit", "**/attributes/taste", "Value"),
    "entry": ("/edit", "**/edit", "Summary"),
}


@pytest.mark.parametrize(("form", "sent_to", "label"), PLAIN_FORMS.values(), ids=PLAIN_FORMS.keys())
def test_a_form_on_its_own_page_keeps_its_draft_until_it_is_stored(
    open_page: Open, site: Site, form: str, sent_to: str, label: str
) -> None:
    item = two_facts(site)
    page = open_page(path(item) + form, member=Role.EDITOR)
    page.get_by_label(label, exact=True).fill("typed for an hour")
    lose_the_next(page, sent_to)
    page.locator("main").get_by_role("button", name="Save").click()
    page.get_by_text("The gateway is away.").wait_for()
    page.goto(site.url + path(item) + form)
    ready(page)
    expect(page.get_by_label(label, exact=True)).to_have_value("typed for an hour")
    expect(page.locator("[data-status]")).to_contain_text("What you typed before is back")
    assert violations(page) == []
    page.locator("main").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    ready(page)
    expect(the_form(page)).to_have_count(0)
    page.goto(site.url + path(item) + form)
    ready(page)
    expect(page.locator("[data-status]")).to_be_empty()


def test_a_draft_is_its_users_alone(open_page: Open, site: Site, cookies) -> None:
    item = two_facts(site)
    page = open_page(path(item), member=Role.EDITOR)
    edit(page, "Taste").get_by_label("Value", exact=True).fill("a thought of Ida's")
    wait_for_draft(page)
    for member, forms in ((Role.MODERATOR, 0), (Role.EDITOR, 1)):
        page.context.clear_cookies()
        page.context.add_cookies(cookies(member)["cookies"])
        page.goto(site.url + path(item))
        ready(page)
        expect(the_form(page)).to_have_count(forms)
    expect(the_form(page).get_by_label("Value", exact=True)).to_have_value("a thought of Ida's")


def the_held(page: Page, held: list[Route]) -> Route:
    """Return the one request that is held back, once it was sent."""
    for _ in range(600):
        if held:
            break
        page.wait_for_timeout(50)
    [route] = held
    return route


@SCREENS
def test_a_save_leaves_the_focus_where_the_editor_went_meanwhile(open_page: Open, site: Site, screen) -> None:
    page = open_page(path(two_facts(site)), screen=screen, member=Role.EDITOR)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if route.request.method == "PATCH" else route.continue_()

    page.route("**/attributes/taste", hold)
    first = edit(page, "Taste")
    first.get_by_label("Value", exact=True).fill("nutty")
    first.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Edit: Origin", exact=True).click()
    second = page.locator('form[data-key="origin"]')
    second.get_by_label("Value", exact=True).fill("so")
    the_held(page, held).continue_()
    expect(toast(page)).to_contain_text("Saved: Taste")
    expect(row(page, "taste")).to_contain_text("nutty")
    page.keyboard.type("uth")
    expect(second.get_by_label("Value", exact=True)).to_have_value("south")


def test_what_is_on_its_way_cannot_be_typed_into_and_a_failure_gives_the_focus_back(
    open_page: Open, site: Site
) -> None:
    page = open_page(path(two_facts(site)), member=Role.EDITOR)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if route.request.method == "PATCH" else route.continue_()

    page.route("**/attributes/taste", hold)
    form = edit(page, "Taste")
    form.get_by_label("Value", exact=True).fill("nutty")
    form.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    route = the_held(page, held)
    expect(form).to_have_js_property("inert", True)
    route.abort()
    expect(toast(page)).to_contain_text("The connection is lost.")
    expect(form).to_have_js_property("inert", False)
    expect(form.get_by_role("button", name="Save")).to_be_focused()


@SCREENS
def test_what_is_refused_of_a_form_as_a_whole_is_seen_and_what_was_typed_outlives_a_log_out(
    open_page: Open, site: Site, screen
) -> None:
    item = two_facts(site)
    page = open_page(path(item), screen=screen, member=Role.EDITOR)
    page.on("dialog", lambda dialog: dialog.accept())
    form = edit(page, "Taste")
    form.get_by_label("Value", exact=True).fill("typed before")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    form.get_by_role("button", name="Save").click()
    told = form.locator('[data-path=""] [data-error]')
    expect(told).to_contain_text("What you typed is kept")
    expect(told).to_be_focused()
    expect(told).to_be_in_viewport()
    expect(toast(page)).to_be_empty()
    assert violations(page) == []
    page.context.add_cookies(cookies)
    page.reload()
    ready(page)
    expect(the_form(page).get_by_label("Value", exact=True)).to_have_value("typed before")
    save(page)
    expect(row(page, "taste")).to_contain_text("typed before")


@SCREENS
def test_undoing_and_the_work_of_others_leave_the_focus_at_its_row(
    open_page: Open, site: Site, screen
) -> None:
    item = make_entry(site, *(make_attribute(name, "as it was") for name in ("Taste", "Origin", "Smell")))
    page = open_page(path(item), screen=screen, member=Role.EDITOR)
    link = page.get_by_role("link", name="Edit: Smell", exact=True)
    theirs = _with(make_attribute("Origin", "changed by others"))
    items.edit(site.stores, SYSTEM, item.id, theirs, Note(datetime.now(UTC)))
    link.focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(row(page, "origin")).to_contain_text("changed by others")
    expect(link).to_be_focused()
    toast(page).get_by_role("button", name="Undo").press("Enter")
    expect(toast(page)).to_contain_text("Undone.")
    expect(link).to_be_focused()
    edit(page, "Smell").get_by_role("button", name="Delete").click()
    toast(page).get_by_role("button", name="Undo").press("Enter")
    expect(toast(page)).to_contain_text("Undone.")
    expect(link).to_be_focused()


def test_what_is_typed_while_another_kind_is_fetched_is_kept_and_the_focus_stays(
    open_page: Open, site: Site
) -> None:
    page = open_page(path(make_entry(site)), member=Role.EDITOR)
    page.get_by_role("link", name="Add a fact").click()
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        route.continue_() if held else held.append(route)

    page.route("**/attributes", hold_first)
    the_form(page).get_by_label("Kind").select_option("number")
    the_form(page).get_by_label("Name", exact=True).press_sequentially("Weight")
    the_held(page, held).continue_()
    form = page.locator('form[data-attribute-form][data-kind="number"]')
    expect(form.get_by_label("Name", exact=True)).to_have_value("Weight")
    page.keyboard.type(" of it")
    expect(form.get_by_label("Name", exact=True)).to_have_value("Weight of it")
    # By the keyboard one goes through the kinds one after the other.
    form.get_by_label("Kind").focus()
    page.keyboard.press("ArrowDown")
    page.locator('form[data-attribute-form][data-kind="range"]').wait_for()
    expect(the_form(page).get_by_label("Kind")).to_be_focused()


def test_an_untouched_form_gives_way_to_another_empty_row_and_a_touched_one_says_why_not(
    open_page: Open, site: Site
) -> None:
    # Its own: categories outlive the test.
    name = title()
    site.stores.categories.insert(
        make_category(name, *(make_property(each, "text") for each in ("Taste", "Smell", "Sound")))
    )
    page = open_page(path(make_entry(site, category=name)), member=Role.EDITOR)
    for wanted in ("Taste", "Smell"):
        page.get_by_role("link", name=f"Fill in: {wanted}").click()
        expect(the_form(page).get_by_label("Name", exact=True)).to_have_value(wanted)
    the_form(page).get_by_label("Value", exact=True).fill("of beans")
    page.get_by_role("link", name="Fill in: Sound").click()
    expect(toast(page)).to_contain_text("Please save or cancel this one first.")
    expect(the_form(page).get_by_label("Name", exact=True)).to_be_focused()
    expect(the_form(page).get_by_label("Value", exact=True)).to_have_value("of beans")


def drag_by_mouse(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def drag_by_finger(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", start)
    for part in (0.3, 0.6, 1):
        touch("touchMove", (start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])))
    touch("touchEnd")


@pytest.mark.parametrize(
    ("screen", "drag", "options"),
    [(DESKTOP, drag_by_mouse, {}), (PHONE, drag_by_finger, {"has_touch": True, "is_mobile": True})],
    ids=["1280", "390"],
)
def test_rows_are_dragged_by_mouse_and_by_finger(
    open_page: Open, site: Site, screen, drag, options: dict[str, bool]
) -> None:
    item = make_entry(site, *(make_attribute(name, "as it was") for name in ("Taste", "Origin", "Smell")))
    page = open_page(path(item), screen=screen, member=Role.EDITOR, **options)
    open_moves(page, "Taste")
    handle = row(page, "taste").locator(".drag-handle")
    row(page, "smell").scroll_into_view_if_needed()
    start, last = handle.bounding_box(), row(page, "smell").bounding_box()
    assert min(start["width"], start["height"]) >= (44 if options else 24)
    middle = start["x"] + start["width"] / 2
    drag(page, (middle, start["y"] + 12), (middle, last["y"] + last["height"] - 4))
    expect(toast(page)).to_contain_text("Taste is now row 3.")
    assert keys(page) == ["origin", "smell", "taste"]
    assert [attribute.key for attribute in head(site, item).attributes] == keys(page)


@SCREENS
def test_editors_of_different_facts_both_succeed(open_page: Open, site: Site, screen) -> None:
    item = two_facts(site)
    mine = open_page(path(item), screen=screen, member=Role.EDITOR)
    theirs = open_page(path(item), screen=screen, member=Role.MODERATOR)
    edit(mine, "Taste").get_by_label("Value", exact=True).fill("mine")
    edit(theirs, "Origin").get_by_label("Value", exact=True).fill("theirs")
    save(theirs)
    expect(row(theirs, "origin")).to_contain_text("theirs")
    save(mine)
    expect(toast(mine)).to_contain_text("Others changed other parts of this entry meanwhile")
    expect(row(mine, "taste")).to_contain_text("mine")
    expect(row(mine, "origin")).to_contain_text("theirs")
    assert head(site, item).revision == 3


@pytest.mark.parametrize(("screen", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["1280", "390"])
def test_editors_of_one_fact_see_all_three_sides_and_nothing_is_lost(
    open_page: Open, site: Site, screen, scheme: str
) -> None:
    item = two_facts(site)
    mine = open_page(path(item), screen=screen, color_scheme=scheme, member=Role.EDITOR)
    theirs = open_page(path(item), member=Role.MODERATOR)
    edit(mine, "Taste").get_by_label("Value", exact=True).fill("of beans")
    edit(theirs, "Taste").get_by_label("Value", exact=True).fill("of nuts")
    save(theirs)
    expect(row(theirs, "taste")).to_contain_text("of nuts")
    the_form(mine).get_by_role("button", name="Save").click()
    dialog = mine.get_by_role("dialog", name="Two edits met")
    sides = dialog.locator(".sides dd")
    expect(sides).to_contain_text(["mild", "of nuts", "of beans"])
    expect(dialog.get_by_label("Value", exact=True)).to_have_value("of beans")
    assert violations(mine) == []
    assert overflow(mine) == 0
    dialog.get_by_label("Value", exact=True).fill("of beans and nuts")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(row(mine, "taste")).to_contain_text("of beans and nuts")
    assert [r.item.find_attribute("taste").value for r in _revisions(site, item)] == [
        "of beans and nuts",
        "of nuts",
        "mild",
    ]


@SCREENS
def test_whoever_keeps_theirs_goes_on_at_its_row(open_page: Open, site: Site, screen) -> None:
    item = two_facts(site)
    page = open_page(path(item), screen=screen, member=Role.EDITOR)
    edit(page, "Origin").get_by_label("Value", exact=True).fill("south")
    theirs = _with(make_attribute("Origin", "west"))
    items.edit(site.stores, SYSTEM, item.id, theirs, Note(datetime.now(UTC)))
    the_form(page).get_by_role("button", name="Save").click()
    page.get_by_role("dialog").get_by_role("link", name="Keep theirs").press("Enter")
    expect(row(page, "origin")).to_contain_text("west")
    expect(page.get_by_role("link", name="Edit: Origin", exact=True)).to_be_focused()


def test_a_conflict_waits_for_whoever_is_at_work_in_another_form(open_page: Open, site: Site) -> None:
    item = two_facts(site)
    mine = open_page(path(item), member=Role.EDITOR)
    edit(mine, "Taste").get_by_label("Value", exact=True).fill("of beans")
    theirs = ItemDraft(item.title, attributes=(make_attribute("Taste", "of nuts"), item.attributes[1]))
    items.edit(site.stores, SYSTEM, item.id, items.replaced_by(theirs), Note(datetime.now(UTC)))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if route.request.method == "PATCH" else route.continue_()

    mine.route("**/attributes/taste", hold)
    the_form(mine).get_by_role("button", name="Save").click()
    mine.get_by_role("link", name="Edit: Origin", exact=True).click()
    origin = mine.locator('form[data-key="origin"]').get_by_label("Value", exact=True)
    origin.fill("so")
    the_held(mine, held).continue_()
    expect(mine.locator(".sides dd")).to_contain_text(["mild", "of nuts", "of beans"])
    mine.keyboard.type("uth")
    expect(origin).to_have_value("south")
    assert violations(mine) == []
    toast(mine).get_by_role("button", name="Show").click()
    expect(mine.get_by_role("heading", name="Two edits met")).to_be_focused()
    mine.unroute("**/attributes/taste")
    mine.locator('form[data-key="taste"]').get_by_role("button", name="Save").click()
    expect(row(mine, "taste")).to_contain_text("of beans")
    expect(origin).to_have_value("south")


def _revisions(site: Site, item: Item):
    return site.stores.items.whole_revisions(item.id, None, 10)


@SCREENS
def test_reading_the_history_undoing_and_reverting(open_page: Open, site: Site, screen) -> None:
    item = two_facts(site)
    page = open_page(path(item), screen=screen, member=Role.EDITOR)
    edit(page, "Taste").get_by_label("Value", exact=True).fill("nutty")
    the_form(page).get_by_label("Why (optional)").fill("tasted it")
    save(page)
    edit(page, "Origin").get_by_label("Value", exact=True).fill("south")
    save(page)
    expect(row(page, "origin")).to_contain_text("south")

    page.get_by_role("link", name="History", exact=True).click()
    second = page.locator("#revision-2")
    expect(second).to_contain_text(re.compile("Taste: mild .*nutty"))
    expect(second).to_contain_text("tasted it")
    expect(second).to_contain_text(MEMBERS[Role.EDITOR])
    page.get_by_role("radio", name="From revision 1", exact=True).check()
    page.get_by_role("button", name="Compare the two chosen").click()
    changed = page.locator("table.diff tr[data-key]")
    expect(changed).to_have_count(2)
    expect(page.locator('tr[data-key="taste"] .diff-before')).to_contain_text("mild")
    expect(page.locator('tr[data-key="taste"] .diff-after')).to_contain_text("nutty")

    page.go_back()
    page.get_by_role("button", name="Undo revision 2").click()
    expect(page.get_by_text("Revision 2 was undone.")).to_be_visible()
    expect(row(page, "taste")).to_contain_text("mild")
    expect(row(page, "origin")).to_contain_text("south")

    page.get_by_role("link", name="History", exact=True).click()
    page.get_by_role("link", name="Revision 2", exact=True).click()
    page.get_by_role("button", name="Revert to this").click()
    expect(page.get_by_text("The entry is again as it was at revision 2.")).to_be_visible()
    expect(row(page, "taste")).to_contain_text("nutty")
    expect(row(page, "origin")).to_contain_text("north")
    assert head(site, item).revision == 5


def choose_kind_by_button(page: Page, kind: str) -> Locator:
    the_form(page).get_by_label("Kind").select_option(kind)
    the_form(page).get_by_role("button", name="Change").click()
    return the_form(page)


@SCREENS
def test_everything_works_without_javascript(open_page: Open, site: Site, screen) -> None:
    plain = {"screen": screen, "member": Role.EDITOR, "java_script_enabled": False}
    page = open_page("/items/new", **plain)
    create(page, title())
    for name, kind, fill, shown in (FACTS[0], FACTS[1], FACTS[5]):
        page.get_by_role("link", name="Add a fact").click()
        the_form(page).get_by_label("Name", exact=True).fill(name)
        fill(choose_kind_by_button(page, kind))
        the_form(page).get_by_role("button", name="Save").click()
        expect(row(page, name.lower())).to_contain_text(shown)

    other = open_page(page.url.removeprefix(site.url).partition("#")[0], **plain)
    for each, typed in ((other, "of beans"), (page, "of nuts")):
        edit(each, "Taste").get_by_label("Value", exact=True).fill(typed)
    the_form(other).get_by_role("button", name="Save").click()
    expect(row(other, "taste")).to_contain_text("of beans")
    the_form(page).get_by_role("button", name="Save").click()
    expect(page.locator(".sides dd")).to_contain_text(["mild", "of beans", "of nuts"])
    expect(the_form(page).get_by_label("Value", exact=True)).to_have_value("of nuts")
    the_form(page).get_by_role("button", name="Save").click()
    expect(row(page, "taste")).to_contain_text("of nuts")

    page.get_by_role("button", name="Move down: Taste").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert page.locator("#attributes tr[data-key]").first.get_attribute("data-key") == "weight"
    page.get_by_role("link", name="History", exact=True).click()
    page.get_by_role("link", name="Revision 4", exact=True).click()
    page.get_by_role("button", name="Revert to this").click()
    expect(row(page, "taste")).to_contain_text("mild")


@SCREENS
def test_an_entry_is_made_mended_and_restored_in_chinese(open_page: Open, screen) -> None:
    page = open_page("/items/new", screen=screen, member=Role.EDITOR, locale="zh-CN")
    name = title()
    page.get_by_label("标题").fill(name)
    page.locator("main").get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    ready(page)
    page.get_by_role("link", name="添加数据").click()
    form = choose_kind(page, "number", "类型")
    form.get_by_label("名称", exact=True).fill("重量")
    form.get_by_label("值", exact=True).fill("8.85 公斤重")
    form.get_by_role("button", name="保存").click()
    expect(form.locator('[data-path="value"] [data-error]')).to_have_text(re.compile("[一-鿿]"))
    form.get_by_label("值", exact=True).fill("8.85")
    form.get_by_label("单位").fill("kg")
    form.get_by_role("button", name="保存").click()
    expect(toast(page)).to_contain_text("已保存：重量")
    expect(row(page, "重量")).to_contain_text("8.85 kg")
    page.get_by_role("link", name="编辑：重量").click()
    the_form(page).get_by_role("button", name="删除").click()
    expect(toast(page)).to_contain_text("已删除：重量")
    toast(page).get_by_role("button", name="撤销").click()
    expect(row(page, "重量")).to_contain_text("8.85 kg")
    assert overflow(page) == 0
    page.get_by_role("link", name="历史", exact=True).click()
    expect(page.locator("#revision-2")).to_contain_text(re.compile("重量：8.85 kg.*添加"))


HOSTILE = {
    "elements": '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "attributes": "' onfocus='alert(1)' autofocus='{{7*191}}${7*191}\u202egnp",
    "address": "javascript:alert(1)",
}


def submit_entry(page: Page) -> None:
    page.locator("main").get_by_role("button", name=re.compile("^Create")).click()
    page.wait_for_load_state()


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_hostile_is_shown_inert(open_page: Open, site: Site, hostile: str) -> None:
    page = open_page("/items/new", member=Role.EDITOR)
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    name = f"{hostile} {title()}"
    for label in ("Category", "Also known as", "Summary", "Why (optional)"):
        page.get_by_label(label).fill(hostile)
    page.get_by_label("Title").fill(name)
    submit_entry(page)
    anyway = page.get_by_role("button", name="Create anyway")
    expect(anyway.or_(page.get_by_role("link", name="Add a fact")).first).to_be_visible()
    if anyway.is_visible():
        submit_entry(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(_core(hostile))
    ready(page)

    page.get_by_role("link", name="Add a fact").click()
    form = the_form(page)
    form.get_by_text("Sources, note, group").click()
    for label in ("Name", "Value", "Note", "Group", "Address of source 1", "Title of source 1"):
        form.get_by_label(label, exact=True).fill(hostile)
    form.get_by_role("button", name="Save").click()
    expect(form.locator('[data-path="sources"] [data-error]')).to_be_visible()
    form.get_by_label("Address of source 1").fill("https://example.org/")
    save(page)
    expect(page.locator("#attributes tr[data-key] .fact-value")).to_contain_text(_core(hostile))
    entry = page.url.partition("#")[0]
    for address in (entry, entry + "/history", entry + "/edit", site.url + "/changes"):
        page.goto(address)
        assert page.locator("main :is(script, [onerror], [onfocus], [href^='javascript:'])").count() == 0
        assert "1337" not in page.locator("main").inner_text()
    assert asked == []


def _core(hostile: str) -> str:
    # A control of direction may be dropped, or kept within an isolated element.
    return hostile.partition("\u202e")[0]


PAGES = {
    "new entry": ("/items/new", Role.EDITOR),
    "entry": ("{entry}", Role.MODERATOR),
    "entry with a fact that others protected": ("{entry}", Role.EDITOR),
    "edit entry": ("{entry}/edit", Role.EDITOR),
    "new fact": ("{entry}/attributes/new", Role.EDITOR),
    "history": ("{entry}/history", Role.MODERATOR),
    "diff": ("{entry}/diff/1/3", Role.EDITOR),
    "revision": ("{entry}/revision/1", Role.EDITOR),
    "history of a fact": ("{entry}/attributes/weight/history", Role.EDITOR),
    "changes": ("/changes?user={user}", Role.EDITOR),
    "profile": ("/users/{user}", Role.MODERATOR),
    "settings": ("/users/settings", Role.EDITOR),
    "deletion of an account": ("/users/settings/delete", Role.EDITOR),
    "moderation": ("{entry}/moderate", Role.MODERATOR),
    "block": ("/users/{user}/block", Role.MODERATOR),
    "deletion of an entry": ("{entry}/delete", Role.MODERATOR),
    "category": ("/category/kitchen/edit", Role.MODERATOR),
}


@pytest.fixture(scope="module")
def edited(site: Site) -> Item:
    """An entry with a history, in a category with properties that are still empty."""
    site.stores.categories.insert(
        make_category("Kitchen", make_property("Weight"), make_property("Price", "money"))
    )
    weight = make_attribute("Weight", Quantity(Decimal("8.85"), "kg"), "number", note="without the wrapping")
    item = make_entry(site, weight, make_attribute("Taste", "mild", group="Senses"), category="kitchen")
    for change in (
        make_attribute("Weight", Quantity(Decimal("8.9"), "kg"), "number"),
        make_attribute("Smell"),
    ):
        note = Note(datetime.now(UTC), "looked again")
        item = items.edit(site.stores, make_user("Ida").actor, item.id, _with(change), note)
    mona = make_user("Mona", role=Role.MODERATOR).actor
    return moderation.protect(site.stores, mona, item.id, Role.MODERATOR, Note(datetime.now(UTC)), "taste")


def _with(attribute: Attribute) -> Callable[[Item], Item]:
    return lambda present: present.with_attribute(attribute)


@pytest.mark.parametrize(("address", "member"), PAGES.values(), ids=PAGES.keys())
def test_pages_of_editors_are_accessible_and_fit(
    open_page: Open, edited: Item, address: str, member: Role
) -> None:
    address = address.format(entry=path(edited), user=MEMBERS[Role.EDITOR])
    assert faults_everywhere(open_page, address, member=member) == []


@pytest.mark.parametrize("kind", ["number", "image", "rating", "list"])
def test_an_open_form_is_accessible_and_fits(open_page: Open, edited: Item, kind: str) -> None:
    page = open_page(path(edited), member=Role.EDITOR)
    page.get_by_role("link", name="Add a fact").click()
    form = choose_kind(page, kind)
    form.get_by_text("Sources, note, group").click()
    for screen, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        page.set_viewport_size(screen)
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        assert overflow(page) == 0
