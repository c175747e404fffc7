"""A network of its own for each process of a test, so that any two of them can be cut off from one another.

Needs root and ``ip``; where either is missing every place is 127.0.0.1, and nothing can be cut.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process runs: its address and, unless it shares the test's network, its namespace."""

    address: str = "127.0.0.1"
    namespace: str = ""

    def command(self, *words: str) -> list[str]:
        """Return the command that runs ``words`` here. The process that it makes is that of ``words``."""
        return ["ip", "netns", "exec", self.namespace, *words] if self.namespace else list(words)


class Network:
    """Places joined by a bridge, which the test itself reaches too."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(3)
        self._subnet = f"10.{200 + secrets.randbelow(50)}.{secrets.randbelow(250)}"
        self._places: list[Place] = []

    @property
    def _bridge(self) -> str:
        return f"pkyx{self._name}"

    def begin(self) -> None:
        """Make the bridge."""
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self._subnet}.1/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def place(self) -> Place:
        """Return a new place."""
        number = len(self._places) + 2
        place = Place(f"{self._subnet}.{number}", f"pkyx-{self._name}-{number}")
        cable = f"pk{self._name}.{number}"
        self._places.append(place)
        _ip("netns", "add", place.namespace)
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", place.namespace)
        _ip("link", "set", cable, "master", self._bridge, "up")
        _ip("-n", place.namespace, "addr", "add", f"{place.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", place.namespace, "link", "set", device, "up")
        return place

    def end(self) -> None:
        """Take all of it away again."""
        for place in self._places:
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", place.namespace)
        with suppress(subprocess.CalledProcessError):
            _ip("link", "delete", self._bridge)


def silence(sender: Place, receiver: Place) -> None:
    """Lose all that one sends to the other, answers too; what the other sends still arrives."""
    _ip("-n", sender.namespace, "route", "replace", "blackhole", f"{receiver.address}/32")


def cut(one: Place, other: Place) -> None:
    """Lose all that either sends to the other."""
    silence(one, other)
    silence(other, one)


def heal(*places: Place) -> None:
    """Lose nothing any more that one of these sends."""
    for place in filter(lambda place: place.namespace, places):
        _ip("-n", place.namespace, "route", "flush", "type", "blackhole")


@contextmanager
def network() -> Iterator[Network | None]:
    """Yield a network, or None where this user or this machine can't have one."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        yield None
        return
    made = Network()
    try:
        made.begin()
        # A container may have its bridge and still be refused a namespace.
        made.place()
    except subprocess.CalledProcessError:
        made.end()
        yield None
        return
    try:
        yield made
    finally:
        made.end()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)
