"""Reading JSON strictly."""

from decimal import Decimal

import pytest

from app.domain.errors import InvalidInput
from app.utils.json_in import MAX_DEPTH, BadJson, loads


def test_fractions_are_exact_and_whole_numbers_whole():
    assert loads(b'{"a": 1.10, "b": 5, "c": [true, null, "\xc3\xa9"]}') == {
        "a": Decimal("1.10"),
        "b": 5,
        "c": [True, None, "é"],
    }
    assert isinstance(loads(b"5"), int)
    assert str(loads(b"1.10")) == "1.10"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"[1 2]",
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b'{"a": 1, "a": 2}',
        b'{"x": {"a": 1, "\\u0061": 2}}',
        b'"\xff\xfe"',
        '{"a": 1}'.encode("utf-16"),
        b'"a\nb"',
        b"01",
        b"[" * 100_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
    ids=lambda data: ascii(data[:20]),
)
def test_what_is_not_json_for_everybody_is_bad(data):
    with pytest.raises(BadJson):
        loads(data)


def test_the_deepest_allowed_is_allowed():
    loads(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


@pytest.mark.parametrize(
    ("number", "fine"),
    [
        ("9" * 34, True),
        ("9" * 35, False),
        ("0." + "0" * 50 + "1" * 34, True),
        ("1." + "1" * 34, False),
        ("1e6000", True),
        ("-1E+6001", False),
        ("1e-6000", True),
        ("1e-6001", False),
        ("1e99999999999999999999999", False),
        ("0e99999", False),
        ("9" * 100_000, False),
        ("1" + "0" * 40, True),
    ],
    ids=lambda value: str(value)[:12],
)
def test_numbers_have_bounds(number, fine):
    if fine:
        assert loads(number.encode()) == Decimal(number)
        return
    with pytest.raises(InvalidInput) as refused:
        loads(f'{{"a": [0, {{"b": {number}}}]}}'.encode())
    assert [error.path for error in refused.value.errors] == ["a.1.b"]


@pytest.mark.parametrize(
    ("data", "path"), [(b'{"a": ["\\ud800"]}', "a.0"), (b'{"a": {"\\udfff": 1}}', "a"), (b'"\\udc00"', "")]
)
def test_lone_surrogates_are_refused_with_their_path(data, path):
    with pytest.raises(InvalidInput) as refused:
        loads(data)
    assert [error.path for error in refused.value.errors] == [path]


def test_a_pair_of_surrogates_is_one_character():
    assert loads(b'"\\ud83d\\ude00"') == "😀"


def test_keys_of_the_database_are_plain_keys():
    assert loads(b'{"$oid": 5, "$date": {"$numberLong": "x"}}') == {"$oid": 5, "$date": {"$numberLong": "x"}}


def test_a_byte_order_mark_is_passed_over():
    assert loads(b"\xef\xbb\xbf[]") == []
