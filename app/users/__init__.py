"""Accounts. ``blueprint`` is all that ``create_app`` needs."""

from app.users import avatars, logins, profiles, registration, resets, settings
from app.users.blueprint import blueprint

__all__ = ["avatars", "blueprint", "logins", "profiles", "registration", "resets", "settings"]
