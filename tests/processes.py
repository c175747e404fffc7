"""Processes as /proc tells of them: any may end, and any file of theirs be closed, between two looks."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# A file of /proc is missing once its process has ended, or cannot be read while that ends.
_GONE = (FileNotFoundError, ProcessLookupError, PermissionError)


def all_of_them() -> Iterator[int]:
    """Yield the number of each process of the machine."""
    yield from (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def is_running(pid: int) -> bool:
    """Say whether the process lives; one that is dead and not yet waited for does not."""
    return _read(pid, "stat").rpartition(b")")[2].split()[:1] not in ([], [b"Z"])


def command_line(pid: int) -> bytes:
    """Return the words that the process was started by, b"" where there is none."""
    return _read(pid, "cmdline")


def environment(pid: int) -> bytes:
    """Return the environment that the process was started in, b"" where there is none."""
    return _read(pid, "environ")


def open_files(pid: int) -> set[str]:
    """Return what the process holds open, as ``/a/path`` or ``socket:[17]``."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(*_GONE):
            found.add(str(link.readlink()))
    return found


def descendants(pid: int) -> set[int]:
    """Return the children of the process, theirs, and so on."""
    found: set[int] = set()
    with suppress(*_GONE):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, _read(pid, f"task/{task.name}/children").split()):
                found |= {child} | descendants(child)
    return found


def _read(pid: int, name: str) -> bytes:
    with suppress(*_GONE):
        return Path(f"/proc/{pid}/{name}").read_bytes()
    return b""
