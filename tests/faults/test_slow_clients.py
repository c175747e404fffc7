"""A thousand clients who send a byte now and then, or read nothing: nginx bears them, not the site."""

import contextlib
import itertools
import resource
import selectors
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

import pytest

from tests.servers import adapted, eventually, free_port, nginx, nginx_program, request, site

SLOW = 1_000
# nginx gives one address a hundred connections; the slow come from many.
ADDRESSES = [f"127.0.1.{number}" for number in range(1, 41)]
# Headers that never end, bodies that never end, and answers that are never read.
OPENINGS = [
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    b"POST /api/v1/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n{",
    b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n",
]
KINDS = itertools.cycle(enumerate(OPENINGS))


@pytest.fixture(autouse=True)
def _enough_files():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 4 * SLOW:
        pytest.skip(f"this machine gives a process {most} files at most")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8 * SLOW, most), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


class Crowd:
    """Slow clients, kept slow by a thread: each sends one more byte every two seconds."""

    def __init__(self, port):
        self._port = port
        self._sockets = []
        self._gone = threading.Event()

    def __enter__(self):
        for number in range(SLOW):
            slow = socket.socket()
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            slow.bind((ADDRESSES[number % len(ADDRESSES)], 0))
            slow.connect(("127.0.0.1", self._port))
            kind, opening = next(KINDS)
            slow.sendall(opening)
            self._sockets.append((kind, slow))
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._gone.set()
        self._thread.join()
        for _, slow in self._sockets:
            slow.close()

    def _go_on(self):
        while not self._gone.wait(2):
            for kind, slow in self._sockets:
                if kind != 2:
                    with contextlib.suppress(OSError):
                        slow.sendall(b"a")

    def connected(self):
        """How many were not hung up on. One whose answer waits unread has something to read, and counts."""
        with selectors.DefaultSelector() as selector:
            for kind, slow in self._sockets:
                selector.register(slow, selectors.EVENT_READ, kind)
            ready = [key for key, _ in selector.select(0) if key.data != 2]
        return len(self._sockets) - sum(1 for key in ready if not key.fileobj.recv(1, socket.MSG_PEEK))


def times(port, paths):
    """How long each of the requests took; every one has to succeed."""
    taken = []
    for path in paths:
        began = time.monotonic()
        assert request(port, path).status == 200, path
        taken.append(time.monotonic() - began)
    return taken


def test_a_thousand_slow_clients_keep_nobody_from_the_site(mongo_uri):
    nginx_program()
    with tempfile.TemporaryDirectory(prefix="pkyx-nginx-") as path:
        folder, port = Path(path), free_port()
        with (
            site(mongo_uri, folder, PKYX_TRUSTED_PROXIES="1", WEB_THREADS="4") as upstream,
            nginx(folder, adapted(folder, port, upstream), port),
        ):
            times(port, ["/"] * 2)
            with Crowd(port) as crowd:
                assert crowd.connected() == SLOW
                taken = times(port, ["/", "/items", "/api/v1/items", "/changes"] * 10)
                assert crowd.connected() > SLOW * 0.9
            assert statistics.median(taken) < 2
            assert max(taken) < 10
            # The site itself has been waited on by nobody: all its threads are free again at once.
            eventually(lambda: request(upstream, "/healthz").status == 200)


def test_one_address_cannot_take_all_connections():
    nginx_program()
    with tempfile.TemporaryDirectory(prefix="pkyx-nginx-") as path, contextlib.ExitStack() as stack:
        folder, port = Path(path), free_port()
        stack.enter_context(nginx(folder, adapted(folder, port, free_port()), port))
        # A hundred are held; some more, since one that got lost would leave the place for the next request.
        for _ in range(120):
            greedy = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            greedy.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        eventually(lambda: request(port, "/").status == 429)
        # Nothing is behind this nginx, and so another is told; but told.
        assert request(port, "/", source="127.0.0.2").status == 503
