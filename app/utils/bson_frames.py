"""BSON documents one after another in a stream, cut apart by their lengths without reading them.

The framing is that of https://bsonspec.org: a little-endian int32 that counts itself, the elements, a zero.
"""

from collections.abc import Iterator
from typing import IO

_LENGTH_BYTES = 4
_SHORTEST = 5
# What the database takes for a document, and the little that it allows itself on top.
_LONGEST = 16 * 1024 * 1024 + 16 * 1024


class FrameDamaged(Exception):
    """What was read is no sequence of whole documents."""


def read_frames(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield each document as its bytes; raise FrameDamaged where one is cut short or none."""
    while head := stream.read(_LENGTH_BYTES):
        length = int.from_bytes(head, "little", signed=True)
        if len(head) < _LENGTH_BYTES or not _SHORTEST <= length <= _LONGEST:
            raise FrameDamaged
        body = stream.read(length - _LENGTH_BYTES)
        if len(body) != length - _LENGTH_BYTES or body[-1] != 0:
            raise FrameDamaged
        yield head + body
