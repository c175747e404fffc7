"""From registering to logging out, as a newcomer meets it."""

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, MEMBERS, PHONE, SCREENS, Site, overflow, violations
from tests.people import PASSWORD

Open = Callable[..., Page]
IDA = next(iter(MEMBERS.values()))
_numbers = itertools.count(1)


def log_in(form, identifier: str, password: str = PASSWORD) -> None:
    form.get_by_label("E-mail or username").fill(identifier)
    form.get_by_label("Password", exact=True).fill(password)
    form.get_by_role("button", name="Log in").click()


def assert_sound(page: Page) -> None:
    assert violations(page) == []
    assert overflow(page) == 0


@SCREENS
def test_a_newcomer_registers_confirms_logs_in_and_out(open_page: Open, site: Site, screen) -> None:
    name = f"Newcomer-whose-name-is-long-{next(_numbers)}"
    address = f"{name.lower()}@example.org"
    page = open_page("/users/register", screen=screen)
    assert_sound(page)
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("Password again").fill("short")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Username")).to_have_value(name)
    assert_sound(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_text("We have sent a mail to this address.")).to_be_visible()

    link = site.link_to(address)
    page.goto(site.url + link)
    expect(page.get_by_text("Your address is confirmed")).to_be_visible()
    log_in(page.locator("main"), address)
    expect(page.get_by_text(f"Welcome, {name}.")).to_be_visible()
    expect(page.locator(".site-nav").get_by_role("link", name=name)).to_be_visible()

    page.locator(".site-nav").get_by_role("link", name="Log out").click()
    assert_sound(page)
    page.locator("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    expect(page.locator(".site-nav").get_by_role("link", name="Log in")).to_be_visible()

    page.goto(site.url + link)
    expect(page.get_by_text("used already")).to_be_visible()
    assert_sound(page)


@SCREENS
def test_on_another_device_a_button_confirms_the_address(open_page: Open, site: Site, screen) -> None:
    name = f"Traveller-{next(_numbers)}"
    address = f"{name.lower()}@example.org"
    page = open_page("/users/register")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_text("We have sent a mail to this address.")).to_be_visible()
    elsewhere = open_page(site.link_to(address), screen=screen)
    expect(elsewhere.get_by_text(name)).to_be_visible()
    assert_sound(elsewhere)
    elsewhere.get_by_role("button", name="Confirm the address").click()
    expect(elsewhere.get_by_text("Your address is confirmed")).to_be_visible()


@pytest.mark.parametrize(("screen", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["1280", "390"])
def test_the_dialog_of_the_header_logs_in_and_leads_back(open_page: Open, screen, scheme: str) -> None:
    page = open_page("/item/gold", screen=screen, color_scheme=scheme)
    page.locator(".site-nav").get_by_role("link", name="Log in").click()
    dialog = page.get_by_role("dialog", name="Log in")
    expect(dialog.get_by_label("E-mail or username")).to_be_focused()
    assert_sound(page)
    log_in(dialog, IDA, "not-my-password")
    expect(page).to_have_url(re.compile("/users/login"))
    expect(page.locator("main .field-error").first).to_be_visible()
    expect(page.locator("main").get_by_label("E-mail or username")).to_have_value(IDA)
    assert_sound(page)
    log_in(page.locator("main"), IDA)
    expect(page).to_have_url(re.compile("/item/gold$"))
    expect(page.locator(".site-nav").get_by_role("link", name=IDA)).to_be_visible()


def test_the_dialog_closes_by_key_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page("/item/gold")
    link = page.locator(".site-nav").get_by_role("link", name="Log in")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()


@SCREENS
def test_everything_works_without_javascript(open_page: Open, screen) -> None:
    page = open_page("/item/gold", screen=screen, java_script_enabled=False)
    page.locator(".site-nav").get_by_role("link", name="Log in").click()
    log_in(page.locator("main"), IDA)
    expect(page).to_have_url(re.compile("/item/gold$"))
    page.locator(".site-nav").get_by_role("link", name="Log out").click()
    page.locator("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()


@SCREENS
def test_the_log_in_speaks_chinese(open_page: Open, screen) -> None:
    page = open_page("/users/login", screen=screen, locale="zh-CN")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    page.get_by_label("密码", exact=True).fill("not-my-password")
    page.locator('main [name="identifier"]').fill(IDA)
    page.locator("main").get_by_role("button", name="登录").click()
    expect(page.locator("main .field-error").first).to_have_text(re.compile("[一-鿿]"))
    assert_sound(page)
