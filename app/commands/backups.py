"""``backup`` and ``restore``: everything of a site into a folder, and back into an empty database."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from app.commands.databases import open_uri, tell_waiting
from app.commands.errors import spoken
from app.commands.progress import progress
from app.services import backups
from app.services.archives import Manifest
from app.storage.clients import connected
from app.storage.dumps import Dump
from app.storage.loads import Load
from conf import settings

_SHOWN_EVERY = 1000
_FOLDER = click.Path(file_okay=False, path_type=Path)
OnProgress = Callable[[int], None]


@click.command(
    epilog="Example: python manage.py backup /var/backups/pkyx/$(date +%F)",
    short_help="Write everything to a new folder, while the site runs.",
)
@click.argument("folder", metavar="DIR", type=_FOLDER)
def backup(folder: Path) -> None:
    """Write entries with their history, accounts, pictures, categories and settings to DIR.

    DIR is made, or empty. The site may be edited meanwhile: the backup is it as it was at one moment.
    Log-ins are left out. DIR holds addresses and password hashes, and only its owner may read it.
    """
    with spoken(), open_uri(settings.load(os.environ)) as uri, connected(uri) as database:
        dump = Dump(database)
        with progress("backup", dump.count_entries(), _SHOWN_EVERY) as show:
            manifest = backups.create(dump, folder, datetime.now(UTC), show)
    click.echo(f"Wrote {_described(manifest)} to {folder}.")


@click.command(
    epilog="Example: MONGO_URI=mongodb://db/pkyx_new python manage.py restore /var/backups/pkyx/2026-03-14",
    short_help="Fill an empty database from a backup.",
)
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option(
    "--again", is_flag=True, help="Empty a database in which a restore was cut off, and begin anew."
)
def restore(folder: Path, again: bool) -> None:
    """Read all of the backup in DIR, and if every bit is as written, fill the empty database with it.

    A database that holds anything is refused. Where a restore is cut off, the database says that it is
    unfinished: the site does not start on it, and only --again goes on.
    """
    with spoken():
        config = settings.load(os.environ)
        manifest = backups.check(folder)
        with open_uri(config) as uri, connected(uri) as database:
            total = sum(part.documents for part in manifest.collections.values())
            with progress("restore", total, _SHOWN_EVERY) as show:
                backups.restore(Load(database), folder, manifest, show, tell_waiting, again=again)
    click.echo(f"Restored {_described(manifest)} of {manifest.created_at}. Now run: python manage.py check")


def _described(manifest: Manifest) -> str:
    return (
        f"{manifest.count('items'):,} entries with {manifest.count('revisions'):,} earlier revisions, "
        f"{manifest.count('users'):,} accounts and {manifest.count('fs.files'):,} files"
    )
