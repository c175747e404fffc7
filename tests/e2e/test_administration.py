"""The pages of administrators on a desktop and a phone, without scripts too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.domain.users import Role
from tests.e2e.conftest import DESKTOP, PHONE, overflow, too_wide, violations

Open = Callable[..., Page]
PATHS = ("/admin", "/admin/users", "/admin/blocks", "/admin/tasks", "/admin/health")


@pytest.mark.parametrize("path", PATHS)
def test_they_are_free_of_faults_on_both_screens(open_page: Open, path: str) -> None:
    page = open_page(path, screen=DESKTOP, member=Role.ADMIN)
    found = violations(page)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    assert found + violations(page) == []
    assert overflow(page) == 0


# The pairs of things in the header that lie upon one another.
_COVERED = """() => {
  const parts = [...document.querySelectorAll('.logo, .site-search, .site-nav > a')];
  const box = (part) => part.getBoundingClientRect();
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return parts.flatMap((one, index) => parts.slice(index + 1).filter((other) => meet(box(one), box(other))))
    .map((part) => part.textContent);
}"""


def test_the_header_of_a_phone_holds_all_their_links_and_a_long_name(open_page: Open) -> None:
    page = open_page("/admin", screen=PHONE, member=Role.ADMIN)
    page.locator(".account-link bdi").evaluate("name => { name.textContent = 'W'.repeat(32); }")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 640})
        assert overflow(page) == 0, too_wide(page)
        assert page.evaluate(_COVERED) == []
        assert violations(page) == []


def test_the_switch_works_without_scripts_and_every_page_says_so(open_page: Open) -> None:
    page = open_page("/admin", member=Role.ADMIN, java_script_enabled=False)
    page.get_by_role("button", name="Make the site read-only").click()
    try:
        expect(page.locator(".site-banner")).to_be_visible()
        reader = open_page("/", screen=PHONE)
        expect(reader.locator(".site-banner")).to_be_visible()
        assert violations(reader) == []
        assert overflow(reader) == 0, too_wide(reader)
    finally:
        page.get_by_role("button", name="Take changes again").click()
    expect(page.locator(".site-banner")).to_have_count(0)
