"""The store of items and their revisions."""

from app.storage.item_history import ItemHistory
from app.storage.item_lists import ItemLists
from app.storage.item_names import ItemNames
from app.storage.item_walks import ItemWalks
from app.storage.item_writes import ItemWrites


class ItemStore(ItemWrites, ItemLists, ItemNames, ItemHistory, ItemWalks):
    """Items behind explicit verbs: reading, writing, listing, naming, history, walks.

    Every verb raises DatabaseUnavailable while the database does not answer. Nothing that a client
    sent becomes an operator, and no document leaves the store.
    """
