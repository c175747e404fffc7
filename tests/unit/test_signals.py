"""Ctrl-C and its likes end a command whenever they come."""

import os
import signal
import subprocess
import sys
import time

import pytest

from app.commands.signals import Stop, stoppable
from tests.conftest import ROOT


def wait(seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_what_is_under_way(number):
    with pytest.raises(Stop), stoppable():
        os.kill(os.getpid(), number)
        wait()


def test_a_second_one_does_not_disturb_the_unwinding():
    unwound = []
    with pytest.raises(Stop), stoppable():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            wait()
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            wait(0.1)
            unwound.append(True)
    assert unwound


def test_one_that_comes_while_something_is_finalized_is_not_lost():
    class Interrupted:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            wait(0.1)

    with pytest.raises(Stop), stoppable():
        found = Interrupted()
        del found
        wait()


BEFORE_A_COMMAND = """
import os, signal, sys, time
import manage

class Interrupted:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)

sys.unraisablehook = manage.come_again
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    found = Interrupted()
    del found
    time.sleep(20)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_one_that_is_dropped_before_a_command_takes_over_is_not_lost_either():
    process = [sys.executable, "-c", BEFORE_A_COMMAND]
    assert subprocess.check_output(process, cwd=ROOT, text=True, timeout=60) == "interrupted\n"


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with stoppable():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
