"""Two hosts, each its own gunicorn, on one database and one Redis: what one does, the other knows."""

import http.client
import itertools
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from app.domain.users import Role
from app.services import items
from app.services.items import ItemDraft, Note
from app.storage import clients, indexes
from app.storage.stores import Stores
from tests import servers
from tests.factories import NOW, make_attribute, make_category, make_property
from tests.people import PASSWORD, make_user
from tests.servers import eventually, request

BASIC = "Basic " + b64encode(f"Ada:{PASSWORD}".encode()).decode()


@pytest.fixture(scope="module")
def uri(mongo_uri, mongo_client) -> Iterator[str]:
    yield mongo_uri.replace("/pkyx?", "/two_hosts?")
    mongo_client.drop_database("two_hosts")


@pytest.fixture(scope="module")
def entries(uri) -> Iterator[list[str]]:
    with clients.connected(uri) as db:
        indexes.ensure(db)
        stores = Stores.connect(db)
        ada = stores.users.insert(make_user("Ada", role=Role.ADMIN)).actor
        stores.categories.put(make_category("Dishes", make_property("Mass", unit="kg")))
        drafts = [ItemDraft(title, "dishes") for title in ("Tofu", "Natto")]
        taste = make_attribute("Taste", "mild")
        yield [
            items.create(stores, ada, replace(draft, attributes=(taste,)), Note(NOW)).slug for draft in drafts
        ]


@pytest.fixture(scope="module")
def hosts(uri, entries, tmp_path_factory) -> Iterator[tuple[int, int]]:
    with ExitStack() as stack:
        redis = stack.enter_context(servers.redis(tmp_path_factory.mktemp("redis")))
        settings = {"REDIS_URL": f"redis://127.0.0.1:{redis.port}/0"}
        folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
        first, second = (stack.enter_context(servers.site(uri, folder, **settings)) for folder in folders)
        yield first, second


def api(port, method, path, body=None, **headers):
    text = None if body is None else json.dumps(body).encode()
    own = {"Authorization": BASIC, "Content-Type": "application/json", **headers}
    return request(port, "/api/v1" + path, method, own, text)


def set_taste(port, taste):
    body = {"name": "Taste", "kind": "text", "state": "value", "value": taste}
    answer = api(port, "PUT", "/items/tofu/attributes/taste", body)
    assert answer.status == 200, answer.content


def cookies(answer, jar=""):
    kept = dict(pair.split("=", 1) for pair in jar.split("; ") if pair)
    for line in answer.headers.get_all("Set-Cookie") or ():
        name, _, value = line.partition(";")[0].partition("=")
        kept[name] = value
    return "; ".join(f"{name}={value}" for name, value in kept.items())


def log_in(port):
    form = request(port, "/users/login")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.content.decode())[1]
    body = f"identifier=Ada&password={PASSWORD}&csrf_token={token}".encode()
    headers = {"Cookie": cookies(form), "Content-Type": "application/x-www-form-urlencoded"}
    answer = request(port, "/users/login", "POST", headers, body)
    assert answer.status == 302, answer.content
    return cookies(answer, cookies(form))


def is_known(port, jar):
    return b'href="/users/logout"' in request(port, "/", headers={"Cookie": jar}).content


def test_a_session_of_one_host_is_known_and_ended_on_the_other(hosts):
    first, second = hosts
    jar = log_in(first)
    assert is_known(first, jar)
    assert is_known(second, jar)
    page = request(second, "/users/logout", headers={"Cookie": jar})
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.content.decode())[1]
    headers = {"Cookie": cookies(page, jar), "Content-Type": "application/x-www-form-urlencoded"}
    answer = request(second, "/users/logout", "POST", headers, f"csrf_token={token}".encode())
    assert answer.status == 302, answer.content
    assert not is_known(second, jar)
    assert not is_known(first, jar)


def test_an_edit_on_one_host_is_seen_at_once_on_the_other(hosts, entries):
    paths = ["/compare/tofu/natto", "/item/tofu", "/api/v1/items/tofu", "/api/v1/compare?items=tofu,natto"]
    for number in range(5):
        writer, reader = hosts if number % 2 else hosts[::-1]
        # Every worker of the reader knows the pages as they were.
        for path in paths * 4:
            assert request(reader, path).status == 200
        set_taste(writer, f"taste no. {number}")
        for path in paths * 4:
            assert f"taste no. {number}".encode() in request(reader, path).content, path


def test_a_category_edited_on_one_host_is_soon_seen_on_the_other(hosts, entries):
    first, second = hosts
    body = {"name": "Dishes", "properties": [{"key": "mass", "name": "Heft", "kind": "number", "unit": "kg"}]}
    assert b"Heft" not in request(second, "/compare/tofu/natto").content
    assert api(first, "PUT", "/categories/dishes", body).status == 200
    eventually(lambda: all(b"Heft" in request(second, "/compare/tofu/natto").content for _ in range(4)))


def test_both_hosts_count_the_same_limits(hosts, entries):
    left = [int(request(port, "/api/v1/items/natto").headers["RateLimit-Remaining"]) for port in hosts * 3]
    # A new minute may begin in between, once.
    steps = [before - after for before, after in itertools.pairwise(left)]
    assert steps.count(1) >= len(steps) - 1, left


def test_a_stream_of_one_host_tells_what_was_edited_on_the_other(hosts, entries):
    first, second = hosts
    connection = http.client.HTTPConnection("127.0.0.1", second, timeout=60)
    with closing(connection):
        connection.request("GET", "/api/v1/changes/stream")
        stream = connection.getresponse()
        assert stream.status == 200
        set_taste(first, "streamed")
        told = next(line for line in iter(stream.readline, b"") if line.startswith(b"data:"))
    assert json.loads(told.removeprefix(b"data:"))["item"]["slug"] == "tofu"


def test_pages_and_edits_go_on_without_redis_and_limits_return_with_it(uri, entries, tmp_path):
    with ExitStack() as stack:
        redis = stack.enter_context(servers.redis(tmp_path))
        settings = {"REDIS_URL": f"redis://127.0.0.1:{redis.port}/0"}
        port = stack.enter_context(servers.site(uri, tmp_path, **settings))
        redis.kill()
        redis.wait(10)
        for number in range(3):
            assert request(port, "/").status == 200
            set_taste(port, f"without redis {number}")
        assert "RateLimit-Remaining" in request(port, "/api/v1/items/natto").headers
        stack.enter_context(servers.redis(tmp_path, redis.port))
        set_taste(port, "with redis")
        assert log_in(port)
