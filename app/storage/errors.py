"""Errors of the database become errors of the domain, here and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import InvalidDocument, InvalidStringData
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    WriteConcernError,
)

from app.domain.errors import DatabaseUnavailable, FieldError, InvalidInput
from app.domain.messages import N_, Message
from app.storage.wait_budgets import waiting

# Server codes that say "not now": stepping down, shutting down, recovering, no quorum, out of time, and a
# read that a majority did not confirm or cannot be asked for yet (134, 187, 211, 246).
_PASSING_CODES = frozenset(
    {6, 7, 50, 64, 89, 91, 100, 134, 187, 189, 211, 246, 262, 9001, 10107, 11600, 11602, 13435, 13436}
)

# What only the server notices, since the driver checks what it sends and not what becomes of it.
_SIZE_CODES = frozenset({10334, 17419})


@contextmanager
def database_errors() -> Iterator[None]:
    """Translate what the driver raises; also a decorator for every verb of a store.

    A database that is away, electing or too slow is DatabaseUnavailable; what BSON cannot hold (too
    large, a lone surrogate) is InvalidInput. Duplicate keys pass through: only the verb knows what
    was to be unique. Anything else is a defect and stays as it is. In a request the verb waits for as
    long as is left to it, see :mod:`app.storage.wait_budgets`.
    """
    with waiting(), translated():
        yield


@contextmanager
def translated() -> Iterator[None]:
    """Translate likewise what is no part of a request's wait."""
    try:
        yield
    except (ConnectionFailure, ExecutionTimeout, WriteConcernError) as error:
        raise DatabaseUnavailable from error
    except ConfigurationError as error:
        # Of a connection to a member that is between two states the driver says that it has no sessions.
        if "Sessions are not supported" not in str(error):
            raise
        raise DatabaseUnavailable from error
    except BulkWriteError as error:
        if error.details.get("writeConcernErrors"):
            raise DatabaseUnavailable from error
        raise
    except OperationFailure as error:
        if is_passing(error):
            raise DatabaseUnavailable from error
        if error.code in _SIZE_CODES:
            raise _too_large() from error
        raise
    except DocumentTooLarge as error:
        raise _too_large() from error
    except (InvalidStringData, InvalidDocument, UnicodeEncodeError) as error:
        refusal = Message(N_("Text with characters that are not valid Unicode cannot be used."))
        raise InvalidInput([FieldError("", refusal)]) from error


def is_passing(error: OperationFailure) -> bool:
    """Say whether the server refused only for now."""
    return error.code in _PASSING_CODES


def _too_large() -> InvalidInput:
    return InvalidInput([FieldError("", Message(N_("The entry would become too large.")))])
