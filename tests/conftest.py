"""Fixtures for all: a real mongod where one is to be had, mongomock, and the application on each."""

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import mongomock
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from pymongo import MongoClient
from pymongo.database import Database
from werkzeug.routing import Rule

from app import create_app, extensions
from app.embedded.errors import EmbeddedError
from app.embedded.mongod import Mongod
from app.storage import remembering, switches, views
from tests import mongomock_bulk

ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues that changed, once, so that the tests speak Chinese without make."""
    mongomock_bulk.mend()
    # A script that starts the tests in the background lets them ignore Ctrl-C, and so all that they start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        return
    for source in (ROOT / "app" / "translations").glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as text, compiled.open("wb") as binary:
                write_mo(binary, read_po(text))


# What computes and what waits for processes takes turns; the rest, in this order, makes the ends meet.
_LONGEST_FIRST = (
    *("api/test_schemathesis", "e2e/test_editing", "faults/test_embedded_site", "e2e/test_comparing"),
    *("faults/test_embedded", "e2e/", "faults/", "ops/", "storage/", "api/", "web/", "unit/"),
)
# What real processes and browsers do depends on how busy the machine is; all else fails at once.
_ON_REAL_PROCESSES = ("e2e/", "faults/", "ops/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: one left for the end would keep one process waiting.

    Tests on real processes get two more tries, each of which the report shows as R.
    """

    def place(item: pytest.Item) -> int:
        return next((i for i, start in enumerate(_LONGEST_FIRST) if _name(item).startswith(start)), 99)

    items.sort(key=place)
    for item in items:
        if _name(item).startswith(_ON_REAL_PROCESSES):
            # A pause, since what held up a machine may go on for a moment.
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


def _name(item: pytest.Item) -> str:
    return item.nodeid.removeprefix("tests/")


def unavailable(reason: str) -> None:
    """Skip on a person's machine; fail where CI is set, since there nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _a_busy_machine_changes_nothing() -> Iterator[None]:
    """Let what is done follow from what is asked, not from how long that took; a test of that says how long.

    Else an answer would be kept because it was slow to come, views be written in the middle of a request
    that is counted, and the read-only switch not be seen in its half second.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remembering, "_QUICK", 60.0)
        patch.setattr(views, "_SECONDS", 3600.0)
        patch.setattr(switches, "_SECONDS", 60.0)
        yield


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of a real single-node replica set, one for each test process."""
    mongod = Mongod(tmp_path_factory.mktemp("mongod"))
    try:
        mongod.start()
    except EmbeddedError as error:
        unavailable(str(error))
    # Once a minute, what is older than its index allows would vanish from under a test: its dates pass.
    with MongoClient[dict[str, Any]](mongod.uri) as client:
        client.admin.command({"setParameter": 1, "ttlMonitorEnabled": False})
    yield mongod.uri
    mongod.close()


@pytest.fixture(scope="session")
def mongo_client(mongo_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """A client of the real database for tests; the application makes its own."""
    with MongoClient(mongo_uri, tz_aware=True) as client:
        yield client


@pytest.fixture
def database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    """A fresh, empty, real database, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    yield mongo_client[name]
    mongo_client.drop_database(name)


@pytest.fixture
def mock_database() -> Database[dict[str, Any]]:
    """An empty database in memory, for what mongomock does right."""
    return mongomock.MongoClient(tz_aware=True)["pkyx"]


class _CompiledTemplates(BytecodeCache):
    """What one application's templates were compiled to serves all that this process makes."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class _CompiledRule(Rule):
    """A rule whose code, most of what it takes to make an application, is compiled once in a process."""

    _kept: ClassVar[dict[object, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, repr(self.defaults), tuple(self._trace), append_unknown)
        if key not in self._kept:
            self._kept[key] = super()._compile_builder(append_unknown)
        return self._kept[key]


_templates = _CompiledTemplates()
Flask.url_rule_class = _CompiledRule


@pytest.fixture
def make_app() -> Iterator[Callable[..., Flask]]:
    """A factory of applications: ``make_app(DATABASE=..., PKYX_URL=...)``."""
    made: list[Flask] = []

    def make(**overrides: object) -> Flask:
        app = create_app({"PKYX_ENV": "testing", **overrides})
        app.jinja_env.bytecode_cache = _templates
        made.append(app)
        return app

    yield make
    for app in made:
        if app.config["MONGO_URI"]:
            with app.app_context():
                extensions.database().client.close()


@pytest.fixture
def app(make_app: Callable[..., Flask], mock_database: Database[dict[str, Any]]) -> Flask:
    """The application on mongomock."""
    return make_app(DATABASE=mock_database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of ``app``."""
    return app.test_client()


@pytest.fixture
def live_app(make_app: Callable[..., Flask], database: Database[dict[str, Any]]) -> Flask:
    """The application on the real database, with its indexes."""
    # Here, so that tests of what needs no storage do not import it.
    from app.storage import indexes

    indexes.ensure(database)
    return make_app(DATABASE=database)


@pytest.fixture
def live_client(live_app: Flask) -> FlaskClient:
    """A client of ``live_app``."""
    return live_app.test_client()
