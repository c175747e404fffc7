"""``import``, ``export`` and ``demo``: entries in and out in bulk."""

import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from app.commands.databases import open_stores
from app.commands.errors import spoken
from app.commands.progress import progress
from app.domain.errors import InvalidInput
from app.domain.names import slugify
from app.services import demo as demo_entries
from app.services import exports, imports
from app.services.bodies import clean_comment
from app.services.bulk_formats import BadFile, Format, format_of, shown
from app.services.imports import Options, Report
from app.storage.stores import Stores

_STANDARD = "-"
_SHOWN_EVERY = 100
_EXPORTED = (Format.JSONL, Format.CSV, Format.JSON)
OnProgress = Callable[[int], None]


def _formats(*formats: Format) -> click.Choice[str]:
    return click.Choice([form.value for form in formats])


@click.command(
    name="import",
    epilog="Example: python manage.py import cars.csv --category cars --comment 'First batch'",
    short_help="Add or change entries from JSON Lines, JSON or CSV files.",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(dir_okay=False))
@click.option("--category", default="", help="Category of lines that name none; made if it is new.")
@click.option(
    "--format",
    "form",
    type=_formats(Format.JSONL, Format.CSV, Format.JSON),
    help="The format, where the file's ending does not say it.",
)
@click.option("--replace", is_flag=True, help="A line is the whole entry: what it does not list is removed.")
@click.option("--dry-run", is_flag=True, help="Report what would be done; store nothing.")
@click.option("--comment", default="", help="Edit summary of the revisions.")
def import_(
    files: tuple[str, ...], category: str, form: str | None, replace: bool, dry_run: bool, comment: str
) -> None:
    """Import each FILE (- is the standard input), line by line.

    A line meets the entry of its title: what it lists is set, all else stays. Bad lines are reported and
    the others imported; the exit status is 1 if there was a bad line. Importing again does no harm.
    """
    options = Options(category=category, replace=replace, dry_run=dry_run, comment=comment)
    total = Report()
    with spoken():
        formats = [_format(name, form) for name in files]
        _check_comment(comment)
        with open_stores() as stores:
            for name, found in zip(files, formats, strict=True):
                total.add(_import_file(stores, name, found, options, is_only=len(files) == 1))
    click.echo(f"{total} (dry run)" if dry_run else str(total))
    if total.failed:
        raise click.exceptions.Exit(1)


@click.command(
    epilog="Example: python manage.py export countries.csv --category countries",
    short_help="Write entries to a JSON Lines or CSV file.",
)
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--category", default="", help="Only the entries of this category.")
@click.option(
    "--format", "form", type=_formats(*_EXPORTED), help="The format, where FILE's ending does not say it."
)
def export(file: str, category: str, form: str | None) -> None:
    """Write FILE (- is the standard output) so that import reads it.

    Nothing is lost of the entries as they are now. JSON Lines also tell what their categories expect, which
    CSV does not. FILE is replaced only when all is written.
    """
    with spoken():
        found = _format(file, form)
        with open_stores() as stores, _target(file) as out:
            slug = slugify(category)
            with progress(file, _count(stores, slug)) as show:
                count = exports.run(stores, out, found, slug, _now_and_then(show))
    click.echo(f"wrote {count} entries", err=file == _STANDARD)


@click.command(
    epilog="Example: python manage.py demo",
    short_help="Load the demo entries, where that was not done yet.",
)
def demo() -> None:
    """Load the demo categories and entries that are missing; nothing that exists is touched."""
    with open_stores() as stores:
        report = demo_entries.load_once(stores, datetime.now(UTC))
    click.echo(f"created {report.created} entries" if report else "The demo entries were loaded before.")


def _format(name: str, chosen: str | None) -> Format:
    try:
        return Format(chosen) if chosen else format_of(name)
    except BadFile as error:
        raise click.UsageError(str(error)) from error


def _check_comment(comment: str) -> None:
    try:
        clean_comment(comment)
    except InvalidInput as error:
        raise click.UsageError(f"--{shown(error)}") from error


def _import_file(stores: Stores, name: str, form: Format, options: Options, *, is_only: bool) -> Report:
    where = "" if is_only else f" ({name})"

    def on_bad(number: int, reason: str) -> None:
        click.echo(f"line {number}: {reason}{where}", err=True)

    # One file that cannot be read makes the others none the worse.
    try:
        with _source(name) as (stream, on_progress):
            return imports.run(stores, stream, form, options, datetime.now(UTC), on_bad, on_progress)
    except BadFile as error:
        click.echo(f"{error}{where}", err=True)
    except imports.UNREADABLE as error:
        click.echo(f"{name}: {getattr(error, 'strerror', None) or error}", err=True)
    return Report(failed=1)


@contextmanager
def _source(name: str) -> Iterator[tuple[IO[bytes], OnProgress]]:
    """Yield the file's bytes and what shows how far they are read, on a terminal."""
    if name == _STANDARD:
        yield sys.stdin.buffer, lambda _done: None
        return
    with Path(name).open("rb") as file, progress(name, Path(name).stat().st_size) as show:
        if not name.lower().endswith(".gz"):
            yield file, show
            return
        with gzip.open(file) as unpacked:
            # What counts is how much of the packed file is read.
            yield unpacked, lambda _done: show(file.tell())  # type: ignore[misc]


def _count(stores: Stores, category: str) -> int:
    counts = stores.items.count_by_category()
    return counts.get(category, 0) if category else sum(counts.values())


def _now_and_then(show: OnProgress) -> OnProgress:
    """Return what shows every so many entries; to draw each would take longer than to write it."""
    return lambda done: None if done % _SHOWN_EVERY else show(done)


@contextmanager
def _target(name: str) -> Iterator[IO[str]]:
    if name == _STANDARD:
        with open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False) as out:
            yield out
        return
    try:
        with exports.replacing(Path(name)) as out:
            yield out
    except OSError as error:
        raise click.ClickException(f"{name}: {error.strerror}") from error
