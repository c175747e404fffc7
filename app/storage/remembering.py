"""Answers that cost more than they change."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

# An answer that came sooner than this is asked for again every time.
_QUICK = 0.02
_TIMES_ITS_COST = 50


class Remembered(Generic[T]):
    """Calls ``ask`` and keeps the answer for fifty times as long as asking took.

    So a small site always sees the present, and a large one spends at most a fiftieth of its time
    on asking. Safe among threads: at worst two ask at once.
    """

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._kept: tuple[float, T] | None = None

    def __call__(self) -> T:
        """Return the kept answer, or a new one."""
        kept, started = self._kept, time.monotonic()
        if kept is not None and started < kept[0]:
            return kept[1]
        answer = self._ask()
        finished = time.monotonic()
        self._kept = (finished + _TIMES_ITS_COST * max(0.0, finished - started - _QUICK), answer)
        return answer
