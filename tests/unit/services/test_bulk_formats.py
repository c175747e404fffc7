import io
from collections.abc import Iterable

import pytest

from app.services.bulk_formats import BadFile, Column, Format, format_of, read_header, reader
from app.services.items import Scopes


def lines_of(form: Format, data: bytes) -> list[tuple[int, str]]:
    found = reader(form, io.BytesIO(data), Scopes([])).lines()
    return [(line.number, str(line.refusal or "")) for line in found]


def numbers(found: Iterable[tuple[int, str]]) -> list[int]:
    return [number for number, _ in found]


def raw_of(data: str, category: str = "") -> list[object]:
    table = reader(Format.CSV, io.BytesIO(data.encode()), Scopes([]))
    return [table.raw(line, category) for line in table.lines()]


def test_json_lines_keep_their_physical_numbers_across_empty_ones():
    assert numbers(lines_of(Format.JSONL, b"\xef\xbb\xbf{}\r\n\r\n{}\n\n{}")) == [1, 3, 5]


def test_csv_rows_are_numbered_by_the_line_on_which_they_begin():
    assert numbers(lines_of(Format.CSV, b'title,N\r\nA,"x\r\ny"\r\n\r\nB,1\r\n')) == [2, 5]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[]", []),
        (b'[{"title":"a"},\n{"title":"b"}]', [1, 2]),
        (b'[\n\n {"title":"]},{"},\n {"title":"\\"]"}\n]\n', [3, 4]),
        (b'{\n"title":"alone"}', [1]),
    ],
)
def test_json_arrays_are_cut_into_their_elements(data, expected):
    assert lines_of(Format.JSON, data) == [(number, "") for number in expected]


@pytest.mark.parametrize("data", [b'"text"', b"[{}", b"[{}] {}"])
def test_a_file_that_is_no_array_is_a_refused_line(data):
    assert lines_of(Format.JSON, data)[-1][1]


def test_rows_that_are_no_utf8_or_too_wide_or_unclosed_are_refused_alone():
    found = lines_of(Format.CSV, b'title,N\nA,\xff\nB,1\nC,1,2\nD,"open\n')
    assert [(number, bool(refusal)) for number, refusal in found] == [
        (2, True),
        (3, False),
        (4, True),
        (5, True),
    ]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Mass", Column("Mass", "text")),
        ("Mass:number", Column("Mass", "number")),
        ("Mass [kg]:number", Column("Mass", "number", "kg")),
        ("Mass []:number", Column("Mass", "number", "")),
        ("Note [draft]", Column("Note [draft]", "text")),
        ("Ratio 16:9", Column("Ratio 16:9", "text")),
        ("'=Sum", Column("=Sum", "text")),
        ("summary", Column("summary")),
        ("summary:text", Column("summary", "text")),
        ("Mass:number:note", Column("Mass", "number", None, "note")),
    ],
)
def test_headers_say_name_unit_and_kind(header, column):
    assert read_header(header) == column


@pytest.mark.parametrize(
    "column",
    [
        Column("A:b c", "text"),
        Column("Title", "text"),
        Column("x:number", "text"),
        Column("Distance [max]", "number"),
        Column("Distance [max]", "range", "km"),
        Column("Distance [max]", "number", None, "state"),
        Column("Plain", "list"),
    ],
)
def test_written_headers_are_read_back(column):
    again = read_header(column.header())
    assert (again.name, again.kind, again.member) == (column.name, column.kind, column.member)
    assert (again.unit or None) == (column.unit or None)


@pytest.mark.parametrize(
    "header",
    [b"", b"name,N\n", b"title,N:nmber\n", b"title,N,N\n", b"title,Mass [zorg]:number\n", b"title,,N\n"],
)
def test_headers_that_cannot_be_meant_refuse_the_file(header):
    with pytest.raises(BadFile, match="line 1"):
        reader(Format.CSV, io.BytesIO(header), Scopes([]))


def test_cells_lose_exactly_one_apostrophe():
    (raw,) = raw_of("title,A,B,C\nX,'=1,''q,'plain\n")
    assert [attribute["value"] for attribute in raw["attributes"]] == ["=1", "'q", "plain"]


def test_an_empty_cell_is_no_attribute_and_aliases_are_separated_by_commas():
    (raw,) = raw_of('title,aliases,A,B:number\nX,"a, b",,1\n', "Things")
    assert raw["aliases"] == ["a", "b"]
    assert raw["category"] == "Things"
    assert [attribute["name"] for attribute in raw["attributes"]] == ["B"]


def test_the_unit_of_the_header_counts_unless_the_cell_has_one():
    raws = raw_of("title,Mass [kg]:number\nA,5\nB,2 t\n")
    assert [raw["attributes"][0]["value"]["unit"] for raw in raws] == ["kg", "t"]


def test_other_columns_hold_states_and_sources():
    (raw,) = raw_of('title,M:number:state,M:number,N,N:text:sources\nX,unknown,,v,"https://a.b T\nA book"\n')
    state, sources = raw["attributes"]
    assert state == {"name": "M", "kind": "number", "state": "unknown"}
    assert sources["sources"] == [{"url": "https://a.b", "title": "T"}, {"title": "A book"}]


def test_the_ending_of_a_name_says_the_format():
    assert [format_of(name) for name in ("a.JSONL", "b.csv", "c.json")] == ["jsonl", "csv", "json"]
    with pytest.raises(BadFile):
        format_of("a.txt")
