"""Editors who write through a running site, and the history that must tell what they were told."""

import http.client
import json
import subprocess
import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from app.storage.stores import Stores
from tests.people import PASSWORD
from tests.processes import descendants
from tests.servers import eventually, request

MANY = 32
# What the contract allows: done, or not now. Anything else is a defect.
DONE, NOT_NOW = {200, 201}, 503


class Site:
    """gunicorn as operators start it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def send(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict]:
        """Return the status and the body of the answer; raise OSError where there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def is_up(self) -> bool:
        """Say whether it serves and reaches its database."""
        assert self.process.poll() is None
        with suppress(OSError):
            return request(self.port, "/readyz").status == 200
        return False

    def token(self) -> str:
        """Return the Authorization header of Ada."""
        basic = b64encode(f"Ada:{PASSWORD}".encode()).decode()
        status, body = self.send("POST", "/api/v1/token", Authorization=f"Basic {basic}")
        assert status in DONE, body
        return f"Bearer {body['token']}"

    def processes(self) -> set[int]:
        """Return the ids of gunicorn's master and workers."""
        return descendants(self.process.pid)


class Editors:
    """Threads that each set one attribute of an entry again and again, and keep what they were told."""

    def __init__(self, site: Site, entries: list[str], count: int = MANY, name: str = "") -> None:
        self.site = site
        self.name = name
        self.count = count
        self.entries = entries
        self.authorization = site.token()
        self.stopped = threading.Event()
        self.acknowledged: list[tuple[str, str]] = []
        self.refused = 0
        # No answer, or half of one: nothing listened, or who was to answer died.
        self.broken: list[Exception] = []
        self.unexpected: list[object] = []

    @contextmanager
    def at_work(self) -> Iterator["Editors"]:
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(self.count)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stopped.set()
            for thread in threads:
                thread.join()

    def more_edits(self, count: int = MANY) -> None:
        """Wait until so many more edits are acknowledged."""
        before = len(self.acknowledged)
        eventually(lambda: len(self.acknowledged) >= before + count, 60)

    def a_refusal(self) -> None:
        """Wait until one more edit is refused."""
        before = self.refused
        eventually(lambda: self.refused > before)

    def _work(self, number: int) -> None:
        entry = self.entries[number % len(self.entries)]
        path, turn = f"/api/v1/items/{entry}/attributes/by-{number}", 0
        while not self.stopped.is_set():
            turn += 1
            self._set(entry, path, f"{self.name} {number}: {turn}")

    def _set(self, entry: str, path: str, value: str) -> None:
        body = {"name": path.rpartition("/")[2], "kind": "text", "state": "value", "value": value}
        try:
            status, answer = self.site.send("PUT", path, body, Authorization=self.authorization)
        except (OSError, http.client.HTTPException) as error:
            self.broken.append(error)
            return
        if status in DONE:
            self.acknowledged.append((entry, value))
        elif status == NOT_NOW and answer.get("code"):
            self.refused += 1
        else:
            self.unexpected.append((status, answer))


def written(stores: Stores, entries: list[str]) -> Counter[tuple[str, str]]:
    """Return how often each entry's history brought each value; fail where a revision is missing."""
    return Counter((entry, value) for entry in entries for value in _history(stores, entry))


def _history(stores: Stores, entry: str) -> Iterator[str]:
    head = stores.items.get(entry)
    for number in range(2, head.revision + 1):
        item = stores.items.revision(entry, number).item
        [key] = item.change.keys
        yield item.find_attribute(key).value
