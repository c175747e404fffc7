"""Visitors of a site and what they ask for on an ordinary day, in proportion."""

import gzip
import http.client
import io
import json
import random
import re
import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import quote, urlencode

from PIL import Image

from tests.people import PASSWORD

EDITORS = [f"Editor{number}" for number in range(12)]
FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PAGE_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
_LANGUAGES = ("en", "en-GB,en;q=0.8", "zh-CN,zh;q=0.9,en;q=0.5", "de-AT,de;q=0.7", "fr")


@dataclass(frozen=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def text(self) -> str:
        is_compressed = self.headers["Content-Encoding"] == "gzip"
        return (gzip.decompress(self.content) if is_compressed else self.content).decode()


class Browser:
    """One visitor's connection, address, language and cookies."""

    def __init__(self, port: int, rng: random.Random) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}
        self._headers = {
            # As nginx sends it, so that limits and logs know thousands of addresses.
            "X-Forwarded-For": ".".join(str(rng.randint(1, 250)) for _ in range(4)),
            "Accept-Language": rng.choice(_LANGUAGES),
            "Accept-Encoding": rng.choice(("gzip", "gzip, deflate", "identity")),
        }

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and read the whole answer."""
        jar = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {**self._headers, **({"Cookie": jar} if jar else {}), **(headers or {})}
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Answer(answer.status, answer.headers, content)

    def read_a_little(self, path: str) -> Answer:
        """Begin to read an answer that has no end, and go away."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        content = answer.read(10)
        answer.close()
        return Answer(answer.status, answer.headers, content)

    def close(self) -> None:
        self._connection.close()


class Visit:
    """A visit: requests whose answers have to be as expected."""

    def __init__(self, crowd: "Crowd", browser: Browser, rng: random.Random) -> None:
        self.crowd = crowd
        self.browser = browser
        self.rng = rng

    def get(self, path: str, *expected: int, **headers: str) -> Answer:
        return self.send("GET", path, expected or 200, None, headers)

    def send(
        self,
        method: str,
        path: str,
        expected: int | Sequence[int],
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a body as it is, or else as JSON; the answer has to have an expected status."""
        as_json = body is not None and not isinstance(body, bytes)
        sent = json.dumps(body).encode() if as_json else body
        own = {"Content-Type": "application/json"} if as_json else {}
        answer = self.browser.ask(method, path, sent, {**own, **(headers or {})})
        self.crowd.saw(f"{method} {path}", answer, expected)
        return answer

    def post_form(self, path: str, status: int, **fields: str) -> Answer:
        """Fill in the form of a page."""
        found = _TOKEN.search(self.get(path).text)
        assert found, path
        body = urlencode({**fields, "csrf_token": found[1]}).encode()
        return self.send("POST", path, status, body, {"Content-Type": FORM})

    def slug(self) -> str:
        return quote(self.rng.choice(self.crowd.slugs))

    def word(self) -> str:
        return quote(self.rng.choice(self.crowd.titles)[: self.rng.randint(1, 6)])

    def basic(self) -> dict[str, str]:
        credentials = f"{self.rng.choice(EDITORS)}:{PASSWORD}".encode()
        return {"Authorization": f"Basic {b64encode(credentials).decode()}"}


# Readers


def looks_around(visit: Visit) -> None:
    visit.get("/")
    visit.get("/items?" + visit.rng.choice(("", "sort=-updated_at", "sort=title")))
    visit.get(f"/category/{visit.rng.choice(('countries', 'chemical-elements'))}")


def reads_an_entry(visit: Visit) -> None:
    visit.get(f"/item/{visit.slug()}")


def compares(visit: Visit) -> None:
    slugs = visit.rng.sample(visit.crowd.slugs, visit.rng.choice((2, 2, 2, 3, 4)))
    views = ("", "", "?only=differences", "?units=imperial", "?units=metric&only=differences", "?hide=area")
    visit.get(f"/compare/{'/'.join(map(quote, slugs))}{visit.rng.choice(views)}")


def names_two(visit: Visit) -> None:
    first, second = visit.rng.sample(visit.crowd.titles, 2)
    query = f"{first} {visit.rng.choice(('vs', 'pk', '对比'))} {second}"
    # Some titles are the name of several entries, and the answer is a question.
    visit.get(f"/pk?q={quote(query)}", 200, 302, 404)


def searches(visit: Visit) -> None:
    for _ in range(3):
        visit.get(f"/api/v1/suggest?q={visit.word()}")
    visit.get(f"/search?q={visit.word()}")


def reads_history(visit: Visit) -> None:
    slug = visit.slug()
    visit.get(f"/item/{slug}/history")
    visit.get(f"/item/{slug}/revision/1")
    visit.get(visit.rng.choice(("/changes", "/changes.atom", "/api/v1/changes")))


def errs(visit: Visit) -> None:
    number = visit.rng.randrange(10**9)
    visit.get(f"/item/nothing-of-{number}", 404)
    visit.get(f"/wp-{number}.php", 404)
    visit.get(f"/compare/{visit.slug()}/nothing-of-{number}", 404)
    visit.get(f"/api/v1/items?limit={number}", 400)
    visit.send("POST", "/api/v1/items", 401, {"title": "x"})


def is_a_machine(visit: Visit) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/robots.txt", "/sitemap.xml", "/opensearch.xml"):
        visit.get(path)


# Programs


def reads_by_api(visit: Visit) -> None:
    slug = visit.slug()
    answer = visit.get(f"/api/v1/items/{slug}")
    # Somebody may have edited it.
    visit.send("GET", f"/api/v1/items/{slug}", (304, 200), None, {"If-None-Match": answer.headers["ETag"]})
    visit.get(f"/api/v1/items/{slug}/revisions")


def lists_by_api(visit: Visit) -> None:
    queries = ("limit=20", "category=countries&sort=attr.area", "attr.population.gte=9000000&limit=50")
    visit.get(f"/api/v1/items?{visit.rng.choice(queries)}")
    visit.get(f"/api/v1/search?q={visit.word()}")


def compares_by_api(visit: Visit) -> None:
    slugs = visit.rng.sample(visit.crowd.slugs, 2)
    form = visit.rng.choice(("", "&format=csv", "&format=markdown", "&units=imperial"))
    visit.get(f"/api/v1/compare?items={','.join(map(quote, slugs))}{form}")


def follows(visit: Visit) -> None:
    # Only so many may at a time.
    visit.crowd.saw("the stream", visit.browser.read_a_little("/api/v1/changes/stream"), (200, 503))


def edits_by_api(visit: Visit) -> None:
    path, login = f"/api/v1/items/{visit.slug()}", visit.basic()
    note = {"name": "Remark", "kind": "text", "state": "value", "value": f"no. {visit.rng.random()}"}
    visit.send("PUT", f"{path}/attributes/remark", (200, 201), note, login)
    visit.send("PATCH", path, 200, {"summary": f"As seen {visit.rng.random()}."}, login)
    visit.send("PATCH", path, 422, {"attributes": [{"name": "x", "kind": "number", "value": "many"}]}, login)
    visit.send("PATCH", path, 400, b'{"summary": ', login | {"Content-Type": "application/json"})


# Editors


def edits(visit: Visit) -> None:
    visit.post_form("/users/login", 302, identifier=visit.rng.choice(EDITORS), password=PASSWORD)
    slug = visit.slug()
    page = visit.get(f"/item/{slug}").text
    token = {"X-CSRFToken": _found(_PAGE_TOKEN, page)}
    revision = json.loads(visit.get(f"/api/v1/items/{slug}").text)["revision"]
    picture = visit.send("POST", f"/item/{slug}/images", 201, *_multipart(_picture(visit.rng), token))
    file = json.loads(picture.text)["file"]
    visit.get(f"/files/{file}")
    path = f"/item/{slug}/attributes"
    value = {"file": file, "alt": "What was seen"}
    body = {"name": f"View {file}", "kind": "image", "value": value, "base_revision": revision}
    added = json.loads(visit.send("POST", path, 201, body, token).text)
    visit.get(f"/item/{slug}/diff/1/{added['revision']}")
    gone = {"base_revision": added["revision"]}
    visit.send("DELETE", f"{path}/{added['attribute']['key']}", 200, gone, token)
    visit.post_form("/users/logout", 302)


def registers(visit: Visit) -> None:
    name = f"visitor{visit.rng.randrange(10**12)}"
    again = {"email": f"{name}@example.org", "username": name, "password": PASSWORD}
    visit.post_form("/users/register", 302, **again, password_again=PASSWORD)
    visit.post_form("/users/login", 401, identifier=name, password="not-my-cat-7")
    visit.post_form("/users/reset", 302, email=f"{name}@example.org")


Habits = Mapping[Callable[[Visit], None], int]

# In a thousand visits.
ORDINARY: Habits = {
    looks_around: 120,
    reads_an_entry: 220,
    compares: 230,
    names_two: 50,
    searches: 90,
    reads_history: 40,
    errs: 25,
    is_a_machine: 10,
    reads_by_api: 80,
    lists_by_api: 40,
    compares_by_api: 40,
    follows: 3,
    edits_by_api: 30,
    edits: 16,
    registers: 6,
}


class Crowd:
    """Visitors who come one after the other through a few connections at a time."""

    def __init__(self, port: int, entries: Sequence[tuple[str, str]]) -> None:
        self.port = port
        self.slugs = [slug for slug, _ in entries]
        self.titles = [title for _, title in entries]
        self.statuses: Counter[int] = Counter()
        self.unexpected: list[str] = []
        self._lock = threading.Lock()
        self._numbers = count()

    @property
    def requests(self) -> int:
        """How many were answered so far."""
        return self.statuses.total()

    def send(self, requests: int, habits: Habits = ORDINARY, at_a_time: int = 8) -> None:
        """Let visitors come until so many more requests were answered, or one was answered wrongly."""
        enough = self.requests + requests
        threads = [threading.Thread(target=self._come, args=(enough, habits)) for _ in range(at_a_time)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def saw(self, request: str, answer: Answer, expected: int | Sequence[int]) -> None:
        """Count an answer; raise AssertionError if it has another status than expected."""
        with self._lock:
            self.statuses[answer.status] += 1
        fitting = (expected,) if isinstance(expected, int) else expected
        assert answer.status in fitting, (
            f"{request}: {answer.status}, not {fitting}: {answer.content[:300]!r}"
        )

    def _come(self, enough: int, habits: Habits) -> None:
        while self.requests < enough and not self.unexpected:
            rng = random.Random(next(self._numbers))
            [habit] = rng.choices(list(habits), list(habits.values()))
            browser = Browser(self.port, rng)
            try:
                habit(Visit(self, browser, rng))
            except (AssertionError, OSError, http.client.HTTPException) as error:
                self.unexpected.append(f"{habit.__name__}: {error!r}")
            finally:
                browser.close()


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found, pattern.pattern
    return found[1]


def _picture(rng: random.Random) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (rng.randint(100, 600), rng.randint(100, 400)), tuple(rng.randbytes(3))).save(out, "PNG")
    return out.getvalue()


def _multipart(content: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    boundary = "a-line-that-no-picture-holds"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="seen.png"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, {**headers, "Content-Type": f"multipart/form-data; boundary={boundary}"}
