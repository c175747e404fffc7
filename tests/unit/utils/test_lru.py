"""The bounded map."""

from app.utils.lru import BoundedCache


def test_what_was_used_longest_ago_is_forgotten_first():
    cache = BoundedCache[str, int](2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_a_heavy_value_takes_the_place_of_many_light_ones():
    cache = BoundedCache[str, int](100, most=10)
    for key in "abcde":
        cache.put(key, 0, weight=2)
    assert len(cache) == 5
    cache.put("heavy", 1, weight=7)
    assert [key for key in ("a", "d", "e", "heavy") if cache.get(key) is not None] == ["e", "heavy"]


def test_a_value_that_is_put_again_weighs_once_and_one_that_weighs_too_much_is_not_kept():
    cache = BoundedCache[str, int](100, most=10)
    for _ in range(5):
        cache.put("a", 0, weight=6)
    cache.put("b", 0, weight=4)
    assert len(cache) == 2
    cache.put("c", 0, weight=11)
    assert len(cache) == 2
    cache.put("a", 0, weight=11)
    assert len(cache) == 1
    cache.put("d", 0, weight=10)
    assert [key for key in "abcd" if cache.get(key) is not None] == ["d"]


def test_a_cache_of_no_size_holds_nothing():
    cache = BoundedCache[str, int](0)
    cache.put("a", 1)
    assert cache.get("a") is None
