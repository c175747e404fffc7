"""Three mongod processes as a replica set, whose members can be killed, frozen and brought back."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from app.embedded.binaries import find_mongod
from app.embedded.parent_death import signal_on_parent_death
from tests.servers import eventually, free_port

NAME = "rs"
# A tenth of the defaults, so that an election takes a second or two.
_SETTINGS = {"electionTimeoutMillis": 1500, "heartbeatIntervalMillis": 300, "heartbeatTimeoutSecs": 2}


class Member:
    """One mongod on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it on what is in its folder."""
        self.folder.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [
                *(str(find_mongod()), "--replSet", NAME, "--bind_ip", "127.0.0.1", "--port", str(self.port)),
                *("--dbpath", str(self.folder), "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "100"),
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                "--networkMessageCompressors=snappy,zstd",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=signal_on_parent_death(signal.SIGKILL),
        )

    def send(self, number: signal.Signals) -> None:
        """Send a signal; of one that kills, see the end."""
        assert self.process is not None
        self.process.send_signal(number)
        if number is signal.SIGKILL:
            self.process.wait(10)

    def end(self) -> None:
        """Kill it, also where it is frozen or gone."""
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGKILL)


class ReplicaSet:
    """Its members, and which of them is primary."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members

    @property
    def uri(self) -> str:
        """The connection string of all members."""
        return f"mongodb://{','.join(member.address for member in self.members)}/pkyx?replicaSet={NAME}"

    def initiate(self) -> None:
        """Make them one set and wait for its primary."""
        hosts = [{"_id": number, "host": member.address} for number, member in enumerate(self.members)]
        # The first asks each of the others at once, and refuses where one has not yet come up.
        eventually(lambda: all(map(answers, self.members)))
        with MongoClient[dict[str, Any]](self.members[0].address, directConnection=True) as client:
            client.admin.command("replSetInitiate", {"_id": NAME, "members": hosts, "settings": _SETTINGS})
        eventually(self.primary)

    def primary(self) -> Member | None:
        """Return the member that calls itself primary, or None while there is none."""
        return next(filter(is_primary, self.running()), None)

    def running(self) -> Iterator[Member]:
        """Yield the members that have a process."""
        return (member for member in self.members if member.process and member.process.poll() is None)


def is_primary(member: Member) -> bool:
    """Say whether the member answers, and as a primary."""
    try:
        with direct(member) as client:
            return bool(client.admin.command("hello")["isWritablePrimary"])
    except PyMongoError:
        return False


def answers(member: Member) -> bool:
    """Say whether the member answers."""
    with suppress(PyMongoError), direct(member) as client:
        return bool(client.admin.command("ping")["ok"])
    return False


def direct(member: Member) -> MongoClient[dict[str, Any]]:
    """Return a client of this member alone, which does not wait for one that is frozen."""
    return MongoClient(member.address, directConnection=True, timeoutMS=1000, serverSelectionTimeoutMS=1000)


@contextmanager
def three_members(folder: Path) -> Iterator[ReplicaSet]:
    """Yield a replica set of three that has a primary; end it afterwards, frozen or not."""
    found = ReplicaSet([Member(folder / f"member-{number}") for number in range(3)])
    try:
        for member in found.members:
            member.start()
        found.initiate()
        yield found
    finally:
        for member in found.members:
            member.end()
