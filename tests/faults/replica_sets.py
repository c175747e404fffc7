"""Three mongod processes as a replica set, whose members can be killed, frozen and brought back."""

import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from app.embedded.binaries import find_mongod
from app.embedded.parent_death import signal_on_parent_death
from tests.faults.networks import Place
from tests.servers import eventually, free_port

NAME = "rs"
HERE = Place()
# A tenth of the defaults, so that an election takes a second or two.
QUICK: Mapping[str, int] = {
    "electionTimeoutMillis": 1500,
    "heartbeatIntervalMillis": 300,
    "heartbeatTimeoutSecs": 2,
}
# Nobody is elected unless a test wants it, and a primary that lost the others stays one for a minute.
ON_DEMAND: Mapping[str, int] = {"electionTimeoutMillis": 60_000, "heartbeatIntervalMillis": 300}


class Member:
    """One mongod on a port of its own."""

    def __init__(self, folder: Path, place: Place = HERE) -> None:
        self.folder = folder
        self.place = place
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{self.place.address}:{self.port}"

    def start(self) -> None:
        """Start it on what is in its folder."""
        self.folder.mkdir(exist_ok=True)
        listening = ("--bind_ip", self.place.address, "--port", str(self.port))
        self.process = subprocess.Popen(
            self.place.command(
                *(str(find_mongod()), "--replSet", NAME, *listening),
                *("--dbpath", str(self.folder), "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "100"),
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                "--networkMessageCompressors=snappy,zstd",
            ),
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

    def rolled_back(self) -> set[Path]:
        """Return the files in which it put what it had to take back."""
        return set((self.folder / "rollback").rglob("*.bson"))

    def end(self) -> None:
        """Kill it, also where it is frozen or gone."""
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGKILL)


class ReplicaSet:
    """Its members, and which of them is primary."""

    def __init__(self, members: Sequence[Member], settings: Mapping[str, int] = QUICK) -> None:
        self.members = members
        self._settings = settings

    @property
    def uri(self) -> str:
        """The connection string of all members."""
        return self.uri_of(self.members)

    def uri_of(self, members: Sequence[Member]) -> str:
        """Return the connection string that names these members alone; a client finds the others."""
        return f"mongodb://{','.join(member.address for member in members)}/pkyx?replicaSet={NAME}"

    def initiate(self) -> None:
        """Make them one set and wait for its primary."""
        hosts = [{"_id": number, "host": member.address} for number, member in enumerate(self.members)]
        # The first asks each of the others at once, and refuses where one has not yet come up.
        eventually(lambda: all(map(answers, self.members)))
        with MongoClient[dict[str, Any]](self.members[0].address, directConnection=True) as client:
            config = {"_id": NAME, "members": hosts, "settings": dict(self._settings)}
            client.admin.command("replSetInitiate", config)
        self.elect(self.members[0])

    def primary(self) -> Member | None:
        """Return the member that calls itself primary, or None while there is none."""
        return next(filter(is_primary, self.running()), None)

    def others(self, member: Member) -> list[Member]:
        """Return the members but for this one."""
        return [other for other in self.members if other is not member]

    def elect(self, member: Member) -> None:
        """Make the member primary, which must reach another; wait until a majority has its first writes."""
        eventually(lambda: answers(member))
        eventually(lambda: _stands(member) and is_primary(member))
        eventually(lambda: _leads(member))

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


def _stands(member: Member) -> bool:
    """Let the member stand for election; say whether it was elected or is primary already."""
    with suppress(PyMongoError), direct(member) as client:
        return bool(client.admin.command("replSetStepUp")["ok"])
    return False


def _leads(member: Member) -> bool:
    """Say whether a majority takes what this primary writes."""
    with suppress(PyMongoError), direct(member) as client:
        probe = client["probe"].get_collection("probe", write_concern=WriteConcern("majority"))
        return probe.update_one({"_id": 1}, {"$inc": {"n": 1}}, upsert=True).acknowledged
    return False


def state(member: Member) -> str:
    """Return what the member calls itself, as SECONDARY, or "" while it does not answer."""
    with suppress(PyMongoError), direct(member) as client:
        members = client.admin.command("replSetGetStatus")["members"]
        return str(next(found["stateStr"] for found in members if found.get("self")))
    return ""


def direct(member: Member) -> MongoClient[dict[str, Any]]:
    """Return a client of this member alone, which does not wait for one that is frozen."""
    return MongoClient(member.address, directConnection=True, timeoutMS=1000, serverSelectionTimeoutMS=1000)


@contextmanager
def three_members(
    folder: Path, places: Sequence[Place] = (HERE, HERE, HERE), settings: Mapping[str, int] = QUICK
) -> Iterator[ReplicaSet]:
    """Yield a replica set of three that has a primary; end it afterwards, frozen or not."""
    members = [Member(folder / f"member-{number}", place) for number, place in enumerate(places)]
    found = ReplicaSet(members, settings)
    try:
        for member in found.members:
            member.start()
        found.initiate()
        yield found
    finally:
        for member in found.members:
            member.end()
