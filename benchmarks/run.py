"""Requests a second of pkyx divided by those of a bare Flask application, in one run on one machine.

    python -m benchmarks.run [--items 20000 | --places FOLDER] [--seconds 4] [--rounds 3] [--sync]

Both run under gunicorn with two workers. Rounds alternate between the two, so that a machine whose
speed drifts drifts for both; the median of the rounds' ratios is printed. Absolute figures of two
machines, or of two runs, are not comparable; ratios are, to about a fifth.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from pymongo import MongoClient

from app.domain.items import Item
from app.domain.users import Role
from app.embedded.mongod import Mongod
from app.services import accounts
from app.services.account_rules import Registration
from app.services.attributes import attribute_to_json
from app.storage import indexes
from app.storage.stores import Stores
from benchmarks import generate, places
from benchmarks.load import NUMBER, Request, rate

CONFIG = Path(__file__).parents[1] / "conf" / "gunicorn.conf.py"
CONNECTIONS = 16
DATABASE = "pkyx"
BATCH = 1_000
# Entries that are read, and those that are written, each once.
SAMPLE, WRITTEN = 2_000, 16_000
EDITOR, PASSWORD = "bench", "only for measuring"


def main() -> None:
    """Fill a fresh database, start both servers, measure, print."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="pkyx-bench-") as folder, _database(Path(folder)) as uri:
        sample = _fill(uri, options)
        environment = {
            "MONGO_URI": uri,
            "PKYX_DATA": folder,
            "PKYX_ENV": "production",
            "SECRET_KEY": "benchmark-key-of-enough-length-and-variety-0123456789",
            "RATELIMIT_ENABLED": "0",
            "LOG_LEVEL": "ERROR",
        }
        # The yardstick has gunicorn's own workers, the site those that `manage.py serve` gives it.
        workers = ("--worker-class", "sync", "--threads", "1") if options.sync else ()
        bare = _server("benchmarks.bare:application", {})
        site = _server("app:create_app()", environment, "--config", str(CONFIG), *workers)
        with bare as bare_url, site as site_url:
            _report(bare_url, site_url, sample, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=20_000, help="entries in the database (default 20000)")
    parser.add_argument("--places", type=Path, help="a folder of real places instead: benchmarks/places.py")
    parser.add_argument("--seconds", type=float, default=4, help="length of one measurement (default 4)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each figure (default 3)")
    parser.add_argument(
        "--sync", action="store_true", help="serve the site by sync workers, as the yardstick is"
    )
    return parser.parse_args()


@dataclass(frozen=True)
class Sample:
    """What is in the database: how many entries, some of their slugs, a list to ask for, an entry to copy."""

    count: int
    slugs: list[str]
    filtered: str
    entry: Item


# What one line of the report measures: its name, its budget, and what to send the n-th time.
Work = tuple[str, str, Callable[[int], Request]]


def _report(bare: str, site: str, sample: Sample, options: argparse.Namespace) -> None:
    print(f"{sample.count} entries, {CONNECTIONS} connections, {options.rounds} rounds")
    print(f"{'work':<34} {'requests/s':>10} {'of bare Flask':>14}   budget")
    times = options.rounds + 1
    for name, budget, request in [*_reading(sample), *_writing(sample, _token(site), times)]:
        rate(site, request(0), 1, 4)
        ratios, rates = [], []
        for number in range(1, times):
            yardstick = rate(bare, Request("GET", ["/"]), options.seconds, CONNECTIONS)
            rates.append(rate(site, request(number), options.seconds, CONNECTIONS))
            ratios.append(rates[-1] / yardstick)
        print(f"{name:<34} {statistics.median(rates):>10.0f} {statistics.median(ratios):>14.3f}   {budget}")


def _reading(sample: Sample) -> list[Work]:
    slugs = [quote(slug) for slug in sample.slugs[:SAMPLE]]
    pairs = list(zip(slugs[::2], slugs[1::2], strict=True))
    prefixes = [quote(slug[:length]) for slug in sample.slugs[:500] for length in (1, 3, 5)]

    def get(pattern: str, values: Iterable[object]) -> Callable[[int], Request]:
        request = Request("GET", [pattern.format(*value) for value in values])
        return lambda _: request

    return [
        ("item as JSON", ">= 0.33", get("/api/v1/items/{}", zip(slugs, strict=True))),
        ("list: filter, sort, 25, projected", ">= 0.25", get("/api/v1/items?{}", [(sample.filtered,)])),
        ("list by title, 25, projected", ">= 0.25", get("/api/v1/items?limit={}&fields=title,slug", [(25,)])),
        ("comparison as JSON, nothing cached", ">= 0.20", get("/api/v1/compare?items={},{}", pairs)),
        ("comparison page, nothing cached", ">= 0.20", get("/compare/{}/{}", pairs)),
        ("comparison page, cached", ">= 0.35", get("/compare/{}/{}", pairs[:20])),
        ("suggest by prefix", ">= 0.33", get("/api/v1/suggest?q={}", zip(prefixes, strict=True))),
    ]


def _writing(sample: Sample, token: str, times: int) -> list[Work]:
    """Return what is measured last: it changes what is read. Every entry is patched once, from revision 1."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    attributes = list(map(attribute_to_json, sample.entry.attributes))
    part = len(sample.slugs) // times

    def create(number: int) -> Request:
        title = f"Measured {number}.{NUMBER}"
        body = {"title": title, "category": sample.entry.category, "attributes": attributes}
        return Request("POST", ["/api/v1/items"], [json.dumps(body)], headers)

    def patch(number: int) -> Request:
        slugs = sample.slugs[part * number : part * (number + 1)]
        paths = [f"/api/v1/items/{quote(slug)}" for slug in slugs]
        return Request("PATCH", paths, [json.dumps({"summary": "Measured."})], headers | {"If-Match": '"1"'})

    return [
        ("create, 40 attributes", ">= 0.15", create),
        ("patch with If-Match", ">= 0.18", patch),
    ]


def _token(site: str) -> str:
    """Return a token of the editor."""
    basic = b64encode(f"{EDITOR}:{PASSWORD}".encode()).decode()
    connection = http.client.HTTPConnection(site.removeprefix("http://"))
    connection.request("POST", "/api/v1/token", headers={"Authorization": f"Basic {basic}"})
    return str(json.load(connection.getresponse())["token"])


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[str]:
    mongod = Mongod(folder)
    mongod.start()
    try:
        yield mongod.uri
    finally:
        mongod.close()


def _fill(uri: str, options: argparse.Namespace) -> Sample:
    """Load first and index afterwards, which is how a large site would be restored too."""
    client: MongoClient = MongoClient(uri)
    stores = Stores.connect(client[DATABASE])
    started = time.monotonic()
    if options.places:
        declared, items = places.categories(), places.items(options.places, stores.items.new_id)
        listing = "category=cities&attr.population.gte=100000&sort=-attr.population"
    else:
        declared, items = (generate.category(),), generate.items(options.items, stores.items.new_id)
        listing = "category=gadgets&attr.flag-1=true&sort=attr.measure-1"
    for category in declared:
        stores.categories.put(category)
    count, slugs = _insert(stores, items)
    indexes.ensure(client[DATABASE])
    editor = Registration(f"{EDITOR}@example.org", EDITOR, PASSWORD)
    accounts.create(stores, editor, Role.EDITOR, datetime.now(UTC))
    entry = stores.items.find_many(slugs[:1])[slugs[0]]
    client.close()
    print(f"filled in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return Sample(count, slugs, f"{listing}&limit=25&fields=title,slug", entry)


def _insert(stores: Stores, items: Iterable[Item]) -> tuple[int, list[str]]:
    """Store all, and return how many there were and a fair sample of an even number of slugs."""
    rng, sample, count = random.Random(1), [], 0
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, BATCH)):
        stores.items.insert_many(batch)
        for item in batch:
            count += 1
            if len(sample) < WRITTEN:
                sample.append(item.slug)
            elif (place := rng.randrange(count)) < WRITTEN:
                sample[place] = item.slug
    rng.shuffle(sample)
    return count, sample[: len(sample) // 2 * 2]


@contextlib.contextmanager
def _server(application: str, environment: dict[str, str], *how: str) -> Iterator[str]:
    port = _free_port()
    arguments = [*how, "--bind", f"127.0.0.1:{port}", "--workers", "2", "--log-level", "error"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *arguments, application], env={**os.environ, **environment}
    )
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        time.sleep(0.2)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    main()
