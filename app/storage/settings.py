"""What a site remembers about itself: short texts by name."""

from pymongo.collection import Collection
from pymongo.database import Database

from app.storage.documents import Document
from app.storage.errors import database_errors


class SettingStore:
    """Texts by name, such as how far the demo entries are loaded."""

    def __init__(self, db: Database[Document]) -> None:
        self._settings: Collection[Document] = db["settings"]

    @database_errors()
    def find(self, name: str) -> str:
        """Return the text, "" if there is none."""
        found = self._settings.find_one({"_id": name})
        return str(found["value"]) if found else ""

    @database_errors()
    def put(self, name: str, value: str) -> None:
        """Set the text."""
        self._settings.update_one({"_id": name}, {"$set": {"value": value}}, upsert=True)
