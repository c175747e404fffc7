"""How long requests wait for a database that does not answer, by a clock that the tests move."""

from threading import Lock, Thread

import pymongo
import pytest

from app.domain.errors import DatabaseUnavailable
from app.storage import wait_budgets
from app.storage.errors import database_errors
from app.storage.wait_budgets import Availability, WaitBudget, confirm, held, limited_to


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(wait_budgets.time, "monotonic", found)
    return found


@pytest.fixture
def allowed(monkeypatch):
    """The seconds that each verb was allowed."""
    found = []
    real = pymongo.timeout

    def timeout(seconds):
        found.append(round(seconds, 3))
        return real(seconds)

    monkeypatch.setattr(pymongo, "timeout", timeout)
    return found


@pytest.fixture
def ask(clock):
    @database_errors()
    def ask(seconds, error=None):
        clock.now += seconds
        if error:
            raise error

    return ask


def lost(ask, seconds):
    with pytest.raises(DatabaseUnavailable):
        ask(seconds, pymongo.errors.ServerSelectionTimeoutError())


def test_slow_verbs_share_the_budget_and_quick_ones_cost_nothing(ask, allowed):
    with limited_to(WaitBudget(4.5, Availability())):
        for seconds in (0.4, 2, 0.4, 1, 0):
            ask(seconds)
    assert allowed == [4.5, 4.5, 2.5, 2.5, 1.5]


def test_what_is_between_the_verbs_is_not_counted(ask, allowed, clock):
    with limited_to(WaitBudget(4.5, Availability())):
        ask(0.1)
        clock.now += 60
        ask(0.1)
    assert allowed == [4.5, 4.5]


def test_a_verb_that_calls_another_is_counted_once(ask, allowed):
    @database_errors()
    def both():
        ask(1)
        ask(1)

    with limited_to(WaitBudget(4.5, Availability())):
        both()
        ask(0)
    assert allowed == [4.5, 2.5]


def test_a_request_that_lost_the_database_hardly_asks_again(ask, allowed):
    with limited_to(WaitBudget(4.5, Availability())):
        lost(ask, 4.5)
        lost(ask, 0.5)
    assert allowed == [4.5, 0.5]


def test_while_the_database_is_away_requests_are_brief_until_one_succeeds(ask, allowed):
    availability = Availability()
    with limited_to(WaitBudget(4.5, availability)):
        lost(ask, 4.5)
    for _ in range(2):
        with limited_to(WaitBudget(4.5, availability)):
            lost(ask, 0.5)
    for _ in range(2):
        with limited_to(WaitBudget(4.5, availability)):
            confirm()
            ask(0.2)
    assert allowed == [4.5, 0.5, 0.5, 0.5, 4.5]


def test_a_request_that_had_one_answer_and_lost_the_next_says_that_it_is_away(ask, allowed):
    """As of a primary that is cut off from the others and does not know it yet."""
    availability = Availability()
    for _ in range(2):
        with limited_to(WaitBudget(4.5, availability)):
            confirm()
            ask(0)
            lost(ask, 1)
    assert allowed == [4.5, 4.5, 0.5, 0.5]


def test_answers_that_no_majority_confirmed_do_not_end_that(ask, allowed):
    availability = Availability()
    availability.is_away = True
    for _ in range(2):
        with limited_to(WaitBudget(4.5, availability)):
            ask(0)
    assert allowed == [0.5, 0.5]


def test_a_refusal_that_comes_at_once_says_nothing_of_the_database(ask, allowed):
    availability = Availability()
    for _ in range(2):
        with limited_to(WaitBudget(4.5, availability)):
            lost(ask, 0.1)
    assert allowed == [4.5, 4.5]


def test_work_that_is_no_request_has_no_budget(ask, allowed):
    ask(100)
    assert allowed == []


def held_by_another(lock, budget):
    """What becomes of work that wants a lock that another holds for a while."""
    outcome = []

    def work():
        try:
            with limited_to(budget), held(lock) as waited:
                outcome.append(waited)
        except DatabaseUnavailable:
            outcome.append("refused")

    thread = Thread(target=work)
    with lock:
        thread.start()
        thread.join(0.25)
    thread.join(60)
    return outcome


def test_a_lock_is_waited_for_no_longer_than_for_the_database():
    assert held_by_another(Lock(), WaitBudget(0.05, Availability())) == ["refused"]


def test_a_lock_is_had_when_its_holder_is_done():
    assert held_by_another(Lock(), WaitBudget(60, Availability())) == [True]


def test_nobody_waits_for_a_lock_while_the_database_is_away():
    availability = Availability()
    availability.is_away = True
    assert held_by_another(Lock(), WaitBudget(60, availability)) == ["refused"]


def test_a_lock_that_is_free_is_had_at_once():
    lock = Lock()
    with limited_to(WaitBudget(60, Availability())):
        for _ in range(2):
            with held(lock) as waited:
                assert not waited
