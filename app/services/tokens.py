"""Tokens of the API: signed and timed, and worthless once their user's token epoch was raised.

Nothing of a token is stored, so none can be stolen from the database. It carries the account's id and
epoch; a change of password, the deletion of the account and :func:`revoke_all` raise the epoch.
"""

import hashlib
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from app.domain.users import User
from app.storage.stores import Stores

LIFETIME = timedelta(days=30)
# Longer ones are none of ours; refusing them costs no computation.
_LONGEST = 400


class Tokens:
    """Makes and reads tokens with the site's secret key."""

    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeTimedSerializer(
            secret_key, salt="pkyx api token", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def make(self, user: User) -> str:
        """Return a new token of ``user``, safe within a header."""
        return self._serializer.dumps([user.id, user.token_epoch])

    def find_user(self, stores: Stores, token: str, now: datetime) -> User | None:
        """Return whose token it is; None for one that is forged, expired or revoked."""
        said = self._read(token, now)
        if said is None:
            return None
        user = stores.users.find(said[0])
        return user if user is not None and user.token_epoch == said[1] else None

    def _read(self, token: str, now: datetime) -> tuple[str, int] | None:
        if len(token) > _LONGEST:
            return None
        try:
            said, made_at = self._serializer.loads(token, return_timestamp=True)
            user_id, epoch = said
        except (BadData, ValueError, TypeError):
            return None
        return (str(user_id), int(epoch)) if now - made_at <= LIFETIME else None


def revoke_all(stores: Stores, user: User) -> None:
    """End every token of ``user``."""
    stores.users.raise_token_epoch(user.id)
