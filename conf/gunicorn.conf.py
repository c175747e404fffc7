"""gunicorn for `manage.py run` and `manage.py serve`, which add the socket and the database."""

import gc
import os
from pathlib import Path
from typing import Any

from gunicorn.http import message
from prometheus_client import multiprocess

# Threads, since a reader of the change stream keeps one for as long as it listens; how many workers and
# threads pay was measured: docs/scaling.md.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# nginx keeps its connections for less, so that it never sends on one that closes at that moment.
keepalive = 15
# A worker whose main loop is silent for so long is killed.
timeout = 60
# Requests under way may end, so that readers have an answer within ten seconds. What takes longer, a large
# export or batch or a slow upload, is cut off.
graceful_timeout = 8
# Whatever leaks in a library leaks for a while only, and workers are not exchanged all at once. A worker
# that is alone stays: its limits and caches live in its memory.
max_requests = 200_000 if workers > 1 else 0
max_requests_jitter = max_requests // 5
# The application is made once and then forked: a new worker serves at once, and they share its memory.
# create_app opens no connection and starts no thread, and the database client connects on first use, so
# each worker has its own.
preload_app = True
# Heartbeat files on a disk may stall a worker long enough to be taken for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes it private
# Ten thousand characters of any script in a query get a page that helps; what gunicorn bounds it to by itself
# is less.
limit_request_line = message.MAX_REQUEST_LINE = 128 * 1024
accesslog = None
loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "warning")
control_socket_disable = True


# A page makes thousands of objects and hardly a cycle; to look for those as often as Python does by
# itself took a fourth of the time of a comparison.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def when_ready(server: Any) -> None:
    """Leave what the application is made of out of every later collection, in the workers too."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)


def post_worker_init(worker: Any) -> None:
    """Begin what each process does by itself."""
    # Here, since this file is also read by who only checks it.
    from app.api import changes
    from app.tasks import periodic

    # Without Redis the periodic tasks are the business of the site's own processes.
    periodic.start(worker.wsgi)
    # Else a process that is to stop would wait for readers who listen for minutes.
    changes.end_streams_when(worker.wsgi, lambda: not worker.alive)


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that ended."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)
