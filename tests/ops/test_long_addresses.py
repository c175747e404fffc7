"""What is below the application lets a query of ten thousand characters through, in any script."""

import re
import runpy

import pytest
from gunicorn.config import Config
from gunicorn.http import message
from gunicorn.http.errors import LimitRequestLine
from gunicorn.http.parser import RequestParser

from tests.conftest import ROOT

LONGEST = "%F0%9F%98%80" * 10_000


@pytest.fixture
def gunicorn(monkeypatch) -> Config:
    """The settings that bound a request, as the site is served with them."""
    monkeypatch.setattr(message, "MAX_REQUEST_LINE", message.MAX_REQUEST_LINE)
    config = Config()
    config.set("limit_request_line", runpy.run_path(f"{ROOT}/conf/gunicorn.conf.py")["limit_request_line"])
    return config


def line(config: Config, query: str) -> str:
    request = f"GET /pk?q={query} HTTP/1.1\r\nHost: wiki.example\r\n\r\n".encode()
    return next(RequestParser(config, iter([request]), ("127.0.0.1", 1))).query


def test_gunicorn_reads_it_and_no_more_than_a_little_beyond(gunicorn) -> None:
    assert line(gunicorn, LONGEST) == f"q={LONGEST}"
    with pytest.raises(LimitRequestLine):
        line(gunicorn, LONGEST * 2)


def test_nginx_passes_it_on() -> None:
    found = re.search(r"large_client_header_buffers \d+ (\d+)k;", (ROOT / "conf/nginx.conf").read_text())
    assert int(found[1]) * 1024 > len(LONGEST)
