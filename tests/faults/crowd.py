"""Writers, readers and followers of a few entries, who ask any host and log what they were told."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from random import Random
from typing import Any

from tests.faults.hosts import Answer, Host
from tests.faults.operations import (
    NO_ANSWER,
    Event,
    Follower,
    Log,
    Outcome,
    Read,
    Request,
    Write,
)

# The attributes that all writers share, beside one of each writer's own.
SHARED = ("shared-0", "shared-1", "shared-2")
SUMMARY = "@summary"
_BROKEN = (OSError, http.client.HTTPException)
# A follower hears something every ten seconds, or is cut off.
_SILENCE = 14.0


def own_key(number: int) -> str:
    """Return the attribute that a writer alone writes."""
    return f"by-{number}"


def values_of(item: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of an item's JSON as the log has them."""
    found = {str(row["key"]): str(row["value"]) for row in item.get("attributes", ())}
    return found | ({SUMMARY: item["summary"]} if item.get("summary") else {})


class Crowd:
    """Threads that are at work until they are stopped."""

    def __init__(
        self, log: Log, hosts: Sequence[Host], entries: Sequence[str], authorization: str, seed: str
    ) -> None:
        self.log = log
        self.hosts = hosts
        self.entries = entries
        self.headers = {"Authorization": authorization}
        self.seed = seed
        # The newest revision that somebody knows of, by entry: what is edited on condition of.
        self.newest = dict.fromkeys(entries, 1)
        self.failures: list[BaseException] = []
        self._stopped, self._listening = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self._followers: list[threading.Thread] = []

    @contextmanager
    def at_work(self, writers: int, readers: int, followers: int) -> Iterator[None]:
        """Let so many be at work within; followers go on until :meth:`stop_listening`."""
        self._listening.set()
        self._followers = [self._thread(_Follower(self, number)) for number in range(followers)]
        self._threads = [self._thread(_Writer(self, number)) for number in range(writers)]
        self._threads += [self._thread(_Reader(self, number)) for number in range(readers)]
        try:
            yield
        finally:
            self._stopped.set()
            for thread in self._threads:
                thread.join()

    def stop_listening(self) -> None:
        """Let the followers end."""
        self._listening.clear()
        for thread in self._followers:
            thread.join()

    def is_at_work(self) -> bool:
        """Say whether writers and readers go on."""
        return not self._stopped.is_set()

    def is_listening(self) -> bool:
        """Say whether followers go on."""
        return self._listening.is_set()

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than there is work."""
        self._stopped.wait(seconds)

    def knows(self, entry: str, revision: int) -> None:
        """Remember that there is this revision."""
        self.newest[entry] = max(self.newest.get(entry, 0), revision)

    def _thread(self, person: "_Writer | _Reader | _Follower") -> threading.Thread:
        def work() -> None:
            try:
                person.work()
            except BaseException as error:  # noqa: BLE001 - a thread's only way to tell
                self.failures.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread


class _Person:
    """One who asks a host at random, and knows when."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.crowd = crowd
        self.number = number
        self.who = f"{type(self).__name__.strip('_').lower()} {number}"
        self.chance = Random(f"{crowd.seed} {self.who}")
        self.host = crowd.hosts[0]
        self.begun = 0.0

    def entry(self) -> str:
        """Return an entry; the first two are crowded."""
        quiet = self.crowd.entries[2:]
        is_quiet = quiet and self.chance.random() < 0.1
        return self.chance.choice(quiet if is_quiet else self.crowd.entries[:2])

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer of some host, or one of status NO_ANSWER."""
        self.host = self.chance.choice(self.crowd.hosts)
        self.begun = time.monotonic()
        try:
            return self.host.send(method, "/api/v1" + path, body, {**self.crowd.headers, **(headers or {})})
        except _BROKEN as error:
            return Answer(NO_ANSWER, 0, str(error).encode())

    def about(self, answer: Answer, entry: str) -> dict[str, Any]:
        """Return what the log says of each request."""
        return {
            "who": self.who,
            "host": self.host.name,
            "entry": entry,
            "begun": self.begun,
            "ended": time.monotonic(),
            "status": answer.status,
            "problem": _problem(answer),
        }


class _Writer(_Person):
    """Sets one value after another, often on condition that nobody else was there first."""

    def work(self) -> None:
        turn = 0
        while self.crowd.is_at_work():
            turn += 1
            mark = f"w{self.number}.{turn}"
            if self.chance.random() < 0.02:
                self._add_entries(mark)
            else:
                self._set(self.entry(), mark)
            self.crowd.pause(self.chance.uniform(0, 0.6))

    def _set(self, entry: str, mark: str) -> None:
        base = self.crowd.newest[entry] if self.chance.random() < 0.4 else None
        key = self.chance.choice([own_key(self.number), *SHARED, SUMMARY])
        method, path, body, kind = _edit(entry, key, mark, self.chance)
        headers = {"Content-Type": kind} | ({} if base is None else {"If-Match": f'"{base}"'})
        answer = self.ask(method, path, body, headers)
        self._log(answer, entry, mark, {key: mark}, base, answer.revision)

    def _add_entries(self, mark: str) -> None:
        marks = [f"{mark}.{letter}" for letter in "ab"]
        body = [{"title": each, "summary": each} for each in marks]
        answer = self.ask("POST", f"/items:batch?comment={mark}", body)
        results = answer.body().get("results") or [{} for _ in marks]
        for each, result in zip(marks, results, strict=True):
            entry = each.replace(".", "-")
            revision = result.get("revision", 0)
            self._log(answer, entry, mark, {SUMMARY: each}, None, revision, result.get("status"))

    def _log(
        self,
        answer: Answer,
        entry: str,
        mark: str,
        sets: Mapping[str, str],
        base: int | None,
        revision: int,
        status: int | None = None,
    ) -> None:
        outcome = outcome_of(status or answer.status)
        acknowledged = revision if outcome is Outcome.ACKNOWLEDGED else 0
        about = self.about(answer, entry) | {"status": status or answer.status}
        write = Write(**about, mark=mark, sets=sets, outcome=outcome, base=base, revision=acknowledged)
        self.crowd.log.writes.append(write)
        if outcome is Outcome.ACKNOWLEDGED:
            self.crowd.knows(entry, revision)
        elif answer.status == NO_ANSWER:
            # Its host is probably dead; the others need not be asked by all at once.
            self.crowd.pause(0.3)


def outcome_of(status: int) -> Outcome:
    """Return what a writer knows by the status of the answer."""
    if status in (200, 201):
        return Outcome.ACKNOWLEDGED
    return Outcome.REFUSED if 400 <= status < 500 else Outcome.UNKNOWN


def _edit(entry: str, key: str, mark: str, chance: Random) -> tuple[str, str, object, str]:
    """Return method, path, body and media type of a request that sets one value, in one of several ways."""
    if key == SUMMARY and chance.random() < 0.5:
        operations = [{"op": "add", "path": f"/{name}", "value": mark} for name in ("summary", "comment")]
        return "PATCH", f"/items/{entry}", operations, "application/json-patch+json"
    if key == SUMMARY:
        patch = {"summary": mark, "comment": mark}
        return "PATCH", f"/items/{entry}", patch, "application/merge-patch+json"
    path = f"/items/{entry}/attributes/{key}"
    if chance.random() < 0.5:
        return "PATCH", path, {"value": mark, "comment": mark}, "application/merge-patch+json"
    whole = {"name": key, "kind": "text", "state": "value", "value": mark, "comment": mark}
    return "PUT", path, whole, "application/json"


class _Reader(_Person):
    """Looks at entries, their histories, single revisions and comparisons in turn."""

    def work(self) -> None:
        ways = (self._item, self._history, self._revision, self._comparison)
        while self.crowd.is_at_work():
            self.chance.choice(ways)(self.entry())
            self.crowd.pause(self.chance.uniform(0, 0.3))

    def _item(self, entry: str) -> None:
        answer = self.ask("GET", f"/items/{entry}")
        item = answer.body()
        self._log(answer, entry, item.get("revision", 0), values=values_of(item))

    def _history(self, entry: str) -> None:
        answer = self.ask("GET", f"/items/{entry}/revisions?limit=20")
        lines = answer.body().get("revisions", [])
        marks = {line["revision"]: line["comment"] for line in lines}
        self._log(answer, entry, max(marks, default=0), marks=marks)

    def _revision(self, entry: str) -> None:
        number = max(1, self.crowd.newest[entry] - self.chance.randrange(4))
        answer = self.ask("GET", f"/items/{entry}/revisions/{number}")
        body = answer.body()
        values = values_of(body.get("item") or {})
        marks = {number: body["comment"]} if "comment" in body else {}
        self._log(answer, entry, body.get("revision", 0), values=values, marks=marks, asked=number)

    def _comparison(self, _entry: str) -> None:
        pair = self.crowd.entries[:2]
        answer = self.ask("GET", f"/compare?items={','.join(pair)}")
        body = answer.body()
        for entry in pair:
            about = next((item for item in body.get("items", ()) if item["slug"] == entry), {})
            cells = {
                row["key"]: cell["value"]
                for row in body.get("rows", ())
                for cell in row["cells"]
                if cell["item"] == entry and cell["state"] == "value"
            }
            self._log(answer, entry, about.get("revision", 0), values=cells)

    def _log(self, answer: Answer, entry: str, revision: int, **shown: Any) -> None:
        self.crowd.log.reads.append(Read(**self.about(answer, entry), revision=revision, **shown))
        self.crowd.knows(entry, revision)
        if answer.status == NO_ANSWER:
            self.crowd.pause(0.3)


class _Follower(_Person):
    """Follows the stream, on another host whenever it breaks off, from where it was."""

    def work(self) -> None:
        self.place = ""
        while self.crowd.is_listening():
            self.host = self.chance.choice(self.crowd.hosts)
            try:
                self._follow()
            except _BROKEN:
                time.sleep(0.3)

    def _follow(self) -> None:
        connection = http.client.HTTPConnection(self.host.place.address, self.host.port, timeout=_SILENCE)
        headers = {"Last-Event-ID": self.place} if self.place else {}
        self.begun = time.monotonic()
        with closing(connection):
            connection.request("GET", "/api/v1/changes/stream", headers=headers)
            answer = connection.getresponse()
            told = Answer(answer.status, 0, b"" if answer.status == 200 else answer.read())
            self.crowd.log.connects.append(Request(**self.about(told, "")))
            if told.status != 200:
                time.sleep(0.3)
                return
            fields: dict[str, str] = {}
            while self.crowd.is_listening():
                line = answer.readline().decode()
                if not line:
                    return
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value
                if line == "\n":
                    self._heard(fields)
                    fields = {}

    def _heard(self, fields: Mapping[str, str]) -> None:
        now = time.monotonic()
        if "id" in fields:
            if not self.place:
                self.crowd.log.followers.append(Follower(who=self.who, begun=now))
            self.place = fields["id"]
        if fields.get("event") == "gap":
            self.crowd.log.events.append(Event(who=self.who, host=self.host.name, at=now, is_gap=True))
        elif fields.get("event") == "change":
            self._log(json.loads(fields["data"]), now)

    def _log(self, change: Mapping[str, Any], now: float) -> None:
        self.crowd.log.events.append(
            Event(
                who=self.who,
                host=self.host.name,
                at=now,
                entry=change["item"]["slug"],
                revision=change["revision"],
                mark=change["comment"],
            )
        )


def _problem(answer: Answer) -> str:
    """Return what is wrong with the form of an answer that says no."""
    if answer.status < 400:
        return ""
    return "" if answer.body().get("code") else f"without a code: {answer.text[:200]!r}"
