"""What people did with a site under faults, and what it held in the end: the log that rules are applied to.

Moments are seconds of the monotonic clock of the one process that all of them are threads of, so that
"before" and "after" mean what they say. Each write carries a mark of its own, in the comment of its revision
and in the values that it sets, by which it is known wherever it appears.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

# The status of what got no answer, or half of one.
NO_ANSWER = 0
NOT_NOW = 503


class Outcome(StrEnum):
    """What a writer knows. A 503 is no refusal: the write may have been done, or be done yet."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. ``status`` is that of the answer, ``problem`` what was wrong with the answer's form."""

    who: str
    host: str
    entry: str
    begun: float
    ended: float
    status: int = 200
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Request):
    """``sets`` are the values by key. ``base`` is the revision that it was on condition of, if any.

    ``revision`` is the number under which it was acknowledged, else 0.
    """

    mark: str
    sets: Mapping[str, str]
    outcome: Outcome
    base: int | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Request):
    """``revision`` is the newest that was shown, 0 if the entry or the revision was said not to exist.

    ``asked`` is the number of the revision that was asked for, or None for the present one. ``values`` are
    those that were shown of it, and ``marks`` the lines of the history by number.
    """

    revision: int
    asked: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Who follows the stream since the moment ``begun``."""

    who: str
    begun: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a follower was told, in this order. One with ``is_gap`` says that some may be missing."""

    who: str
    host: str
    at: float
    entry: str = ""
    revision: int = 0
    mark: str = ""
    is_gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One revision as it is kept in the end. The identities are "" where there is none."""

    revision: int
    mark: str
    at: datetime
    identity: str = ""
    parent: str = ""
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of the list of changes."""

    entry: str
    revision: int
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What was done, to what, and from when to when it lasted; ``hosts`` are those that could not answer."""

    kind: str
    targets: Sequence[str]
    begun: float
    ended: float
    hosts: Sequence[str] = ()


@dataclass(slots=True)
class Log:
    """All of a run. ``histories`` has the revisions of each entry in their order.

    ``connects`` are the requests of followers, which end when the stream begins.
    """

    writes: list[Write] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    connects: list[Request] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    histories: dict[str, list[Kept]] = field(default_factory=dict)
    changes: list[Listed] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write it as JSON Lines, one operation a line, for whoever looks for the cause."""
        parts = {name: getattr(self, name) for name in self.__slots__ if name != "histories"}
        rows = [{"is": name, **asdict(row)} for name, part in parts.items() for row in part]
        rows += [
            {"is": "kept", "entry": entry, **asdict(kept)}
            for entry, history in self.histories.items()
            for kept in history
        ]
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, default=str) + "\n" for row in rows)
