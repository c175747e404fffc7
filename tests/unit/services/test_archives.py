"""The folder of a backup: whole to the bit, or refused."""

import gzip
import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.services import archives
from app.services.archives import ArchiveError, Damaged
from app.storage.schema import newest

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
# {} and {"a": true} in BSON.
EMPTY, FLAG = b"\x05\0\0\0\0", b"\x09\0\0\0\x08a\0\x01\0"


def write(folder: Path, schema: int = 1) -> None:
    with archives.writing(folder) as writer:
        for number in range(50):
            writer.add("items", FLAG if number % 2 else EMPTY)
        writer.add("fs.files", EMPTY)
        writer.finish(NOW, schema)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "backup")
    return tmp_path / "backup"


def check(folder: Path) -> archives.Manifest:
    return archives.verified(folder, newest())


def rewrite_manifest(folder: Path, **changes: object) -> None:
    """Change the manifest as somebody would who knows of the digests."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_what_was_written_is_read(folder):
    manifest = check(folder)
    assert (manifest.count("items"), manifest.count("fs.files"), manifest.count("users")) == (50, 1, 0)
    assert manifest.created_at == "2026-03-14T09:26:53+00:00"
    assert list(archives.documents(folder, manifest, "items"))[:2] == [EMPTY, FLAG]


def test_only_its_owner_may_read_it(folder):
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_equal_data_gives_equal_files(folder, tmp_path):
    write(tmp_path / "second")
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_single_bit_anywhere_is_noticed(folder, data):
    path = data.draw(st.sampled_from(sorted(folder.iterdir())))
    whole = path.read_bytes()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = bytearray(whole)
    flipped[bit // 8] ^= 1 << bit % 8
    path.write_bytes(flipped)
    try:
        with pytest.raises(ArchiveError):
            check(folder)
    finally:
        path.write_bytes(whole)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_file_cut_short_or_lengthened_is_noticed(folder, data):
    path = data.draw(st.sampled_from(sorted(folder.iterdir())))
    whole = path.read_bytes()
    length = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(data.draw(st.sampled_from([whole[:length], whole + b"\0", whole + whole])))
    try:
        with pytest.raises(ArchiveError):
            check(folder)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("name", ["items.bson.gz", "fs.files.bson.gz", "manifest.json", "SHA256SUMS"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ArchiveError, match=name):
        check(folder)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 2}, "version 2"),
        ({"format": "tar"}, "format tar"),
        ({"schema": 9}, "newer pkyx"),
        ({"collections": {"items": {"file": "../x.bson.gz", "documents": 1}}}, "cannot be read"),
        (
            {"collections": {"items": {"file": "items.bson.gz", "documents": 49}}},
            "50 documents instead of 49",
        ),
        ({"collections": []}, "cannot be read"),
        ({"version": "one"}, "cannot be read"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(folder, changes, words):
    rewrite_manifest(folder, **changes)
    with pytest.raises(ArchiveError, match=words):
        check(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"text"'])
def test_a_manifest_that_is_none_is_refused(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(Damaged):
        check(folder)


@pytest.mark.parametrize(
    "content", [b"\x04\0\0\0", EMPTY[:-1] + b"\1", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x05"]
)
def test_what_is_no_bson_is_refused_even_with_a_right_digest(folder, content):
    (folder / "fs.files.bson.gz").write_bytes(gzip.compress(content))
    rewrite_manifest(folder)
    with pytest.raises(Damaged, match=r"fs\.files\.bson\.gz cannot be unpacked"):
        check(folder)


def test_a_backup_that_changes_while_it_is_restored_is_told(folder):
    manifest = check(folder)
    path = folder / "items.bson.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(archives.Changed, match="changed while"):
        list(archives.documents(folder, manifest, "items"))


def test_what_is_no_backup_is_refused(tmp_path):
    with pytest.raises(ArchiveError, match="no folder"):
        check(tmp_path / "nowhere")
    with pytest.raises(ArchiveError, match="holds no backup"):
        check(tmp_path)


def test_a_backup_never_overwrites(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ArchiveError, match="not empty"):
        write(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_two_backups_do_not_share_a_folder(tmp_path):
    with archives.writing(tmp_path / "backup") as writer:
        with pytest.raises(ArchiveError, match="Another backup"):
            write(tmp_path / "backup")
        writer.finish(NOW, newest())
    assert check(tmp_path / "backup").collections == {}


def test_a_backup_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), archives.writing(tmp_path / "backup") as writer:
        writer.add("items", EMPTY)
        raise RuntimeError
    assert list((tmp_path / "backup").iterdir()) == []


def test_a_backup_that_was_killed_is_no_backup_and_its_folder_can_be_used_again(tmp_path):
    with archives.writing(tmp_path / "backup") as writer:
        writer.add("items", EMPTY)
        shutil.copytree(tmp_path / "backup", tmp_path / "killed")
        writer.finish(NOW, 1)
    with pytest.raises(ArchiveError, match="not finished"):
        check(tmp_path / "killed")
    write(tmp_path / "killed")
    assert check(tmp_path / "killed").count("items") == 50


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="file"):
        write(tmp_path / "file" / "backup")
