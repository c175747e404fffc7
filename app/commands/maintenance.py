"""``indexes``, ``check`` and ``shell``: looking after an instance."""

import code
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from pymongo.database import Database

from app.commands.databases import open_stores, open_uri, prepare
from app.commands.errors import spoken
from app.services import integrity
from app.services.integrity import Findings
from app.storage import durability, schema
from app.storage import indexes as declared
from app.storage.clients import connected
from app.storage.documents import Document
from app.storage.durability import SETTLED, NotDurable
from app.storage.inspection import Inspection
from app.storage.maintenance import RestoreUnfinished, is_restoring
from app.storage.stores import Stores
from conf import settings


@click.command(
    epilog="Example: python manage.py indexes",
    short_help="Bring the database to the present schema: migrations and indexes.",
)
def indexes() -> None:
    """Run the migrations that were not run on this database, create missing indexes, replace other ones.

    Every start does the same; running it again changes nothing. Of several at once one does the work.
    """
    with spoken(), open_uri(settings.load(os.environ)) as uri, connected(uri) as database:
        for migration in prepare(database):
            click.echo(f"Migration {migration.number}: {migration.title}.")
        click.echo(f"{sum(map(len, declared.INDEXES.values()))} indexes are as declared.")


@click.command(
    epilog="Example: python manage.py check && echo fine",
    short_help="Check the configuration and the integrity of the data.",
)
def check() -> None:
    """Read everything and print each thing that is wrong; exit with status 1 if there is any.

    Says how safe an acknowledged write is; proves that histories have no gaps, that slugs, titles and
    accounts are unique, that pictures are there and whole, and that indexes and schema are as declared.
    References to what does not exist, and files that nothing refers to, are reported without being wrong.
    The site may go on meanwhile.
    """
    with spoken():
        config = settings.load(os.environ)
        findings = _findings(config)
    for note in findings.notes:
        click.echo(f"Note: {note}")
    for problem in findings.problems:
        click.echo(problem, err=True)
    if findings.problems:
        raise click.exceptions.Exit(1)
    click.echo("Everything is in order.")


@click.command(
    epilog="Example: echo 'print(stores.items.find_by_slug(\"austria\"))' | python manage.py shell",
    short_help="Open a Python prompt with the stores at hand.",
)
def shell() -> None:
    """Open a Python prompt in which ``stores`` is this instance's data."""
    with open_stores() as stores:
        code.interact("pkyx: `stores` holds this instance's data.", local={"stores": stores}, exitmsg="")


def _findings(config: Mapping[str, object]) -> Findings:
    with open_uri(config) as uri, connected(uri) as database:
        try:
            topology = durability.prove(database)
        except NotDurable as error:
            # Reading goes on: an operator wants to know the rest all the more.
            undurable = [str(error)]
        else:
            undurable = []
            click.echo(f"Writes are acknowledged by a majority and journaled ({topology}).")
        settled = database.with_options(read_concern=SETTLED)
        findings = integrity.inspect(Stores.connect(database), Inspection(settled))
        click.echo(str(findings))
        findings.problems[:0] = [
            *_open_files(Path(str(config["PKYX_DATA"]))),
            *undurable,
            *_schema_problems(database),
        ]
    return findings


def _schema_problems(database: Database[Document]) -> Iterator[str]:
    if is_restoring(database):
        yield str(RestoreUnfinished())
    for migration in schema.pending(database):
        yield f"Migration {migration.number} was not run; run: python manage.py indexes"
    yield from declared.verify(database)


def _open_files(folder: Path) -> Iterator[str]:
    key = folder / "secret_key"
    if key.exists() and key.stat().st_mode & 0o077:
        yield f"{key} can be read by others; run: chmod 600 {key}"
