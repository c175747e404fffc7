"""Collection ``tasks``: what is to be done in the background, how often it was tried, and how it ended.

A task is begun by whoever claims it. The claim is renewed while work goes on; after the death of a worker it
runs out, and another takes the task up. What is done is never begun again, however often it is delivered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from app.storage import cursors
from app.storage.documents import Document, from_database
from app.storage.guarding import translating

# Of those that have not gone by themselves, after two weeks.
MOST_KEPT = 1000
_PATIENCE = timedelta(minutes=5)
_LISTING = "tasks"
_LONGEST_ERROR = 300


class TaskState(StrEnum):
    """How a task stands. One that waits was not begun, or failed and will be tried again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


_OPEN = [TaskState.WAITING.value, TaskState.RUNNING.value]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: the ``name`` of a job and its arguments; ``request_id`` is who asked for it."""

    id: str
    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """How it went. ``error`` holds the words of the last failure; ``at`` is when anything last happened."""

    id: str
    name: str
    state: TaskState
    tries: int
    error: str
    request_id: str
    created_at: datetime
    at: datetime


@translating
class TaskStore:
    """Verbs on tasks."""

    def __init__(self, db: Database[Document]) -> None:
        self._tasks = db["tasks"]

    def add(self, order: Order, now: datetime) -> None:
        """Keep an order; one that is kept already stays as it is."""
        document: Document = {
            "_id": order.id,
            "name": order.name,
            "arguments": dict(order.arguments),
            "request_id": order.request_id,
            "state": TaskState.WAITING.value,
            "tries": 0,
            "until": now,
            "created_at": now,
            "at": now,
        }
        try:
            self._tasks.insert_one(document)
        except DuplicateKeyError:
            return

    def claim(self, task_id: str, holder: str, now: datetime, until: datetime) -> int:
        """Begin a task, if it is due and nobody is at it; return which try that is, 0 for none."""
        due = {"_id": task_id, "state": {"$in": _OPEN}, "until": {"$lte": now}}
        begun = {
            "$set": {"state": TaskState.RUNNING.value, "holder": holder, "until": until, "at": now},
            "$inc": {"tries": 1},
            # It arrived: lost from now on, it is lost anew.
            "$unset": {"sent": ""},
        }
        found = self._tasks.find_one_and_update(due, begun, return_document=ReturnDocument.AFTER)
        return int(found["tries"]) if found else 0

    def renew(self, task_id: str, holder: str, until: datetime) -> None:
        """Keep a claim for longer."""
        self._tasks.update_one(self._held(task_id, holder), {"$set": {"until": until}})

    def finish(self, task_id: str, holder: str, now: datetime) -> None:
        """Say that it is done. Its arguments, such as an address, are forgotten."""
        self._end(task_id, holder, {"state": TaskState.DONE.value, "at": now})

    def give_up(self, task_id: str, holder: str, error: str, now: datetime) -> None:
        """Say that it failed for good."""
        self._end(
            task_id, holder, {"state": TaskState.FAILED.value, "error": error[:_LONGEST_ERROR], "at": now}
        )

    def postpone(self, task_id: str, holder: str, error: str, due: datetime, now: datetime) -> None:
        """Say that it failed and is to be tried again when ``due``."""
        told = {"state": TaskState.WAITING.value, "error": error[:_LONGEST_ERROR], "until": due, "at": now}
        self._tasks.update_one(self._held(task_id, holder), {"$set": told, "$unset": {"holder": ""}})

    def known(self, task_ids: Sequence[str]) -> set[str]:
        """Return which of the tasks there are already."""
        return {row["_id"] for row in self._tasks.find({"_id": {"$in": list(task_ids)}}, {"_id": True})}

    def take_overdue(self, before: datetime, now: datetime, limit: int = 100) -> Sequence[Order]:
        """Return what was due before then and nobody is at: lost with a queue, or with its worker.

        What was returned is not again for some minutes, so that a long queue is not made longer.
        """
        lost: Document = {"state": {"$in": _OPEN}, "until": {"$lt": before}}
        lost["sent"] = {"$not": {"$gt": now - _PATIENCE}}
        rows = list(self._tasks.find(lost).sort("until", 1).limit(limit))
        # Not those that were begun meanwhile: should their worker die, they are lost anew, and at once.
        still = {**lost, "_id": {"$in": [row["_id"] for row in rows]}}
        self._tasks.update_many(still, {"$set": {"sent": now}})
        return tuple(_order_from(row) for row in rows)

    def page(self, cursor: str = "", limit: int = 50) -> tuple[Sequence[TaskRecord], str]:
        """Return tasks, the newest first, and the cursor of the next page ("" at the end); raise BadQuery."""
        query: Document = {}
        if cursor:
            at, key = cursors.decode(_LISTING, (datetime, str), cursor)
            query = {"$or": [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": key}}]}
        rows = list(self._tasks.find(query).sort([("created_at", -1), ("_id", -1)]).limit(limit + 1))
        found = tuple(_record_from(row) for row in rows[:limit])
        more = len(rows) > limit
        return found, cursors.encode(_LISTING, (found[-1].created_at, found[-1].id)) if more else ""

    def trim(self) -> None:
        """Forget ended tasks beyond the newest MOST_KEPT."""
        oldest = self._tasks.find({}, {"created_at": True}).sort([("created_at", -1), ("_id", -1)])
        for row in oldest.skip(MOST_KEPT).limit(1):
            self._tasks.delete_many(
                {"created_at": {"$lte": row["created_at"]}, "state": {"$nin": _OPEN}},
            )

    def _held(self, task_id: str, holder: str) -> Document:
        return {"_id": task_id, "holder": holder, "state": TaskState.RUNNING.value}

    def _end(self, task_id: str, holder: str, told: Mapping[str, Any]) -> None:
        forgotten = {"holder": "", "arguments": ""}
        self._tasks.update_one(self._held(task_id, holder), {"$set": told, "$unset": forgotten})


def _order_from(row: Mapping[str, Any]) -> Order:
    return Order(row["_id"], row["name"], dict(row.get("arguments", {})), row["request_id"])


def _record_from(row: Mapping[str, Any]) -> TaskRecord:
    return TaskRecord(
        id=row["_id"],
        name=row["name"],
        state=TaskState(row["state"]),
        tries=row["tries"],
        error=row.get("error", ""),
        request_id=row["request_id"],
        created_at=from_database(row["created_at"]),
        at=from_database(row["at"]),
    )
