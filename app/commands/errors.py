"""What a command says when it cannot go on: one line and a status, never a trace."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from pymongo.errors import PyMongoError

from app.domain.errors import DomainError
from app.embedded.errors import EmbeddedError
from app.services.archives import ArchiveError
from app.storage.maintenance import MaintenanceError
from conf.settings import ConfigurationError


@contextmanager
def spoken() -> Iterator[None]:
    """Turn the errors that an operator can do something about into one line and exit status 1."""
    try:
        yield
    except (ConfigurationError, EmbeddedError, DomainError, MaintenanceError, ArchiveError) as error:
        raise click.ClickException(str(error)) from error
    except PyMongoError as error:
        raise click.ClickException(f"The database cannot be used: {str(error)[:500]}") from error
