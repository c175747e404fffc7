"""Log-ins: collection ``sessions``, one document each, removed by a TTL index when its time is over."""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from app.domain.users import Session, User
from app.storage.guarding import translating
from app.storage.users import from_document

Document = dict[str, Any]

# What a request needs to know of its user; the hash and the address stay in the database.
_SEEN_BY_A_REQUEST = ("username", "role", "epoch", "avatar", "locale", "confirmed_at", "blocked_until")
_PROJECTION = {
    "expires_at": 1,
    "epoch": 1,
    **{f"user.{name}": 1 for name in (*_SEEN_BY_A_REQUEST, "_id", "blocked_reason", "neutral_name")},
}


@translating
class SessionStore:
    """Verbs on log-ins."""

    def __init__(self, db: Database[Document]) -> None:
        self._sessions = db["sessions"]

    def insert(self, session: Session) -> None:
        """Store a log-in."""
        self._sessions.insert_one(
            {
                "_id": session.key,
                "user": ObjectId(session.user_id),
                "epoch": session.epoch,
                "created_at": session.created_at,
                "expires_at": session.expires_at,
            }
        )

    def find_user(self, key: str, now: datetime) -> User | None:
        """Return whose log-in this is (without hash and address), or None if it ended. One query."""
        stages: list[Document] = [
            {"$match": {"_id": key, "expires_at": {"$gt": now}}},
            {"$lookup": {"from": "users", "localField": "user", "foreignField": "_id", "as": "user"}},
            {"$unwind": "$user"},
            {"$project": _PROJECTION},
        ]
        row = next(iter(self._sessions.aggregate(stages)), None)
        # An epoch raised since ends the session, even one whose document was not removed yet.
        if row is None or row["epoch"] != row["user"].get("epoch", 0):
            return None
        return from_document(row["user"])

    def delete(self, key: str) -> None:
        """End one log-in."""
        self._sessions.delete_one({"_id": key})

    def delete_of_user(self, user_id: str) -> None:
        """End all log-ins of a user."""
        self._sessions.delete_many({"user": ObjectId(user_id)})
