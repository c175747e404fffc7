"""The folder that a backup is: one compressed file of BSON for each collection, and what proves them whole.

``manifest.json`` says what there is and of which version, ``SHA256SUMS`` gives the digest of every file as
``sha256sum --check`` reads it, and is written last. While ``UNFINISHED`` exists the rest counts for nothing.
The files are those of ``mongodump --gzip``, so that a backup can be read without pkyx.
"""

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast
from urllib.parse import quote

from app.utils.bson_frames import FrameDamaged, read_frames

FORMAT = "pkyx-backup"
VERSION = 1
_ENDING = ".bson.gz"
_MANIFEST = "manifest.json"
_SUMS = "SHA256SUMS"
_UNFINISHED = "UNFINISHED"
_SCRATCH = ".scratch"
# More than twice as quick as the default, for a third more of size: the site has to go on meanwhile.
_LEVEL = 3
_PIECE = 1024 * 1024
_LARGEST_MANIFEST = 1024 * 1024


class ArchiveError(Exception):
    """A backup cannot be written or read. ``str()`` is one line for the operator."""


class Damaged(ArchiveError):
    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"The backup {folder} is damaged and nothing of it was restored: {reason}.")


class Changed(ArchiveError):
    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"The backup {folder} changed while it was restored: {reason}.")


@dataclass(frozen=True, slots=True)
class Part:
    """One collection of a backup: its file, and how many documents are in it."""

    file: str
    documents: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``schema`` is the migration that its database was at."""

    created_at: str
    schema: int
    collections: Mapping[str, Part]

    def count(self, collection: str) -> int:
        """Return how many documents of a collection there are."""
        part = self.collections.get(collection)
        return part.documents if part else 0


class Writer:
    """Writes a backup into its folder; use :func:`writing`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[str, _OpenPart] = {}
        self.scratch = folder / _SCRATCH

    def add(self, collection: str, document: bytes) -> None:
        """Append one document."""
        part = self._parts.get(collection)
        if part is None:
            part = self._parts[collection] = _OpenPart(self._folder / (quote(collection, safe="") + _ENDING))
        part.write(document)

    def finish(self, created_at: datetime, schema: int) -> Manifest:
        """Write the files to the disk, then what proves them whole, and return what there is."""
        digests = {part.path.name: part.close() for part in self._parts.values()}
        parts = {name: Part(part.path.name, part.count) for name, part in sorted(self._parts.items())}
        manifest = Manifest(created_at.isoformat(timespec="seconds"), schema, parts)
        text = json.dumps({"format": FORMAT, "version": VERSION, **asdict(manifest)}, indent=2) + "\n"
        digests[_MANIFEST] = hashlib.sha256(text.encode()).hexdigest()
        _write(self._folder / _MANIFEST, text)
        _write(self._folder / _SUMS, _sums(digests))
        return manifest

    def abandon(self) -> None:
        """Close what is open."""
        for part in self._parts.values():
            with contextlib.suppress(OSError):
                part.close()


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[Writer]:
    """Yield what writes a backup into ``folder``, which is made, or empty, or left by an unfinished backup.

    Where the block raises, all that was written is removed again. Raises ArchiveError.
    """
    with _spoken(folder), _held(folder):
        _make_room(folder)
        _write(folder / _UNFINISHED, "This backup was not finished. Back up into this folder again.\n")
        writer = Writer(folder)
        try:
            writer.scratch.mkdir(mode=0o700)
            yield writer
            shutil.rmtree(writer.scratch)
            (folder / _UNFINISHED).unlink()
            _sync(folder)
        except BaseException:
            writer.abandon()
            _remove_ours(folder)
            raise


def verified(folder: Path, newest_schema: int) -> Manifest:
    """Return what a backup holds, after reading every byte of it; raise ArchiveError.

    That is Damaged where a file is missing, cut short or other than it was written, down to a single bit.
    """
    with _spoken(folder):
        if not folder.is_dir():
            raise ArchiveError(f"There is no folder {folder}.")
        if (folder / _UNFINISHED).exists():
            raise ArchiveError(f"The backup {folder} was not finished; nothing of it was restored.")
        sums, text = _read_small(folder, _SUMS), _read_small(folder, _MANIFEST)
        # A bit of the manifest may have been lost; what it then says is not to be followed.
        digests = {_MANIFEST: hashlib.sha256(text).hexdigest()}
        manifest = _manifest_from(folder, text, newest_schema)
        _require_listed(folder, sums, digests)
        for part in manifest.collections.values():
            digests[part.file] = _verify_part(folder, part)
        _require_listed(folder, sums, digests)
        if _sums(digests).encode() != sums:
            raise Damaged(folder, f"{_SUMS} is not what was written")
        return manifest


def documents(folder: Path, manifest: Manifest, collection: str) -> Iterator[bytes]:
    """Yield the documents of a collection of a verified backup; raise Changed."""
    part = manifest.collections[collection]
    with _spoken(folder), _undamaged(folder, part.file, Changed), gzip.open(folder / part.file) as stream:
        yield from read_frames(cast(IO[bytes], stream))


class _OpenPart:
    """A file that is digested and written as it is compressed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._sink = _Digested(self._file)
        # A fixed time in the header: equal data gives equal files.
        self._packer = gzip.GzipFile("", "wb", _LEVEL, fileobj=cast(IO[bytes], self._sink), mtime=0)

    def write(self, document: bytes) -> None:
        self._packer.write(document)
        self.count += 1

    def close(self) -> str:
        """Bring all of it to the disk and return its digest."""
        with self._file:
            self._packer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
        return self._sink.hexdigest()


class _Digested:
    """A file that is digested as it is read or written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


# Writing


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Make the folder and keep a second backup out of it; the lock ends with the process."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ArchiveError(f"Another backup is being written into {folder}.") from error
    finally:
        os.close(handle)


def _make_room(folder: Path) -> None:
    if (folder / _UNFINISHED).exists():
        _remove_ours(folder)
    if any(folder.iterdir()):
        raise ArchiveError(f"{folder} is not empty, and a backup never overwrites. Name a new folder.")


def _remove_ours(folder: Path) -> None:
    """Remove the files of a backup; what says that it is unfinished goes last."""
    shutil.rmtree(folder / _SCRATCH, ignore_errors=True)
    for path in (*folder.glob(f"*{_ENDING}"), folder / _MANIFEST, folder / _SUMS, folder / _UNFINISHED):
        path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    """Bring the names of the files to the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sums(digests: Mapping[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))


# Reading


def _read_small(folder: Path, name: str) -> bytes:
    try:
        with (folder / name).open("rb") as file:
            return file.read(_LARGEST_MANIFEST)
    except FileNotFoundError as error:
        raise ArchiveError(f"{folder} holds no backup: there is no {name}.") from error


def _manifest_from(folder: Path, text: bytes, newest_schema: int) -> Manifest:
    try:
        raw = json.loads(text)
        described = (raw["format"], int(raw["version"]))
        parts = {
            name: Part(_own_name(part["file"]), int(part["documents"]))
            for name, part in raw["collections"].items()
        }
        manifest = Manifest(str(raw["created_at"]), int(raw["schema"]), parts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(folder, f"{_MANIFEST} cannot be read") from error
    if described != (FORMAT, VERSION):
        raise ArchiveError(
            f"The backup {folder} is of format {described[0]}, version {described[1]}; this pkyx restores "
            f"{FORMAT}, version {VERSION}."
        )
    if manifest.schema > newest_schema:
        raise ArchiveError(
            f"The backup {folder} is of schema {manifest.schema}, made by a newer pkyx; "
            f"this one knows {newest_schema}."
        )
    return manifest


def _own_name(name: str) -> str:
    if Path(name).name != name or not name.endswith(_ENDING):
        raise ValueError(name)
    return name


def _require_listed(folder: Path, sums: bytes, digests: Mapping[str, str]) -> None:
    lines = set(sums.splitlines())
    for name, digest in digests.items():
        if f"{digest}  {name}".encode() not in lines:
            raise Damaged(folder, f"{name} is not what was written")


def _verify_part(folder: Path, part: Part) -> str:
    """Return the digest of a file that unpacks into as many documents as it should."""
    with _undamaged(folder, part.file), (folder / part.file).open("rb") as file:
        digested = _Digested(file)
        with gzip.GzipFile(fileobj=cast(IO[bytes], digested)) as stream:
            count = sum(1 for _frame in read_frames(cast(IO[bytes], stream)))
        while digested.read(_PIECE):
            pass
    if count != part.documents:
        raise Damaged(folder, f"{part.file} holds {count} documents instead of {part.documents}")
    return digested.hexdigest()


@contextlib.contextmanager
def _undamaged(
    folder: Path, name: str, otherwise: Callable[[Path, str], ArchiveError] = Damaged
) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise otherwise(folder, f"{name} is missing") from error
    except (gzip.BadGzipFile, EOFError, zlib.error, FrameDamaged) as error:
        raise otherwise(folder, f"{name} cannot be unpacked") from error


@contextlib.contextmanager
def _spoken(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(f"{error.filename or folder}: {error.strerror or error}") from error
