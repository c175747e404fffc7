"""Many new entries at once, each judged by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from app.domain.errors import DatabaseUnavailable, DomainError, FieldError, InvalidInput
from app.domain.items import Item
from app.domain.messages import N_, Message
from app.domain.permissions import Permission, require
from app.domain.users import Actor
from app.services import categories
from app.services.bodies import clean_comment
from app.services.items import Note, draft_from_json, first_revision, scopes
from app.storage.stores import Stores

MOST = 1000


def create_all(stores: Stores, actor: Actor, rows: Sequence[object], note: Note) -> list[Item | DomainError]:
    """Add an entry for each of ``rows`` (the contract's JSON form) and return what became of each.

    A row that is a DomainError, since it could not even be read, stays what it is. Bad rows are no
    hindrance to the good ones. Categories that stored ones are the first to name are made. Raises
    Forbidden, Unauthenticated, or InvalidInput for more than MOST rows, of which none is stored, and
    DatabaseUnavailable, after which any may be.
    A ``comment`` of a row takes the place of that of the ``note``.
    """
    require(actor, Permission.CREATE, note.now)
    if len(rows) > MOST:
        message = Message(N_("At most %(count)s entries were expected."), {"count": MOST})
        raise InvalidInput([FieldError("", message)])
    known = scopes(stores)
    outcomes: list[Item | DomainError] = []
    for row in rows:
        try:
            if isinstance(row, DomainError):
                raise row
            draft = draft_from_json(row, known, may_name_new=True)
            outcomes.append(first_revision(stores, actor, draft, _note_for(row, note)))
        except DatabaseUnavailable:
            raise
        except DomainError as error:
            outcomes.append(error)
    stored = stores.items.insert_many([one for one in outcomes if isinstance(one, Item)])
    for slug in {one.category for one in stored if isinstance(one, Item)}:
        if slug and slug not in known:
            categories.ensure(stores, actor, slug, note.now)
    following = iter(stored)
    return [cast("Item | DomainError", next(following)) if isinstance(one, Item) else one for one in outcomes]


def _note_for(row: object, note: Note) -> Note:
    said = row.get("comment") if isinstance(row, Mapping) else None
    return note if said is None else replace(note, comment=clean_comment(said))
