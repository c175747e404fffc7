"""How long a request waits for the database in all, whatever its method and however much it asks."""

from contextlib import ExitStack

from flask import Flask, g

from app.storage.wait_budgets import Availability, WaitBudget, limited_to

_BUDGET = "pkyx_wait_budget"


def register(app: Flask) -> None:
    """Give each request a budget, so that 503 comes in time.

    A body that is streamed is written when the request is over: it may take its time.
    """
    seconds, availability = app.config["DATABASE_WAIT_SECONDS"], Availability()

    def begin() -> None:
        held = ExitStack()
        held.enter_context(limited_to(WaitBudget(seconds, availability)))
        setattr(g, _BUDGET, held)

    app.before_request(begin)
    app.teardown_request(_end)


def _end(_error: BaseException | None) -> None:
    if held := g.pop(_BUDGET, None):
        held.close()
