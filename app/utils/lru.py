"""A bounded map that forgets what was used longest ago."""

from collections import OrderedDict
from collections.abc import Hashable
from math import inf
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Holds at most ``size`` values, and of all together at most the weight ``most``.

    Safe to share between threads. Size 0 holds nothing, nor is a value kept that alone weighs too much.
    """

    def __init__(self, size: int, most: float = inf) -> None:
        self._size = size
        self._most = most
        self._weight = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """Return the value, now the youngest, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: K, value: V, weight: int = 0) -> None:
        """Keep a value as the youngest."""
        with self._lock:
            self._weight -= self._values.pop(key, (None, 0))[1]
            if weight > self._most:
                return
            self._values[key] = value, weight
            self._weight += weight
            while len(self._values) > self._size or self._weight > self._most:
                self._weight -= self._values.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._weight = 0
