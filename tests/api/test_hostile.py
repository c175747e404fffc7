"""What no decent client sends: every address answers it, by the rules, and goes on working."""

import base64
import json
from itertools import product

READS = (
    "/items",
    "/items/mars",
    "/items/mars/attributes",
    "/items/mars/attributes/moons",
    "/items/mars/revisions",
    "/items/mars/revisions/1",
    "/compare?items=mars,earth",
    "/search?q=mars",
    "/suggest?q=m",
    "/categories",
    "/categories/planets",
    "/changes",
    "/export?category=planets",
    "/openapi.json",
    "/docs",
)
WRITES = (
    ("POST", "/items"),
    ("PUT", "/items/mars"),
    ("PATCH", "/items/mars"),
    ("POST", "/items/mars/attributes"),
    ("PUT", "/items/mars/attributes/moons"),
    ("PATCH", "/items/mars/attributes/moons"),
    ("POST", "/items/mars/revert"),
    ("POST", "/items:batch"),
    ("PUT", "/categories/planets"),
    ("PATCH", "/categories/planets"),
)
PROBLEM = "application/problem+json"
HEADERS = [
    {"Range": "bytes=0-9"},
    {"Range": "bytes=9-0", "If-Range": '"1"'},
    {"If-Match": '"never"'},
    {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"If-None-Match": "\x80, ,W/"},
    {"Accept": "application/xml, */*;q=0"},
    {"Accept-Encoding": "identity;q=0"},
    {"Authorization": "Bearer nonsense"},
    {"Cookie": "pkyx=nonsense"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
]
BODIES = [
    (b"", 400),
    (b"\x00", 400),
    ('{"name": "é"}'.encode("latin-1"), 400),
    ('{"name": "x"}'.encode("utf-16"), 400),
    (b'{"name": "x"} {}', 400),
    (b'{"name": "a", "n\\u0061me": "b"}', 400),
    (b'{"properties": [{"name": "a", "name": "b"}]}', 400),
    (b'{"name": -Infinity}', 400),
    (b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}", 400),
    (b'{"name": 1e999999999}', 422),
    (b'{"name": ' + b"9" * 50_000 + b"}", 422),
    (b'{"\\udc00": 1}', 422),
    (b'{"name": "\\ud83d"}', 422),
    (b'{"__proto__": {"x": 1}}', 422),
    (b"true", 422),
    (json.dumps({f"k{number}": 1 for number in range(5000)}).encode(), 422),
]
MISFITS = [
    [{"op": "add"}],
    [{"op": "nope", "path": "/title"}],
    [{"op": ["add"], "path": "/title"}],
    [{"op": "add", "path": 5, "value": 1}],
    [{"op": "add", "path": "title", "value": "x"}],
    [{"op": "add", "path": "/~2", "value": 1}],
    [{"op": "add", "path": "/attributes/-1", "value": 1}],
    [{"op": "add", "path": "/attributes/99999999999999999999", "value": 1}],
    [{"op": "add", "path": "/__class__", "value": 1}],
    [{"op": "remove", "path": ""}],
    [{"op": "move", "from": "/attributes", "path": "/attributes/0"}],
    [{"op": "move", "from": 5, "path": "/title"}],
    [{"op": "copy", "from": "", "path": "/summary"}],
    [{"op": "replace", "path": "/title", "value": "Fine"}, {"op": "remove", "path": "/nothing"}],
    [[]],
    [5],
    [{"op": "test", "path": "/title", "value": "Mars"}] * 101,
]
QUERIES = [
    "&".join(f"attr.k{number}=1" for number in range(300)),
    "&" * 3000,
    "fields=" + ",".join(["title"] * 300),
    "attr.mass=" + "9" * 400,
    "attr.mass=1e9999",
    "attr.mass=NaN",
    "attr.mass.gte.lte=1",
    "attr.=1",
    "sort=--title",
    "sort=attr." + "x" * 2000,
    "limit=1&limit=2",
    "limit=%2B5",
    "q=%ed%a0%80",
    "category=%0d%0aX:1",
]


def test_reading_takes_no_notice_of_headers_that_do_not_concern_it(planets, visitor):
    for headers, path in product(HEADERS, READS):
        answer = visitor.get(path, headers=headers)
        expected = 401 if "Authorization" in headers and "revisions" in path else 200
        assert answer.status_code == expected, (path, headers)
        assert b"evil" not in answer.data


def test_head_says_what_get_says(planets, visitor):
    for path in READS:
        get, head = visitor.get(path), visitor("HEAD", path)
        assert (head.status_code, head.data) == (get.status_code, b""), path
        for name in ("ETag", "Content-Type", "Cache-Control", "Link", "Vary"):
            assert head.headers.get(name) == get.headers.get(name), (path, name)


def test_options_are_told_on_every_address(planets, visitor):
    for path in READS:
        answer = visitor("OPTIONS", path)
        assert (answer.status_code, "GET" in answer.headers["Allow"]) == (200, True)
        assert "Set-Cookie" not in answer.headers


def test_no_body_gets_through_that_is_not_sound(planets, moderator):
    before = moderator.get("/export").data, moderator.get("/categories").json
    for (body, status), (method, path) in product(BODIES, WRITES):
        answer = moderator(method, path, body)
        assert answer.status_code == status, (method, path, body[:50], answer.text)
        assert answer.mimetype == PROBLEM
    assert (moderator.get("/export").data, moderator.get("/categories").json) == before


def test_operations_that_do_not_fit_change_nothing(planets, ada):
    kind = {"Content-Type": "application/json-patch+json"}
    for operations in MISFITS:
        answer = ada.patch("/items/mars", operations, headers=kind)
        assert (answer.status_code, answer.mimetype) == (422, PROBLEM), operations
    assert ada.get("/items/mars").headers["ETag"] == '"1"'


def test_a_cursor_with_any_bit_wrong_is_refused_or_a_place_in_the_list(planets, visitor):
    cursor = visitor.get("/items?limit=1").json["next"].partition("cursor=")[2]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for place in range(len(raw)):
        for flip in (1, 0x15, 0x80):
            bent = bytearray(raw)
            bent[place] ^= flip
            text = base64.urlsafe_b64encode(bytes(bent)).decode().rstrip("=")
            answer = visitor.get(f"/items?limit=1&cursor={text}")
            assert answer.status_code in (200, 400), bent
    for text in (cursor[:-1], cursor + "A", cursor[::-1], cursor * 50, "=", "%00", "%ff"):
        assert visitor.get(f"/items?limit=1&cursor={text}").status_code in (200, 400)


def test_query_strings_out_of_the_ordinary_are_answered(planets, visitor):
    for query, path in product(QUERIES, ("/items", "/search", "/compare", "/changes", "/suggest")):
        answer = visitor.get(f"{path}?{query}")
        assert answer.status_code in (200, 400), (path, query[:50])
        assert answer.status_code == 200 or answer.mimetype == PROBLEM
        assert "X" not in answer.headers


def test_nothing_comes_with_an_answer_that_has_no_body(planets, moderator):
    moderator.post("/items", {"title": "Pluto"})
    for answer in (
        moderator.delete("/items/pluto"),
        moderator.get("/items/mars", headers={"If-None-Match": "*"}),
    ):
        assert answer.status_code in (204, 304)
        assert "Content-Type" not in answer.headers
