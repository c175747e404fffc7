"""What can break under a running site, one thing after another, chosen by a seed."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from random import Random

from tests.faults import networks
from tests.faults.hosts import Host
from tests.faults.operations import Fault, Log
from tests.faults.replica_sets import Member, ReplicaSet
from tests.servers import eventually

KILL, FREEZE, THAW = signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT


class FaultMaker:
    """Breaks members of the replica set, hosts and what is between them, and mends each again.

    To be used in the main thread: the kernel ends what another one started together with that thread.
    """

    def __init__(
        self, log: Log, members: ReplicaSet, hosts: Sequence[Host], chance: Random, longest: float
    ) -> None:
        self._log = log
        self._members = members
        self._hosts = hosts
        self._chance = chance
        self._longest = longest
        # What befalls the primary comes twice as often: there are the drafts.
        self._kinds: list[Callable[[], None]] = [
            *(self.kill_primary, self.freeze_primary, self.kill_two_primaries) * 2,
            *(self.kill_member, self.kill_two_members, self.freeze_member, self.freeze_two_members),
            *(self.kill_host, self.kill_worker, self.freeze_host),
        ]
        if all(host.place.namespace for host in hosts):
            self._kinds += [
                *(self.cut_primary, self.silence_primary, self.deafen_primary, self.split) * 2,
                *(self.cut_member, self.silence_member, self.cut_host_from_primary),
            ]

    def make_for(self, seconds: float) -> None:
        """Make one fault after the other, with a pause after each, for about so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._chance.choice(self._kinds)()
            time.sleep(self._chance.uniform(0.5, 5) * self._longest / 10)

    def mend(self) -> None:
        """Make sure that nothing is broken any more."""
        networks.heal(*(each.place for each in (*self._members.members, *self._hosts)))
        eventually(self._members.primary)

    def kill_primary(self) -> None:
        self._kill("kill_primary", self._primary())

    def kill_member(self) -> None:
        self._kill("kill_member", self._member())

    def kill_two_members(self) -> None:
        self._kill("kill_two_members", *self._chance.sample(self._members.members, 2))

    def kill_two_primaries(self) -> None:
        """Kill the primary and then its successor, while the first is away or hardly back."""
        first = self._primary()
        with self._lasting("kill_two_primaries", [_name(first)]):
            first.send(KILL)
            self._wait(0.2)
            successor = next(filter(None, [self._members.primary()]), self._members.others(first)[0])
            successor.send(KILL)
            first.start()
            self._wait()
            successor.start()

    def freeze_primary(self) -> None:
        self._freeze("freeze_primary", self._primary())

    def freeze_member(self) -> None:
        self._freeze("freeze_member", self._member())

    def freeze_two_members(self) -> None:
        self._freeze("freeze_two_members", *self._chance.sample(self._members.members, 2))

    def kill_host(self) -> None:
        host = self._chance.choice(self._hosts)
        with self._lasting("kill_host", [host.name], [host.name]):
            host.send_all(KILL)
            self._wait(0.5)
            host.restart()

    def kill_worker(self) -> None:
        host = self._chance.choice(self._hosts)
        worker = self._chance.choice(sorted(host.workers()))
        with self._lasting("kill_worker", [host.name]), suppress(ProcessLookupError):
            os.kill(worker, KILL)

    def freeze_host(self) -> None:
        host = self._chance.choice(self._hosts)
        with self._lasting("freeze_host", [host.name], [host.name]):
            host.send_all(FREEZE)
            self._wait()
            host.send_all(THAW)

    def cut_primary(self) -> None:
        """Cut the primary off from the other members, but not from the hosts: what it takes are drafts."""
        self._cut("cut_primary", self._primary(), networks.cut)

    def cut_member(self) -> None:
        self._cut("cut_member", self._member(), networks.cut)

    def silence_primary(self) -> None:
        """Let the other members hear nothing of the primary, which hears them."""
        self._cut("silence_primary", self._primary(), networks.silence)

    def silence_member(self) -> None:
        self._cut("silence_member", self._member(), networks.silence)

    def deafen_primary(self) -> None:
        """Let the primary hear nothing of the other members, who hear it."""
        self._cut("deafen_primary", self._primary(), lambda one, other: networks.silence(other, one))

    def cut_host_from_primary(self) -> None:
        """Cut one host off from the primary; it reaches the other members."""
        host, primary = self._chance.choice(self._hosts), self._primary()
        with self._lasting("cut_host_from_primary", [host.name, _name(primary)]):
            networks.cut(host.place, primary.place)
            self._wait()
            networks.heal(host.place, primary.place)

    def split(self) -> None:
        """Let one host and the primary be on one side, all others on the other."""
        host, primary = self._chance.choice(self._hosts), self._primary()
        with self._lasting("split", [host.name, _name(primary)]):
            others = [*self._members.others(primary), *(each for each in self._hosts if each is not host)]
            for other in others:
                networks.cut(primary.place, other.place)
            for member in self._members.others(primary):
                networks.cut(host.place, member.place)
            self._wait()
            networks.heal(*(each.place for each in (*self._members.members, *self._hosts)))

    def _kill(self, kind: str, *members: Member) -> None:
        with self._lasting(kind, list(map(_name, members))):
            for member in members:
                member.send(KILL)
            self._wait()
            for member in members:
                member.start()

    def _freeze(self, kind: str, *members: Member) -> None:
        with self._lasting(kind, list(map(_name, members))):
            for member in members:
                member.send(FREEZE)
            self._wait()
            for member in members:
                member.send(THAW)

    def _cut(self, kind: str, member: Member, cut: Callable[[networks.Place, networks.Place], None]) -> None:
        others = self._members.others(member)
        with self._lasting(kind, [_name(member)]):
            for other in others:
                cut(member.place, other.place)
            self._wait()
            networks.heal(*(each.place for each in self._members.members))

    def _primary(self) -> Member:
        return eventually(self._members.primary)

    def _member(self) -> Member:
        return self._chance.choice(self._members.members)

    def _wait(self, share: float = 1) -> None:
        time.sleep(self._chance.uniform(1, self._longest) * share)

    @contextmanager
    def _lasting(self, kind: str, targets: Sequence[str], hosts: Sequence[str] = ()) -> Iterator[None]:
        begun = time.monotonic()
        yield
        fault = Fault(kind=kind, targets=targets, begun=begun, ended=time.monotonic(), hosts=hosts)
        self._log.faults.append(fault)


def _name(member: Member) -> str:
    return member.folder.name
