"""``run`` and ``serve``: the site itself, with its database where it has none."""

import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from app.commands.databases import prepare
from app.commands.errors import spoken
from app.commands.server import Server, bind
from app.commands.signals import Stop, stoppable
from app.embedded.instances import site_database
from app.embedded.parent_death import stop_with_parent
from app.storage import durability
from app.storage.clients import connected
from app.storage.stores import Stores
from conf import settings

_RUN_THREADS = "8"
# glibc's malloc (see mallopt(3)) gives each thread an arena of its own and learns from passwords, which take
# 32 MiB for a moment, to keep as much: a worker came to hold 80 MB that nobody used. What an operator sets
# holds.
_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(2**20),
    "MALLOC_TRIM_THRESHOLD_": str(2**22),
}

Config = Mapping[str, object]

# Set when the embedded database could not be kept alive.
_LOST = threading.Event()


@click.command(
    epilog="Example: python manage.py run --port 5001",
    short_help="Start the site for one machine, with everything it needs.",
)
@click.option("--host", help="Address to serve on (default: HOST, else 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port (default: PORT, else 5000).")
@click.option("--no-demo", is_flag=True, help="Do not load the demo entries on the first start.")
def run(host: str | None, port: int | None, no_demo: bool) -> None:
    """Start the site, and the embedded database unless MONGO_URI is set.

    The demo entries are loaded on the first start. Ctrl-C stops everything.
    """
    if os.environ.get("PKYX_STOP_WITH_PARENT"):  # `make run` must not leave a site behind
        stop_with_parent()
    config = _configure(host, port)
    child = {"WEB_CONCURRENCY": "1", "WEB_THREADS": _RUN_THREADS}
    _serve(config, child, demo=not no_demo)


@click.command(
    epilog="Example: PKYX_ENV=production SECRET_KEY=… MONGO_URI=… python manage.py serve",
    short_help="Start the site for the public (gunicorn).",
)
def serve() -> None:
    """Start the site with WEB_CONCURRENCY worker processes on HOST and PORT, behind a reverse proxy."""
    config = _configure(None, None)
    with tempfile.TemporaryDirectory(prefix="pkyx-metrics-") as metrics:
        child = {
            "WEB_CONCURRENCY": str(config["WEB_CONCURRENCY"]),
            "PROMETHEUS_MULTIPROC_DIR": metrics,
        }
        _serve(config, child, demo=False)


def _configure(host: str | None, port: int | None) -> Config:
    with spoken():
        environ = dict(os.environ)
        environ.update({"HOST": host} if host else {})
        environ.update({"PORT": str(port)} if port else {})
        return settings.load(environ)


def _serve(config: Config, child: Mapping[str, str], *, demo: bool) -> None:
    try:
        with stoppable(), spoken(), bind(str(config["HOST"]), int(str(config["PORT"]))) as listener:
            with _database(config) as uri:
                _prepare(uri, demo=demo)
                server = Server(listener, _environ(config, uri, child))
                with server.running():
                    click.echo(f"pkyx is at {config['PKYX_URL']} (stop with Ctrl-C)")
                    status = server.wait()
            raise click.ClickException(f"The web server ended with status {status}.")
    except Stop as stop:
        click.echo("Stopped.")
        if _LOST.is_set():
            raise click.exceptions.Exit(1) from stop


@contextmanager
def _database(config: Config) -> Iterator[str]:
    if config["MONGO_URI"]:
        yield str(config["MONGO_URI"])
        return

    def on_lost() -> None:
        _LOST.set()
        os.kill(os.getpid(), signal.SIGTERM)

    with site_database(Path(str(config["PKYX_DATA"])), on_lost) as uri:
        yield uri


def _prepare(uri: str, *, demo: bool) -> None:
    with connected(uri) as database:
        prepare(database)
        durability.prove(database)
        _finish_deletions(Stores.connect(database))
        if demo:
            _load_demo_once(Stores.connect(database))


def _finish_deletions(stores: Stores) -> None:
    # Here, since `manage.py --help` needs no accounts.
    from app.services import accounts

    accounts.finish_deletions(stores, datetime.now(UTC))


def _load_demo_once(stores: Stores) -> None:
    # Here, since `manage.py --help` needs no demo.
    from app.services import demo

    if demo.is_loaded(stores):
        return
    click.echo("Loading the demo entries …")
    demo.load(stores, datetime.now(UTC))


def _environ(config: Config, uri: str, child: Mapping[str, str]) -> dict[str, str]:
    return {
        **_MALLOC,
        **os.environ,
        "MONGO_URI": uri,
        "PKYX_DATA": str(config["PKYX_DATA"]),
        "HOST": str(config["HOST"]),
        "PORT": str(config["PORT"]),
        **child,
    }
