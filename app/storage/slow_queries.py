"""Commands of the database that took long, in the log: their shapes alone, never a value."""

from collections.abc import Mapping
from typing import Any

import structlog
from pymongo import monitoring

# What of a command tells how it was answered; the rest is values, or of the protocol.
_TOLD = ("filter", "query", "pipeline", "sort", "limit", "hint", "updates", "deletes")
_DEEPEST = 6
_MOST_MEMBERS = 20
_LONGEST = 1000

log = structlog.get_logger(__name__)


class SlowQueries(monitoring.CommandListener):
    """Logs each command that took longer than ``milliseconds``."""

    def __init__(self, milliseconds: int) -> None:
        self._most = milliseconds * 1000
        self._running: dict[int, Mapping[str, Any]] = {}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Remember what was asked."""
        self._running[event.request_id] = event.command

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Log it, if it took long."""
        self._ended(event, "slow query")

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Log it, if it took long to fail."""
        self._ended(event, "slow query that failed")

    def _ended(
        self, event: monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent, words: str
    ) -> None:
        command = self._running.pop(event.request_id, {})
        if event.duration_micros > self._most:
            log.warning(
                words,
                command=event.command_name,
                collection=str(command.get(event.command_name, command.get("collection", "")))[:100],
                milliseconds=event.duration_micros // 1000,
                shape=shape_of(command),
            )


def shape_of(command: Mapping[str, Any]) -> str:
    """Return the fields and operators of a command with a ``?`` for each value."""
    told = {name: _shape(command[name], _DEEPEST) for name in _TOLD if name in command}
    return str(told)[:_LONGEST]


def _shape(value: object, depth: int) -> object:
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): _shape(each, depth - 1) for key, each in list(value.items())[:_MOST_MEMBERS]}
    if isinstance(value, list | tuple):
        shapes: list[object] = []
        for each in value[:_MOST_MEMBERS]:
            if (shape := _shape(each, depth - 1)) not in shapes:
                shapes.append(shape)
        return shapes
    # Directions of a sort are no secret, but neither worth an exception.
    return "?"
