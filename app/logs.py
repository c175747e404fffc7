"""Structured logs on standard error: lines for people, or JSON for machines."""

import logging
import sys

import structlog
from structlog.typing import Processor

from app.tracing import add_request_id
from app.utils.redaction import redact_event


def configure(level: str, as_json: bool) -> None:
    """Send structlog and the standard library's loggers through one formatter."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_request_id,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    # Asked for by a setting of its own, whatever the level of the rest.
    logging.getLogger("pkyx.access").setLevel(logging.INFO)
    root = logging.getLogger()
    root.setLevel(level)
    # At DEBUG the driver logs every command and its answer: addresses, hashes of passwords, whatever is kept.
    logging.getLogger("pymongo").setLevel(max(logging.INFO, root.level))
    if not any(isinstance(handler, _Handler) for handler in root.handlers):
        root.addHandler(_Handler())
    for handler in root.handlers:
        if isinstance(handler, _Handler):
            handler.setFormatter(_formatter(shared, as_json))


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """Ours, so that a second application in the process does not log every line twice."""

    def emit(self, record: logging.LogRecord) -> None:
        # Looked up each time: test runners and servers exchange the stream.
        self.stream = sys.stderr
        super().emit(record)


def _formatter(shared: list[Processor], as_json: bool) -> logging.Formatter:
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
