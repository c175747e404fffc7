"""JSON arrays are cut into their elements as they stream by, wherever a read ends."""

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from app.services import bulk_formats
from app.services.bulk_formats import Format
from app.services.items import Scopes


def read(data):
    reader = bulk_formats.reader(Format.JSON, io.BytesIO(data), Scopes([]))
    return [(line.number, reader.raw(line, "")) for line in reader.lines()]


_JSON = st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@settings(deadline=None, max_examples=40)
@given(st.lists(_JSON, max_size=5))
def test_any_array_is_cut_where_its_elements_end(elements):
    data = json.dumps(elements, indent=1).encode()
    assert [raw for _, raw in read(data)] == elements


@given(st.integers(1, 40))
def test_arrays_are_cut_alike_however_they_are_read(size):
    original = bulk_formats._CHUNK
    bulk_formats._CHUNK = size
    try:
        found = read(b'[{"title": "A\\"]"},\n{"x": [1, 2]}, "c"]')
    finally:
        bulk_formats._CHUNK = original
    assert found == [(1, {"title": 'A"]'}), (2, {"x": [1, 2]}), (2, "c")]
