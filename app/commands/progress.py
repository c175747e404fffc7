"""How far a command has come: a bar on a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

_SECONDS_BETWEEN_LINES = 5.0


class _Lines:
    """Stands for click's bar where standard error is no terminal."""

    def __init__(self, label: str, length: int) -> None:
        self._done = 0
        self._label = label
        self._length = length
        self._next = time.monotonic() + _SECONDS_BETWEEN_LINES

    def update(self, steps: int) -> None:
        self._done += steps
        if time.monotonic() >= self._next:
            click.echo(f"{self._label}: {min(100, 100 * self._done // self._length)} %", err=True)
            self._next = time.monotonic() + _SECONDS_BETWEEN_LINES


@contextmanager
def progress(label: str, length: int, every: int = 1) -> Iterator[Callable[[int], None]]:
    """Show how much of ``length`` is done while the block runs; yield what is told how much that is.

    It is drawn anew for each ``every`` more.
    """
    with _bar(label, max(length, 1)) as bar:
        shown = 0

        def show(done: int) -> None:
            nonlocal shown
            if done - shown >= every:
                bar.update(done - shown)
                shown = done

        yield show


@contextmanager
def _bar(label: str, length: int) -> Iterator[Any]:
    if not sys.stderr.isatty():
        yield _Lines(label, length)
        return
    with click.progressbar(length=length, label=label, file=sys.stderr, show_pos=False) as bar:
        yield bar
