"""Waiting for changes: a change stream of the database ends it, and without one a second does."""

from concurrent.futures import ThreadPoolExecutor, wait

from app.storage import change_feed
from tests.storage.conftest import Making


def test_a_write_ends_the_wait(live_stores, monkeypatch):
    add = Making(live_stores)
    # So long that only a change stream can have ended it.
    monkeypatch.setattr(change_feed, "_WAIT_SECONDS", 90.0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(live_stores.feed.wait)
        for number in range(600):
            add(f"Item {number}")
            if wait([waiting], timeout=0.1).done:
                break
        assert waiting.done()
