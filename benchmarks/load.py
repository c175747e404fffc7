"""Requests a second of one URL: by wrk where it is installed, by threads of this process elsewhere."""

import http.client
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

# What no body has otherwise.
NUMBER = "@number@"


@dataclass(frozen=True)
class Request:
    """One sort of request. ``paths`` are taken in turn; ``bodies`` too, where the method has one.

    ``NUMBER`` in a body stands for the number of the request, so that no two are the same.
    """

    method: str
    paths: Sequence[str]
    bodies: Sequence[str] = ()
    headers: dict[str, str] = field(default_factory=dict)


def rate(base_url: str, request: Request, seconds: float, connections: int) -> float:
    """Return requests a second; raise RuntimeError if any answer was not a success."""
    if shutil.which("wrk"):
        return _wrk(base_url, request, seconds, connections)
    return _threads(base_url, request, seconds, connections)


def _wrk(base_url: str, request: Request, seconds: float, connections: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        script.write_text(_lua(request), encoding="utf-8")
        output = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "-s", str(script), base_url],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    if failed:
        raise RuntimeError(f"{failed[1]} answers of {request.paths[0]} were no success")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


def _lua(request: Request) -> str:
    def table(values: Sequence[str]) -> str:
        # Lua knows the escapes of JSON, but not that of a code point.
        return "{" + ",".join(json.dumps(value, ensure_ascii=False) for value in values) + "}"

    headers = "\n".join(f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in request.headers.items())
    return f"""
local paths, bodies, n = {table(request.paths)}, {table(request.bodies)}, 0
{headers}
function request()
  n = n + 1
  local body = nil
  if #bodies > 0 then body = bodies[(n - 1) % #bodies + 1]:gsub("{NUMBER}", n) end
  return wrk.format({json.dumps(request.method)}, paths[(n - 1) % #paths + 1], nil, body)
end
"""


def _threads(base_url: str, request: Request, seconds: float, connections: int) -> float:
    done: list[int] = []
    failures: list[int] = []
    numbers = itertools.count()
    end = time.monotonic() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection(urlsplit(base_url).netloc)
        count = 0
        while time.monotonic() < end:
            number = next(numbers)
            bodies = request.bodies
            body = bodies[number % len(bodies)].replace(NUMBER, str(number)) if bodies else None
            path = request.paths[number % len(request.paths)]
            connection.request(request.method, path, body, request.headers)
            answer = connection.getresponse()
            answer.read()
            count += 1
            if answer.status >= 400:
                failures.append(answer.status)
        done.append(count)

    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{len(failures)} answers of {request.paths[0]} were no success: {failures[:3]}")
    return sum(done) / seconds
