"""The pages of the API in a real browser: read, try, and try what needs an account."""

import re
from collections.abc import Callable
from itertools import count

from playwright.sync_api import Locator, Page, expect

from app.domain.users import Role
from tests.e2e.conftest import MEMBERS, PHONE, SCREENS, faults_everywhere
from tests.people import PASSWORD

Open = Callable[..., Page]
DOCS = "/api/v1/docs"
_numbers = count(1)


def opened(page: Page, name: str) -> Locator:
    operation = page.locator(f"#{name}")
    operation.locator("summary").click()
    return operation


def answer_of(operation: Locator) -> tuple[Locator, Locator]:
    """Send, and return the line of the status and the body."""
    operation.get_by_role("button", name="Send").click()
    return operation.locator("output strong"), operation.locator("output pre")


def sign_in(page: Page, password: str = PASSWORD) -> Locator:
    account = page.locator(".api-account")
    if account.get_attribute("open") is None:
        account.locator("summary").click()
    account.get_by_label("E-mail or username").fill(MEMBERS[Role.EDITOR])
    account.get_by_label("Password").fill(password)
    account.get_by_role("button", name="Get a token").click()
    return account.get_by_role("status")


def test_the_page_suits_everybody(open_page: Open) -> None:
    assert faults_everywhere(open_page, f"{DOCS}#create_item") == []


@SCREENS
def test_reading_is_tried_on_the_page(open_page: Open, screen) -> None:
    operation = opened(open_page(DOCS, screen=screen), "compare")
    operation.get_by_label("items").fill("gold,silver")
    operation.get_by_label("only").select_option("differences")
    status, body = answer_of(operation)
    expect(status).to_contain_text("200")
    expect(body).to_contain_text('"slug": "gold"')


def test_writing_asks_for_an_account_and_works_with_one(open_page: Open) -> None:
    page = open_page(DOCS, screen=PHONE)
    operation = opened(page, "create_item")
    status, body = answer_of(operation)
    expect(status).to_contain_text("401")
    expect(body).to_contain_text('"code": "unauthenticated"')

    expect(sign_in(page, "wrong")).to_have_text("Please log in first.")
    expect(sign_in(page)).to_have_text("Your requests are sent with this token now.")
    expect(page.get_by_label("Password")).to_have_value("")

    title = f"Tried on a page {next(_numbers)}"
    operation.get_by_label("Body", exact=True).fill(f'{{"title": "{title}"}}')
    status, body = answer_of(operation)
    expect(status).to_contain_text('201 CREATED "1"')
    expect(body).to_contain_text(f'"title": "{title}"')


def test_a_member_who_is_logged_in_writes_nothing_without_a_token(open_page: Open) -> None:
    status, _ = answer_of(opened(open_page(DOCS, member=Role.EDITOR), "create_item"))
    expect(status).to_contain_text("401")


def test_the_address_of_a_problem_leads_to_it(open_page: Open) -> None:
    page = open_page(f"{DOCS}#problem-title-taken")
    expect(page.locator("#problem-title-taken")).to_be_in_viewport()


def test_an_example_makes_way_for_what_somebody_writes(open_page: Open) -> None:
    operation = opened(open_page(DOCS), "patch_item")
    body, types = operation.get_by_label("Body", exact=True), operation.get_by_label("Type of the body")
    expect(body).to_have_value(re.compile("A sewing machine of 1931"))
    types.select_option("application/json-patch+json")
    expect(body).to_have_value(re.compile('"op": "add"'))
    body.fill("[]")
    types.select_option("application/json")
    expect(body).to_have_value("[]")
