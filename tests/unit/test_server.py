"""The socket on which the site listens."""

import socket

import pytest

from app.commands import server


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux has it")
def test_a_client_that_takes_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(server, "STUCK_MILLISECONDS", 500)
    with server.bind("127.0.0.1", 0) as listener, socket.socket() as client:
        listener.listen()
        client.connect(listener.getsockname())
        connection, _ = listener.accept()
        with connection, pytest.raises(TimeoutError, match="Errno"):
            connection.settimeout(30)
            connection.sendall(bytes(64 * 2**20))
