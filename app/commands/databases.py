"""Which database a command works on: MONGO_URI's, the running site's, or the embedded one by itself."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from pymongo.database import Database

from app.commands.errors import spoken
from app.embedded.instances import command_database
from app.storage import maintenance, schema
from app.storage.clients import connected
from app.storage.documents import Document
from app.storage.migrations import Migration
from app.storage.stores import Stores
from conf import settings


@contextmanager
def open_uri(config: Mapping[str, object]) -> Iterator[str]:
    """Yield the connection string of the database, for as long as the command needs it."""
    if config["MONGO_URI"]:
        yield str(config["MONGO_URI"])
        return
    with command_database(Path(str(config["PKYX_DATA"]))) as uri:
        yield uri


@contextmanager
def open_stores() -> Iterator[Stores]:
    """Yield the stores of the instance that the environment describes; errors become one line."""
    with spoken(), open_uri(settings.load(os.environ)) as uri, connected(uri) as database:
        # Unique titles are the indexes' work, and this may be the first command of all.
        prepare(database)
        yield Stores.connect(database)


def prepare(database: Database[Document]) -> Sequence[Migration]:
    """Bring the database to the present schema and return the migrations that this took.

    Raises MaintenanceError where a restore is unfinished, or a newer release changed the schema.
    """
    maintenance.require_restored(database)
    return schema.prepare(database, tell_waiting)


def tell_waiting() -> None:
    """Say that another process has to finish first."""
    click.echo("Waiting for another pkyx process that works on this database …", err=True)
