"""gunicorn hosts, each perhaps in a network of its own, that can be killed, frozen and brought back."""

import http.client
import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from app.embedded.parent_death import signal_on_parent_death
from tests.conftest import ROOT
from tests.faults.networks import Place
from tests.people import PASSWORD
from tests.processes import descendants
from tests.servers import SECRET_KEY, eventually, free_port

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, the ETag as a number (0 if there is none) and the text of an answer."""

    status: int
    revision: int
    text: bytes

    def body(self) -> dict:
        """Return the JSON of the answer, {} where it is something else."""
        with suppress(ValueError):
            found = json.loads(self.text)
            return found if isinstance(found, dict) else {}
        return {}


class Host:
    """One host: gunicorn with its workers."""

    def __init__(self, name: str, uri: str, folder: Path, place: Place) -> None:
        self.name = name
        self.place = place
        self.port = free_port()
        self._uri = uri
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; see :meth:`is_up`."""
        self._folder.mkdir(exist_ok=True)
        environ = os.environ | {
            "MONGO_URI": self._uri,
            "PKYX_DATA": str(self._folder),
            "PKYX_ENV": "production",
            "SECRET_KEY": SECRET_KEY,
            "RATELIMIT_ENABLED": "0",
            "HOST": self.place.address,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(WORKERS),
            # What one that is killed leaves behind goes with the test's own folder.
            "TMPDIR": str(self._folder),
        }
        with (self._folder / "host.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.place.command(sys.executable, "manage.py", "serve"),
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=signal_on_parent_death(signal.SIGKILL),
            )

    def is_up(self) -> bool:
        """Say whether it serves with all of its workers; whether it reaches the database is left open."""
        with suppress(OSError, http.client.HTTPException):
            return len(self.workers()) == WORKERS and self.send("GET", "/healthz").status == 200
        return False

    def workers(self) -> set[int]:
        """Return the ids of its workers, which are below gunicorn's master, which is below ``manage.py``."""
        return {pid for pid in self._processes() if pid != self._pid and not descendants(pid)}

    def send_all(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes; after one that kills, wait for the end."""
        for pid in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if number is signal.SIGKILL and self._process is not None:
            self._process.wait(10)

    def end(self) -> None:
        """Kill it, also where it is frozen or gone."""
        if self._process is not None and self._process.poll() is None:
            self.send_all(signal.SIGKILL)

    def restart(self) -> None:
        """Start it after it was killed, and wait until it serves."""
        self.start()
        eventually(self._has_started)

    def _has_started(self) -> bool:
        # It ends by itself where the database is just electing; a service manager starts it again.
        if self._process is None or self._process.poll() is not None:
            self.start()
        return self.is_up()

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _processes(self) -> set[int]:
        return {self._pid} | descendants(self._pid)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = 30,
    ) -> Answer:
        """Return the answer; raise OSError or HTTPException where there is none, or half of one."""
        connection = http.client.HTTPConnection(self.place.address, self.port, timeout=seconds)
        with closing(connection):
            text = None if body is None else json.dumps(body).encode()
            connection.request(method, path, text, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            tag = (answer.headers["ETag"] or "").strip('"')
            return Answer(answer.status, int(tag) if tag.isdigit() else 0, answer.read())

    def token(self) -> str:
        """Return the Authorization header of Ada."""
        basic = b64encode(f"Ada:{PASSWORD}".encode()).decode()
        answer = self.send("POST", "/api/v1/token", headers={"Authorization": f"Basic {basic}"})
        assert answer.status in (200, 201), answer
        return f"Bearer {answer.body()['token']}"
