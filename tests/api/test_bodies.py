"""Bodies on the wire: long ones, ones in chunks, ones that nobody reads."""

import http.client
import io
import json
from urllib.parse import urlsplit

import pytest

from app.storage.stores import Stores
from tests.api.conftest import basic

MIB = 2**20
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def connection(address):
    """One connection, kept for several requests."""
    made = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    yield made
    made.close()


def send(connection, path, body, headers, *, chunked=False):
    headers = basic("Ada") | headers
    connection.request("POST", f"/api/v1{path}", body, headers, encode_chunked=chunked)
    answer = connection.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if content else None


def in_chunks(body: bytes):
    return iter([body[start : start + 50_000] for start in range(0, len(body), 50_000)])


CHUNKED = {"Transfer-Encoding": "chunked"}


def test_a_body_in_chunks_is_read_whole(connection):
    body = json.dumps({"title": "Mars"}).encode() + b" " * (MIB - 100)
    status, item = send(connection, "/items", in_chunks(body), JSON | CHUNKED, chunked=True)
    assert (status, item["title"]) == (201, "Mars")


@pytest.mark.parametrize("kind", [JSON, LINES], ids=["json", "lines"])
def test_a_body_in_chunks_is_refused_when_it_is_too_long_and_never_cut_off(connection, database, kind):
    body = b"\n".join(json.dumps({"title": f"T{number}"}).encode() + b" " * 3000 for number in range(400))
    status, problem = send(connection, "/items:batch", in_chunks(body), kind | CHUNKED, chunked=True)
    assert (status, problem["code"]) == (413, "request-entity-too-large")
    assert list(Stores.connect(database).items.iterate()) == []


def test_chunks_that_are_none_are_a_bad_request(connection):
    connection.putrequest("POST", "/api/v1/items")
    for name, value in (basic("Ada") | JSON | CHUNKED).items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"ZZ\r\n{}\r\n")
    assert connection.getresponse().status == 400


@pytest.mark.parametrize("length", [200_000, 3 * MIB])
@pytest.mark.parametrize("headers", [basic("Ada") | JSON, JSON, basic("Ada") | {"Content-Type": "text/html"}])
def test_what_nobody_reads_is_out_of_the_way_of_the_next_request(live_app, people, length, headers):
    sent = io.BytesIO(b"x" * length)
    environ = {"headers": headers, "input_stream": sent, "content_length": length}
    answer = live_app.test_client().post("/api/v1/items", **environ)
    assert (answer.status_code, answer.mimetype) in [
        (status, "application/problem+json") for status in (400, 401, 413, 415)
    ]
    assert sent.read() == b""
