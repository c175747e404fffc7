"""What operators and their machines ask: is it alive, is it ready, how does it do."""

import time
from functools import cache
from typing import cast

import pymongo
from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from pymongo.errors import PyMongoError

from app.domain.errors import DatabaseUnavailable
from app.extensions import database

blueprint = Blueprint("operations", __name__)

_PING_SECONDS = 2.0
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METRICS = "pkyx.metrics"


class Metrics:
    """Counters of one application in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "pkyx_http_requests_total",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "pkyx_http_request_duration_seconds",
            "Time from request to answer.",
            ("route", "method"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        # To look a child up by its labels costs more than to count; there are few of them.
        self._counter = cache(self.requests.labels)
        self._clock = cache(self.seconds.labels)

    def record(self, response: Response) -> None:
        """Count the current request, which ``response`` answers."""
        route = request.url_rule.rule if request.url_rule else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        self._counter(route, method, response.status_code).inc()
        started = g.get("started_at")
        if started is not None:
            self._clock(route, method).observe(time.perf_counter() - started)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def register(app: Flask) -> None:
    """Count the requests of ``app`` and serve the three addresses."""
    metrics = app.extensions[_METRICS] = Metrics()

    def record(response: Response) -> Response:
        metrics.record(response)
        return response

    app.after_request(record)
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer 200 while the process lives."""
    return _plain("ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Answer 200 only while the database answers, else 503."""
    try:
        with pymongo.timeout(_PING_SECONDS):
            database().command("ping")
    except (PyMongoError, DatabaseUnavailable):
        response = _plain("the database does not answer", 503)
        response.headers["Retry-After"] = "5"
        return response
    return _plain("ready")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer in Prometheus' text format, for all worker processes together where they share a folder."""
    registry = cast(Metrics, current_app.extensions[_METRICS]).registry
    if current_app.config.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain(text: str, status: int = 200) -> Response:
    response = Response(text + "\n", status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
