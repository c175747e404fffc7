"""One line makes every verb of a store speak of the domain's errors instead of the driver's."""

from inspect import isfunction
from typing import TypeVar

from app.storage.errors import database_errors

Store = TypeVar("Store")


def translating(store: type[Store]) -> type[Store]:
    """Decorate a store class: errors of the database leave each public verb as errors of the domain."""
    for name, verb in list(vars(store).items()):
        if isfunction(verb) and not name.startswith("_"):
            setattr(store, name, database_errors()(verb))
    return store
