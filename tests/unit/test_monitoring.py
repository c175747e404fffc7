import sys

import pytest

from app import monitoring
from conf.settings import ConfigurationError


def test_nothing_is_reported_unless_it_was_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    monitoring.start({"SENTRY_DSN": ""})


def test_a_missing_package_is_one_clear_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ConfigurationError, match="pip install"):
        monitoring.start({"SENTRY_DSN": "https://key@sentry.example/1"})
