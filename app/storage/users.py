"""Accounts: collection ``users``. Unique indexes on the folded username and address decide who was first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from app.domain.errors import AddressTaken, UsernameTaken, UserNotFound
from app.domain.usernames import username_key
from app.domain.users import Profile, Role, User
from app.storage import cursors
from app.storage.documents import from_database
from app.storage.guarding import translating
from app.utils.bson_json import bson_obj_id

Document = dict[str, Any]

# How long an address and a username are kept for somebody who never confirms.
UNCONFIRMED_LIFETIME = timedelta(days=30)
_PLAIN_FIELDS = (
    "username",
    "email",
    "password_hash",
    "epoch",
    "token_epoch",
    "name",
    "location",
    "website",
    "introduction",
    "avatar",
    "locale",
    "blocked_reason",
    "activation_nonce",
    "reset_nonce",
    "neutral_name",
)
# Stands in where a projection left the time of registration out.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ENDS_ALL = {"epoch": 1, "token_epoch": 1}
# Sorts after every character of a username.
_BEYOND_ANY = "\U0010ffff"
_BLOCKS = "blocks"
_NOTHING_SECRET = {"password_hash": 0, "activation_nonce": 0, "reset_nonce": 0}


def address_key(email: str) -> str:
    """Return what two accounts must not share: the address without regard to case."""
    return email.strip().casefold()


@translating
class UserStore:
    """Verbs on accounts. Every change is one guarded write."""

    def __init__(self, db: Database[Document]) -> None:
        self._users = db["users"]

    def insert(self, user: User) -> User:
        """Store a new account and return it with its id; raise UsernameTaken or AddressTaken.

        An account without ``confirmed_at`` goes by itself after UNCONFIRMED_LIFETIME.
        """
        document = _to_document(user)
        try:
            self._users.insert_one(document)
        except DuplicateKeyError as error:
            if self.find_by_username(user.username):
                raise UsernameTaken(user.username) from error
            raise AddressTaken from error
        return replace(user, id=str(document["_id"]))

    def get(self, user_id: str) -> User:
        """Return the account; raise UserNotFound."""
        found = self.find(user_id)
        if found is None:
            raise UserNotFound(user_id)
        return found

    def find(self, user_id: str) -> User | None:
        """Return the account of this id, or None."""
        key = bson_obj_id(user_id)
        return self._one({"_id": key}) if key else None

    def find_by_username(self, username: str) -> User | None:
        """Return the account of this name in any case, width or form, or None."""
        key = username_key(username)
        return self._one({"username_key": key}) if key else None

    def find_by_email(self, email: str) -> User | None:
        """Return the account that owns the address, or None."""
        key = address_key(email)
        return self._one({"email_key": key}) if key else None

    def find_shadow(self, email: str) -> User | None:
        """Return the newest account that was registered with an address of somebody else, or None."""
        found = self._users.find_one({"claimed_key": address_key(email)}, sort=[("_id", -1)])
        return from_document(found) if found else None

    def find_deleting(self) -> Sequence[User]:
        """Return the accounts whose deletion began and has not come to its end."""
        rows = self._users.find({"neutral_name": {"$gt": ""}, "deleted_at": None})
        return tuple(from_document(row) for row in rows)

    def confirm(self, user_id: str, nonce: str, now: datetime) -> bool:
        """Confirm the address if ``nonce`` is the newest link's; say whether it was. Only the first wins."""
        guard = {"_id": ObjectId(user_id), "activation_nonce": nonce, "claimed_key": None}
        change: Document = {
            "$set": {"confirmed_at": now},
            "$unset": {"activation_nonce": "", "expires_at": ""},
        }
        return bool(nonce) and self._with_editor_role(guard, change)

    def reset_password(self, user_id: str, nonce: str, password_hash: str, now: datetime) -> bool:
        """Set a new password if ``nonce`` is the newest link's, end all sessions and tokens; say whether.

        Who can read the mail owns the address, so the account is confirmed too.
        """
        guard = {"_id": ObjectId(user_id), "reset_nonce": nonce}
        change: Document = {
            "$set": {"password_hash": password_hash, "confirmed_at": now},
            "$inc": _ENDS_ALL,
            "$unset": {"reset_nonce": "", "activation_nonce": "", "expires_at": ""},
        }
        return bool(nonce) and self._with_editor_role(guard, change)

    def set_password(self, user_id: str, password_hash: str) -> User:
        """Set a new password, end all sessions, tokens and reset links, and return the account."""
        change = {
            "$set": {"password_hash": password_hash},
            "$inc": _ENDS_ALL,
            "$unset": {"reset_nonce": ""},
        }
        return self._change(user_id, change)

    def renew_hash(self, user_id: str, old: str, new: str) -> None:
        """Replace a hash by a stronger one of the same password, unless the password changed meanwhile."""
        self._users.update_one(
            {"_id": ObjectId(user_id), "password_hash": old}, {"$set": {"password_hash": new}}
        )

    def raise_epoch(self, user_id: str) -> User:
        """End every session of the account."""
        return self._change(user_id, {"$inc": {"epoch": 1}})

    def raise_token_epoch(self, user_id: str) -> User:
        """End every token of the account."""
        return self._change(user_id, {"$inc": {"token_epoch": 1}})

    def set_activation_nonce(self, user_id: str, nonce: str) -> None:
        """Make ``nonce`` the one that a confirmation link must carry; earlier links end."""
        self._change(user_id, {"$set": {"activation_nonce": nonce}})

    def set_reset_nonce(self, user_id: str, nonce: str) -> None:
        """Make ``nonce`` the one that a reset link must carry; earlier links end."""
        self._change(user_id, {"$set": {"reset_nonce": nonce}})

    def set_profile(self, user_id: str, profile: Profile) -> User:
        """Replace what the user tells of themselves."""
        fields = ("name", "location", "website", "introduction", "locale")
        return self._change(user_id, {"$set": {name: getattr(profile, name) for name in fields}})

    def swap_avatar(self, user_id: str, old: str, new: str) -> bool:
        """Put ``new`` in the place of ``old``; False if the avatar is no longer ``old``."""
        guard: Document = {"_id": ObjectId(user_id), "avatar": old or {"$in": ["", None]}}
        return self._users.update_one(guard, {"$set": {"avatar": new}}).matched_count == 1

    def set_role(self, user_id: str, role: Role) -> User:
        """Give the account a role; it is kept for good from now on."""
        return self._change(user_id, {"$set": {"role": role.value}, "$unset": {"expires_at": ""}})

    def set_block(self, user_id: str, until: datetime | None, reason: str) -> User:
        """Block the account until then, or unblock it with None."""
        return self._change(user_id, {"$set": {"blocked_until": until, "blocked_reason": reason}})

    def begin_deletion(self, user_id: str, neutral_name: str) -> User:
        """Close the account for good: no password, address, session or token of it works any more.

        Its username stays taken until :meth:`finish_deletion`. Done twice, the first name holds.
        """
        guard = {"_id": ObjectId(user_id), "neutral_name": {"$in": ["", None]}}
        change = {
            "$set": {
                "neutral_name": neutral_name,
                "password_hash": "",
                "email": "",
                "role": Role.VISITOR.value,
            },
            "$inc": _ENDS_ALL,
            "$unset": {"email_key": "", "claimed_key": "", "activation_nonce": "", "reset_nonce": ""}
            | {"expires_at": ""},
        }
        self._users.update_one(guard, change)
        return self.get(user_id)

    def finish_deletion(self, user_id: str, neutral_name: str, now: datetime) -> None:
        """Leave of the account nothing but the neutral name that its edits stand under."""
        bare = {
            "username": neutral_name,
            "username_key": username_key(neutral_name),
            "neutral_name": neutral_name,
            "role": Role.VISITOR.value,
            "created_at": now,
            "deleted_at": now,
        }
        self._users.replace_one({"_id": ObjectId(user_id)}, bare)

    def page(self, after: str = "", limit: int = 50) -> Sequence[User]:
        """Return accounts in the order of their folded usernames, after the given one."""
        rows = self._users.find({"username_key": {"$gt": username_key(after)}}, _NOTHING_SECRET)
        return tuple(from_document(row) for row in rows.sort("username_key", 1).limit(limit))

    def beginning_with(self, prefix: str, after: str = "", limit: int = 50) -> Sequence[User]:
        """Return accounts whose folded usernames begin so, in their order, after the given one.

        Accounts that were deleted are left out.
        """
        folded = username_key(prefix)
        bounds: Document = {"$gte": folded, "$lt": folded + _BEYOND_ANY} if folded else {}
        if after:
            bounds = {**bounds, "$gt": username_key(after)}
        query: Document = {"deleted_at": None, **({"username_key": bounds} if bounds else {})}
        rows = self._users.find(query, _NOTHING_SECRET).sort("username_key", 1).limit(limit)
        return tuple(from_document(row) for row in rows)

    def blocked(self, now: datetime, cursor: str = "", limit: int = 50) -> tuple[Sequence[User], str]:
        """Return accounts blocked at ``now`` by the end of the block, and the next cursor; raise BadQuery."""
        query: Document = {"blocked_until": {"$type": "date", "$gt": now}}
        if cursor:
            end, key = cursors.decode(_BLOCKS, (datetime, ObjectId), cursor)
            query = {"$and": [query, {"$or": [{"blocked_until": {"$gt": end}}, _beyond(end, key)]}]}
        rows = list(
            self._users.find(query, _NOTHING_SECRET).sort([("blocked_until", 1), ("_id", 1)]).limit(limit + 1)
        )
        found = tuple(from_document(row) for row in rows[:limit])
        if len(rows) <= limit:
            return found, ""
        return found, cursors.encode(
            _BLOCKS, (from_database(rows[limit - 1]["blocked_until"]), rows[limit - 1]["_id"])
        )

    def _with_editor_role(self, guard: Document, change: Document) -> bool:
        # One write either way, so that no crash leaves a confirmed account without its role.
        raised = change | {"$set": change["$set"] | {"role": Role.EDITOR.value}}
        if self._users.update_one(guard | {"role": Role.VISITOR.value}, raised).matched_count:
            return True
        return bool(self._users.update_one(guard, change).matched_count)

    def _change(self, user_id: str, change: Mapping[str, Any]) -> User:
        found = self._users.find_one_and_update(
            {"_id": bson_obj_id(user_id)}, change, return_document=ReturnDocument.AFTER
        )
        if found is None:
            raise UserNotFound(user_id)
        return from_document(found)

    def _one(self, query: Document) -> User | None:
        found = self._users.find_one(query)
        return from_document(found) if found else None


def from_document(document: Mapping[str, Any]) -> User:
    """Return the account that a (perhaps projected) document holds."""
    plain = {name: document[name] for name in _PLAIN_FIELDS if document.get(name) is not None}
    return User(
        **{"email": "", "password_hash": "", **plain},
        id=str(document["_id"]),
        role=Role(document["role"]),
        created_at=from_database(document["created_at"]) if document.get("created_at") else LONG_AGO,
        confirmed_at=_moment(document.get("confirmed_at")),
        blocked_until=_moment(document.get("blocked_until")),
        shadow="claimed_key" in document,
    )


def _to_document(user: User) -> Document:
    document: Document = {name: getattr(user, name) for name in _PLAIN_FIELDS if getattr(user, name) != ""}
    document |= {
        "_id": ObjectId(user.id or None),
        "username_key": username_key(user.username),
        "claimed_key" if user.shadow else "email_key": address_key(user.email),
        "role": user.role.value,
        "created_at": user.created_at,
        "confirmed_at": user.confirmed_at,
        "blocked_until": user.blocked_until,
    }
    if user.confirmed_at is None:
        document["expires_at"] = user.created_at + UNCONFIRMED_LIFETIME
    return document


def _beyond(end: object, key: object) -> Document:
    return {"blocked_until": end, "_id": {"$gt": key}}


def _moment(found: datetime | None) -> datetime | None:
    return from_database(found) if found else None
