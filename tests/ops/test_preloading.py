"""gunicorn makes the application once and forks it: that is safe only while nothing has begun to run."""

import os
import subprocess
import sys

from tests.conftest import ROOT

PROBE = """
import threading
from app import create_app, extensions

with create_app().app_context():
    database = extensions.database()
    print(threading.active_count(), database.client.topology_description.topology_type_name)
    print(sorted(name for name in __import__("os").listdir("/proc/self/fd") if int(name) > 3))
"""


def test_an_application_that_was_made_runs_no_thread_and_holds_no_connection(tmp_path):
    environ = {
        **os.environ,
        "PKYX_DATA": str(tmp_path),
        "MONGO_URI": "mongodb://127.0.0.1:1/pkyx",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "only-for-tests-" * 3,
    }
    process = [sys.executable, "-c", PROBE]
    output = subprocess.run(process, cwd=ROOT, env=environ, check=True, capture_output=True, text=True)
    assert output.stdout.splitlines() == ["1 Unknown", "[]"]
