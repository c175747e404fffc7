"""What processes need while they work: memory, threads, open files, connections to their database."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pymongo import MongoClient

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Sample:
    """What the processes held after so much ``work``, at a moment when nobody asked anything of them.

    ``memory`` is in bytes and without what holds files: programs and libraries, whose share changes with
    every process that begins or ends on the machine. What leaks is in the rest.
    """

    work: int
    memory: int
    threads: int
    files: int
    connections: int

    def __str__(self) -> str:
        held = f"{self.threads} threads, {self.files} files, {self.connections} connections"
        return f"{self.work}: {self.memory / MIB:.1f} MiB, {held}"


def sample(pids: Iterable[int], client: MongoClient, work: int) -> Sample:
    """Look at the processes from outside; the connections are all of the database's."""
    folders = [Path(f"/proc/{pid}") for pid in pids]
    return Sample(
        work=work,
        memory=sum(map(_memory, folders)),
        threads=sum(len(list((folder / "task").iterdir())) for folder in folders),
        files=sum(len(list((folder / "fd").iterdir())) for folder in folders),
        connections=client.admin.command("serverStatus")["connections"]["current"],
    )


def _memory(folder: Path) -> int:
    lines = (folder / "smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) * KIB for line in lines}
    return sizes["Anonymous"] + sizes["Swap"]


def require_flat(samples: Sequence[Sample], part: float, slack: int) -> None:
    """Fail where the second half of ``samples`` shows a growth.

    Memory may grow by ``part`` of itself, by the straight line through its samples; threads, files and
    connections by ``slack`` beyond the most there were in the first half.
    """
    early, late = samples[: len(samples) // 2], samples[len(samples) // 2 :]
    slope = statistics.linear_regression([one.work for one in late], [one.memory for one in late]).slope
    growth = slope * (late[-1].work - late[0].work)
    told = "\n".join(map(str, samples))
    print(f"{told}\n{growth / MIB:+.1f} MiB in the second half")  # noqa: T201 - what a long run is for
    assert growth <= part * late[0].memory, told
    counts: Sequence[Callable[[Sample], int]] = (
        lambda one: one.threads,
        lambda one: one.files,
        lambda one: one.connections,
    )
    for count in counts:
        assert max(map(count, late)) <= max(map(count, early)) + slack, told
