"""A real browser on a real server on a real database, with the demo entries in it."""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from flask import Flask
from flask_mail import Message, email_dispatched
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pymongo import MongoClient
from werkzeug.serving import make_server

from app import create_app
from app.domain.users import Role
from app.services import accounts, demo, passwords
from app.services.account_rules import Registration
from app.storage import indexes
from app.storage.stores import Stores
from app.tasks import posting
from tests.conftest import unavailable
from tests.people import CHEAP, PASSWORD
from tests.servers import free_port

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SCREENS = pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["1280", "390"])

MEMBERS = {Role.EDITOR: "Ida", Role.MODERATOR: "Mona", Role.ADMIN: "Root"}
# A host that no page asks: the tests answer in its place.
PICTURES = "https://pictures.example/"

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# Colours on their way from one scheme to the other are nobody's contrast. What never ends, or is never
# drawn, is not waited for.
_AT_REST = """async () => {
  const pause = new Promise((resolve) => setTimeout(resolve, 500));
  await Promise.race([pause, new Promise(requestAnimationFrame)]);
  await Promise.race([pause, Promise.allSettled(document.getAnimations().map((each) => each.finished))]);
}"""
# Only what fails takes so long; a machine with much else to do needs some of it.
PATIENCE = 30_000
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Site:
    """A running site."""

    url: str
    stores: Stores
    app: Flask
    mails: list[Message] = field(default_factory=list)

    def link_to(self, address: str) -> str:
        """Return the path of the link in the newest mail to ``address``."""
        assert posting.background(self.app).wait(30)
        body = next(mail.body for mail in reversed(self.mails) if mail.recipients == [address])
        return re.search(re.escape(self.url) + r"(/\S+)", body)[1]

    def add_user(self, username: str, role: Role = Role.EDITOR) -> None:
        """Open a confirmed account whose password is PASSWORD."""
        registration = Registration(f"{username.lower()}@example.org", username, PASSWORD)
        accounts.create(self.stores, registration, role, datetime.now(UTC))


@pytest.fixture(scope="session")
def site(mongo_uri: str) -> Iterator[Site]:
    """The application on a real mongod with some demo entries and MEMBERS, served on loopback."""
    with MongoClient(mongo_uri, tz_aware=True) as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "METHOD", CHEAP)
        database = client["pkyx_e2e"]
        indexes.ensure(database)
        stores = Stores.connect(database)
        demo.load(stores, datetime.now(UTC))
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        app = create_app(
            {"PKYX_ENV": "testing", "DATABASE": database, "PKYX_URL": url, "WTF_CSRF_ENABLED": True}
        )
        site = Site(url, stores, app)
        for role, username in MEMBERS.items():
            site.add_user(username, role)

        def keep(_sender: Flask, message: Message) -> None:
            site.mails.append(message)

        email_dispatched.connect(keep, app)
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield site
        server.shutdown()
        thread.join(10)
        server.server_close()
        client.drop_database(database)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without the parts for windows, where it is to be had, it takes half the time."""
    installed = map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))
    executable = os.environ.get("CHROMIUM") or next(filter(None, installed), None)
    if executable is None:
        unavailable("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cookies(browser: Browser, site: Site) -> Callable[[Role], Any]:
    """The cookies of a member, who logs in once for all tests."""
    states: dict[Role, Any] = {}

    def of(role: Role) -> Any:
        if role not in states:
            states[role] = _logged_in(browser, site, MEMBERS[role])
        return states[role]

    return of


@pytest.fixture
def open_page(browser: Browser, site: Site, cookies: Callable[[Role], Any]) -> Iterator[Callable[..., Page]]:
    """A factory of pages: ``open_page("/path", screen=PHONE, color_scheme="dark", member=Role.EDITOR)``.

    At the end it fails if any page logged an error, threw, or asked another host for anything.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_(
        path: str = "/", *, screen: dict[str, int] = DESKTOP, member: Role | None = None, **options: object
    ) -> Page:
        state = {"storage_state": cookies(member)} if member else {}
        context = browser.new_context(viewport=screen, **({"locale": "en-GB"} | state | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note(complaints, page, message))
        page.on("request", lambda request: _note_request(complaints, site, request))
        page.goto(site.url + path)
        if options.get("java_script_enabled", True):
            ready(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def ready(page: Page) -> None:
    """Wait until the scripts of the page have taken over its elements."""
    page.locator("html[data-ready]").wait_for(state="attached")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it is now, its rule on target sizes included."""
    page.evaluate(_AT_REST)
    # Through the debugging protocol: the site's Content-Security-Policy forbids a script element.
    page.evaluate(_AXE)
    options = {"rules": {"target-size": {"enabled": True}}}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]
    ]


def faults_everywhere(open_page: Callable[..., Page], path: str, **options: Any) -> list[str]:
    """Return what is wrong with a page on desktop and phone, light and dark, in English and Chinese.

    Every size, scheme and language is looked at, not each with each other.
    """
    small = {"width": 320, "height": 640}
    page = open_page(path, screen=DESKTOP, color_scheme="light", **options)
    found = _faults(page)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    found += _faults(page)
    page = open_page(path, screen=small, color_scheme="dark", locale="zh-CN", **options)
    assert page.locator("html").get_attribute("lang") == "zh-Hans-CN"
    found += _faults(page)
    page.set_viewport_size(DESKTOP)
    return found + _overflow_of(page)


def _faults(page: Page) -> list[str]:
    return violations(page) + _overflow_of(page)


def _overflow_of(page: Page) -> list[str]:
    pixels = overflow(page)
    return [f"{page.url} is {pixels} px wider than {page.viewport_size}"] if pixels else []


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window, once what moves has come to rest."""
    for _ in range(20):
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider <= 0:
            break
        page.wait_for_timeout(100)
    return wider


def too_wide(page: Page) -> list[str]:
    """Return the elements that reach beyond the window, to be told where a page is wider than it."""
    return page.evaluate(
        """[...document.querySelectorAll("body *")]
        .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map(each => each.outerHTML.slice(0, 200))"""
    )


def _logged_in(browser: Browser, site: Site, username: str) -> Any:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{site.url}/users/login")
    form = page.locator("main form")
    form.locator('[name="identifier"]').fill(username)
    form.locator('[name="password"]').fill(PASSWORD)
    form.locator('[type="submit"]').click()
    page.get_by_text(f"Welcome, {username}.").wait_for()
    state = context.storage_state()
    context.close()
    return state


def _note(complaints: list[str], page: Page, message: Any) -> None:
    # A page that answers 4xx on purpose is logged as a failed load; the tests look at those themselves.
    if message.type == "error" and "Failed to load resource" not in message.text:
        complaints.append(f"{page.url}: {message.text}")


def _note_request(complaints: list[str], site: Site, request: Any) -> None:
    if not request.url.startswith((site.url, PICTURES, "data:", "blob:")):
        complaints.append(f"a request to another host: {request.url}")
