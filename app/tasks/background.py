"""A bounded queue and one thread that works it off, with retries: what a process has without Celery."""

import atexit
import heapq
import itertools
import os
import threading
import time
from collections.abc import Callable, Sequence

import structlog

# Seconds before each further attempt; after the last one the job is given up, and logged.
DELAYS = (2.0, 10.0, 60.0, 300.0, 1800.0, 1800.0, 1800.0, 1800.0)
CAPACITY = 1000
_LAST_CHANCE_SECONDS = 5.0

Job = Callable[[], None]

log = structlog.get_logger(__name__)


class Background:
    """Runs jobs one after the other in a thread that starts with the first of them.

    A job that raises is tried again after each of ``delays``. Nothing survives the process, except that
    jobs not yet tried get a few seconds when it ends in good order.
    """

    def __init__(self, delays: Sequence[float] = DELAYS, capacity: int = CAPACITY) -> None:
        self._delays = delays
        self._capacity = capacity
        # Of two threads that put the first jobs after a fork, one alone begins anew, or it would drop a job.
        self._starting = threading.Lock()
        self._reset()

    def put(self, job: Job) -> bool:
        """Queue a job and return at once; False, and a line in the log, if the queue is full."""
        self._start()
        with self._changed:
            if len(self._due) >= self._capacity:
                log.error("background queue is full, a job was dropped")
                return False
            self._push(job, 0, 0.0)
            self._changed.notify_all()
        return True

    def wait(self, seconds: float) -> bool:
        """Wait until no job waits for its first attempt or runs; say whether that came to be."""
        with self._changed:
            return self._changed.wait_for(self._is_calm, seconds)

    def _reset(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, int, Job]] = []
        self._order = itertools.count()
        self._busy = False
        self._thread: threading.Thread | None = None

    def _start(self) -> None:
        with self._starting:
            # A thread does not survive a fork, nor should the parent's jobs be done twice.
            if self._process != os.getpid():
                self._reset()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                self._thread.start()
                atexit.register(self.wait, _LAST_CHANCE_SECONDS)

    def _push(self, job: Job, attempt: int, delay: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + delay, next(self._order), attempt, job))

    def _is_calm(self) -> bool:
        return not self._busy and all(attempt for _, _, attempt, _ in self._due)

    def _work(self) -> None:
        while True:
            job, attempt = self._next()
            failed = not _succeeds(job, attempt)
            with self._changed:
                if failed and attempt < len(self._delays):
                    self._push(job, attempt + 1, self._delays[attempt])
                self._busy = False
                self._changed.notify_all()

    def _next(self) -> tuple[Job, int]:
        with self._changed:
            while not self._due or self._due[0][0] > time.monotonic():
                self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
            _, _, attempt, job = heapq.heappop(self._due)
            self._busy = True
            return job, attempt


def _succeeds(job: Job, attempt: int) -> bool:
    try:
        job()
    except Exception as error:  # noqa: BLE001 - the thread must outlive whatever a job does
        log.warning("a background job failed", attempt=attempt + 1, error=repr(error))
        return False
    return True
