"""An end to the patience of a piece of work with the database."""

from contextlib import AbstractContextManager

import pymongo


def limited(seconds: float) -> AbstractContextManager[object]:
    """Let everything that is asked of the database within end by then, else with DatabaseUnavailable."""
    return pymongo.timeout(seconds)
