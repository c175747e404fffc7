"""Avatars: pictures of users, judged by their content, re-encoded square in two sizes."""

import hashlib
import html
import unicodedata

from app.domain.usernames import username_key
from app.services import pictures
from app.storage.files import AVATAR, StoredFile
from app.storage.stores import Stores

LARGE = 256
SMALL = 64


def replace(stores: Stores, user_id: str, content: bytes) -> str:
    """Make a picture the user's avatar and return its file id; raise InvalidInput.

    The old one is removed only after the account shows the new one.
    """
    picture = pictures.square(content, LARGE, SMALL)
    new = stores.files.insert(picture, AVATAR, user_id)
    _swap(stores, user_id, new)
    return new


def remove(stores: Stores, user_id: str) -> None:
    """Go back to the avatar that is drawn from the username."""
    _swap(stores, user_id, "")


def open_avatar(stores: Stores, file_id: str, edge: int = LARGE) -> StoredFile:
    """Return an avatar to be served, the large one for any ``edge`` but SMALL; raise FileNotFound."""
    return stores.files.open(file_id, AVATAR, SMALL if edge == SMALL else LARGE)


def _swap(stores: Stores, user_id: str, new: str) -> None:
    old = stores.users.get(user_id).avatar
    while not stores.users.swap_avatar(user_id, old, new):
        # Another upload of the same user came between: its picture is the one to be replaced now.
        old = stores.users.get(user_id).avatar
    if old:
        stores.files.delete(old)


def drawn(username: str) -> str:
    """Return the avatar of who has none, as SVG: the first letter on a colour of the name's own."""
    digest = hashlib.sha256(username_key(username).encode(errors="replace")).digest()
    hue = int.from_bytes(digest[:2]) % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
        f'<rect width="64" height="64" fill="hsl({hue} 42% 38%)"/>'
        f'<circle cx="{8 + digest[2] % 48}" cy="{8 + digest[3] % 48}" r="{18 + digest[4] % 14}"'
        f' fill="hsl({(hue + 40) % 360} 45% 46%)"/>'
        '<text x="32" y="33" fill="#fff" font-family="system-ui, sans-serif" font-size="30" font-weight="600"'
        f' text-anchor="middle" dominant-baseline="central">{html.escape(_initial(username))}</text></svg>'
    )


def _initial(username: str) -> str:
    return next((char.upper() for char in username if unicodedata.category(char)[0] in "LN"), "?")
