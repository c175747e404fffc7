"""Everything of a site into a folder, while it is edited, and back into an empty database."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from app.services import archives
from app.services.archives import Manifest
from app.storage import schema
from app.storage.dumps import Dump
from app.storage.loads import Load

_MOST_AT_ONCE = 1000
_LARGEST_AT_ONCE = 8 * 1024 * 1024

OnProgress = Callable[[int], None]


def create(dump: Dump, folder: Path, now: datetime, on_progress: OnProgress) -> Manifest:
    """Write a backup into ``folder`` and return what it holds.

    ``on_progress`` is told how many entries are written. Raises ArchiveError, CannotDump,
    RestoreUnfinished or DatabaseUnavailable; then nothing is left behind.
    """
    dump.require_possible()
    version = dump.schema_version()
    with archives.writing(folder) as writer:
        entries = 0
        for collection, document in dump.documents(writer.scratch):
            writer.add(collection, document)
            if collection == "items":
                entries += 1
                on_progress(entries)
        return writer.finish(now, version)


def check(folder: Path) -> Manifest:
    """Read all of a backup and return what it holds; raise ArchiveError unless all of it can be restored."""
    return archives.verified(folder, schema.newest())


def restore(
    load: Load,
    folder: Path,
    manifest: Manifest,
    on_progress: OnProgress,
    on_wait: Callable[[], None],
    *,
    again: bool = False,
) -> None:
    """Fill the empty database from the backup ``folder``, which :func:`check` found to be whole.

    ``again`` is for a database in which a restore was cut off: it is emptied first. ``on_progress`` is
    told how many documents are written, ``on_wait`` that another process has to finish first. Raises
    NotEmpty, RestoreUnfinished or NothingUnfinished before anything is written; after any other error
    the database says that it is unfinished.
    """
    with load.alone(on_wait):
        if again:
            load.begin_again()
        else:
            load.begin(str(folder))
        _fill(load, folder, manifest, on_progress)
        load.finish(on_wait)


def _fill(load: Load, folder: Path, manifest: Manifest, on_progress: OnProgress) -> None:
    done = 0
    for collection in manifest.collections:
        for batch in _batches(archives.documents(folder, manifest, collection)):
            load.insert(collection, batch)
            done += len(batch)
            on_progress(done)


def _batches(documents: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for document in documents:
        if batch and (len(batch) == _MOST_AT_ONCE or size + len(document) > _LARGEST_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document)
    if batch:
        yield batch
