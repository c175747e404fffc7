"""Bulk files as streams: JSON Lines, JSON and CSV, each line by itself, with its physical number.

A reader yields :class:`Line`\\ s; ``raw`` turns the content of one into the contract's JSON form of an
item, which the services validate like any other. Nothing but the line in hand is kept in memory.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePath
from typing import IO, Protocol

from app.domain.categories import Category, Property
from app.domain.errors import DomainError, FieldError, InvalidInput, ValueRefused
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.kinds import measures, registry
from app.kinds.base import ParseContext
from app.services.attributes import Scope
from app.services.items import Scopes
from app.utils import json_in
from app.utils.csv_cells import unguard

MAX_LINE = 16 * 2**20
_BOM = b"\xef\xbb\xbf"
_CHUNK = 2**18
FIELDS = ("aliases", "summary", "category")
# The member of a line that says what its category is, where the site has no such category yet.
DEFINITION = "category_definition"
# The column of the keys of an entry's attributes, where their order is not that of the columns.
ORDER = "attributes:order"
# What a column may hold beside the value of its attribute: ``Mass:number:note``.
# A name is said where an entry spells it in another way than the header.
MEMBERS = ("name", "state", "group", "note", "sources", "verified_on")


class Format(StrEnum):
    """A format of bulk files; its value is the ending of their names."""

    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"


_ENDINGS = {".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".json": Format.JSON, ".csv": Format.CSV}


class BadFile(DomainError):
    """The file as a whole cannot be read, so nothing of it was."""

    code = "bad-file"
    status = 422


def format_of(path: str) -> Format:
    """Return the format that the ending of a file's name says, also before ``.gz``; raise BadFile."""
    name = PurePath(path.lower().removesuffix(".gz"))
    if name.suffix not in _ENDINGS:
        raise BadFile(
            Message(
                N_("“%(file)s” does not end in .jsonl, .json or .csv; say which with --format."),
                {"file": path},
            )
        )
    return _ENDINGS[name.suffix]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a file: ``number`` is its first physical line, ``end`` how far the file is read.

    ``refusal`` says why there is no ``content``.
    """

    number: int
    content: bytes | Sequence[str] = b""
    end: int = 0
    refusal: Message | None = None


class Reader(Protocol):
    """What reads one file. ``has_names`` says whether its names are to be taken over as they are written."""

    has_names: bool

    def lines(self) -> Iterator[Line]:
        """Yield the entries in their order."""
        ...

    def raw(self, line: Line, category: str) -> object:
        """Return the JSON form of the line's item; raise a domain error.

        ``category`` is the name of the category of lines that name none.
        """
        ...


def reader(form: Format, stream: IO[bytes], known: Scopes) -> Reader:
    """Return what reads ``stream``; raise BadFile where its beginning is no such file."""
    if form is Format.JSONL:
        return JsonLines(stream)
    return JsonArray(stream) if form is Format.JSON else CsvTable(stream, known)


@dataclass(frozen=True, slots=True)
class _Physical:
    number: int
    text: bytes
    end: int
    is_whole: bool


def _physical_lines(stream: IO[bytes]) -> Iterator[_Physical]:
    number = end = 0
    while text := stream.readline(MAX_LINE):
        number, end = number + 1, end + len(text)
        is_whole = len(text) < MAX_LINE or text.endswith(b"\n")
        while text and not is_whole and not text.endswith(b"\n"):
            text = stream.readline(MAX_LINE)
            end += len(text)
        yield _Physical(number, text.removeprefix(_BOM) if number == 1 else text, end, is_whole)


_TOO_LONG = Message(N_("The line is longer than %(limit)s MiB."), {"limit": MAX_LINE // 2**20})


class JsonLines:
    """One JSON object a line; empty lines are passed over."""

    has_names = True

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def lines(self) -> Iterator[Line]:
        """Yield the lines that are not empty."""
        for found in _physical_lines(self._stream):
            if not found.is_whole:
                yield Line(found.number, end=found.end, refusal=_TOO_LONG)
            elif not found.text.isspace() and found.text:
                yield Line(found.number, found.text, found.end)

    def raw(self, line: Line, category: str) -> object:
        """Return the object; raise BadJson or InvalidInput."""
        return _with_category(json_in.loads(bytes(line.content)), category)  # type: ignore[arg-type]


# Whatever matters for where an element of an array ends. A string that is cut off matches as one quote.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},\n]', re.DOTALL)
_NOT_CLOSED = Message(N_("The JSON array is not closed, or something follows it."))
_NO_ARRAY = Message(N_("Expected a JSON array of entries."))


class JsonArray(JsonLines):
    """A JSON array of objects, cut into its elements as it streams by, or one object alone."""

    def lines(self) -> Iterator[Line]:
        """Yield the elements; the number is the line on which one begins."""
        return _Elements(self._stream).lines()


class _Elements:
    """Finds where the elements of the outer array end, without understanding them."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._buffer = bytearray(stream.read(_CHUNK).removeprefix(_BOM))
        self._end = len(self._buffer)
        self._scanned = 0
        self._number = 1

    def lines(self) -> Iterator[Line]:
        opening = self._skip_space()
        if opening == b"{":
            content = bytes(self._buffer) + self._stream.read(MAX_LINE)
            yield Line(self._number, content, self._end)
            return
        if opening != b"[":
            yield Line(self._number, end=self._end, refusal=_NO_ARRAY)
            return
        del self._buffer[:1]
        while True:
            self._skip_space()
            number = self._number
            content, closing = self._element()
            if content.strip():
                yield Line(number, content, self._end - len(self._buffer))
            if closing != b",":
                break
        if closing != b"]" or self._skip_space():
            yield Line(self._number, end=self._end, refusal=_NOT_CLOSED)

    def _skip_space(self) -> bytes:
        """Drop white space and return the first byte behind it, b"" at the end."""
        while True:
            rest = self._buffer.lstrip()
            self._number += self._buffer[: len(self._buffer) - len(rest)].count(b"\n")
            self._buffer = rest
            if rest or not self._more():
                return bytes(rest[:1])

    def _more(self) -> bool:
        chunk = self._stream.read(_CHUNK)
        self._buffer += chunk
        self._end += len(chunk)
        if len(self._buffer) > MAX_LINE + _CHUNK:
            raise BadFile(_TOO_LONG)
        return bool(chunk)

    def _element(self) -> tuple[bytes, bytes]:
        """Take the next element and what closes it: a comma, a bracket, or b"" at the end of the file."""
        depth = position = 0
        while True:
            found = _TOKEN.search(self._buffer, position)
            token = found[0] if found else b""
            if not found or token == b'"':
                position = found.start() if found else len(self._buffer)
                if not self._more():
                    return self._cut(len(self._buffer), 0), b""
                continue
            position = found.end()
            if token in b"[{":
                depth += 1
            elif depth == 0 and token in (b",", b"]"):
                return self._cut(found.start(), 1), token
            elif token in b"]}":
                depth -= 1

    def _cut(self, length: int, closing: int) -> bytes:
        content = bytes(self._buffer[:length])
        del self._buffer[: length + closing]
        self._number += content.count(b"\n")
        return content


def _with_category(raw: object, category: str) -> object:
    if category and isinstance(raw, dict) and raw.get("category") is None:
        return {**raw, "category": category}
    return raw


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a CSV file: a field of the item itself, or an attribute.

    ``unit`` counts where a cell has none: the one of the header, "" for explicitly none, None where the
    header does not say. ``member`` is ``value`` or one of MEMBERS.
    """

    name: str
    kind: str = ""
    unit: str | None = None
    member: str = "value"

    @property
    def is_field(self) -> bool:
        """Whether it is ``title``, ``aliases``, ``summary``, ``category`` or the order of attributes."""
        return not self.kind

    def header(self) -> str:
        """Return the header that :func:`read_header` understands as this column."""
        if self.is_field:
            return self.name
        if self.member != "value":
            return f"{self.name}{' []' if self._hides_unit else ''}:{self.kind}:{self.member}"
        if self.kind == "text" and self.name.casefold() not in ("title", *FIELDS) and ":" not in self.name:
            return self.name
        unit = "" if self.unit is None and self._hides_unit else self.unit
        has_unit = self.kind in _WITH_UNITS and unit is not None
        return f"{self.name} [{unit}]:{self.kind}" if has_unit else f"{self.name}:{self.kind}"

    @property
    def _hides_unit(self) -> bool:
        """Whether the name ends in what would be taken for a unit."""
        return self.kind in _WITH_UNITS and self.name.endswith("]")


_WITH_UNITS = ("number", "range")
_UNIT = re.compile(r"(?P<name>.*\S)\s*\[(?P<unit>[^\[\]]*)\]", re.DOTALL)
_LIKE_A_KIND = re.compile(r"\s*[a-z]+\s*")


def read_header(cell: str) -> Column:
    """Return the column of ``Name``, ``Name:kind`` or ``Name [unit]:number``; raise ValueRefused."""
    header = unguard(cell).strip()
    if header.casefold() == ORDER:
        return Column(ORDER)
    name, colon, kind = header.rpartition(":")
    if kind.strip() in MEMBERS and name.rpartition(":")[2].strip() in registry.KINDS:
        return replace(read_header(name), unit=None, member=kind.strip())
    if not colon or kind.strip() not in registry.KINDS:
        _refuse_mistyped_kind(header, kind if colon else "")
        field = header.casefold()
        return Column(field) if field in ("title", *FIELDS) else _named(Column(header, "text"))
    name, kind = name.strip(), kind.strip()
    match = _UNIT.fullmatch(name) if kind in _WITH_UNITS else None
    if match is None:
        return _named(Column(name, kind))
    return _named(Column(match["name"], kind, match["unit"].strip()))


def _refuse_mistyped_kind(header: str, kind: str) -> None:
    if kind and _LIKE_A_KIND.fullmatch(kind):
        expected = ", ".join(registry.KINDS)
        message = N_("“%(header)s” ends in no kind of attribute; these are known: %(kinds)s.")
        raise ValueRefused(Message(message, {"header": header, "kinds": expected}))


def _named(column: Column) -> Column:
    if not slugify(column.name):
        raise ValueRefused(Message(N_("A column has no name.")))
    return column


class CsvTable:
    """A table with a header; quoted cells may hold line breaks."""

    has_names = False

    def __init__(self, stream: IO[bytes], known: Scopes) -> None:
        self._end = 0
        self._known = known
        self._rows = csv.reader(self._texts(stream), strict=True)
        self._columns = self._read_header()
        self._scope = lru_cache(maxsize=256)(self._make_scope)

    def lines(self) -> Iterator[Line]:
        """Yield the rows that are not empty."""
        while True:
            number = self._rows.line_num + 1
            try:
                row = next(self._rows)
            except StopIteration:
                return
            except csv.Error as error:
                message = Message(N_("This is not CSV: %(reason)s."), {"reason": str(error)})
                yield Line(number, end=self._end, refusal=message)
                continue
            if any(row):
                yield Line(number, row, self._end, _refusal(row, len(self._columns)))

    def raw(self, line: Line, category: str) -> object:
        """Return the JSON form of what the cells say; raise InvalidInput with the header as the path."""
        cells = [
            (column, unguard(str(cell)))
            for column, cell in zip(self._columns, line.content, strict=False)
            if str(cell).strip()
        ]
        raw: dict[str, object] = {column.name: cell for column, cell in cells if column.is_field}
        if "aliases" in raw:
            raw["aliases"] = _values([(Column("aliases", "list"), str(raw["aliases"]))], ParseContext())[0]
        named = _with_category(raw, category)
        scope = self._scope(slugify(str(raw.get("category") or category)))
        attributes = [pair for pair in cells if not pair[0].is_field]
        values = _values(attributes, scope)
        found: dict[tuple[str, str], dict[str, object]] = {}
        for (column, _), value in zip(attributes, values, strict=True):
            key = slugify(column.name)
            attribute = found.setdefault((key, column.kind), {"name": column.name, "kind": column.kind})
            attribute |= {"name": value, "key": key} if column.member == "name" else {column.member: value}
        raw = {**named} if isinstance(named, dict) else raw
        raw["attributes"] = _in_order(found, str(raw.pop(ORDER, "")))
        return raw

    def _texts(self, stream: IO[bytes]) -> Iterator[str]:
        for found in _physical_lines(stream):
            self._end = found.end
            # Bytes that are no UTF-8 come out as lone surrogates, so that only their row is refused.
            text = found.text.decode("utf-8", "surrogateescape")
            yield text if found.is_whole else "\udcff\n"

    def _read_header(self) -> tuple[Column, ...]:
        try:
            columns = tuple(read_header(cell) for cell in next(self._rows, []))
            for column in columns:
                self._refuse_unknown_unit(column)
        except (csv.Error, ValueRefused) as error:
            reason = error.message if isinstance(error, ValueRefused) else str(error)
            raise BadFile(Message(N_("line 1: %(reason)s"), {"reason": reason})) from error
        if not columns or columns[0] != Column("title"):
            raise BadFile(Message(N_("line 1: The first column of a CSV file is “title”.")))
        _refuse_repeated(columns)
        return columns

    def _refuse_unknown_unit(self, column: Column) -> None:
        if column.unit:
            measures.accept_unit(column.unit, ParseContext(count_units=self._known.of("").count_units))

    def _make_scope(self, category: str) -> Scope:
        """Return the surroundings of a category's attributes, the units of the header before its own."""
        scope = self._known.of(category)
        properties = {found.key: found for found in (scope.category.properties if scope.category else ())}
        for column in self._columns:
            if column.unit is not None:
                key = slugify(column.name)
                known = properties.get(key) or Property(key, column.name, column.kind)
                properties[key] = replace(known, unit=column.unit or None)
        return replace(scope, category=Category(category, category, tuple(properties.values())))


def _in_order(found: Mapping[tuple[str, str], dict[str, object]], keys: str) -> list[dict[str, object]]:
    """Return attributes in the order of ``keys``, separated by commas; what these leave out comes last."""
    places = {key.strip(): place for place, key in enumerate(keys.split(","))}
    return [found[each] for each in sorted(found, key=lambda each: places.get(each[0], len(places)))]


def _refusal(row: Sequence[str], columns: int) -> Message | None:
    if any(row[columns:]):
        return Message(
            N_("The row has %(cells)s cells, the header only %(columns)s."),
            {"cells": len(row), "columns": columns},
        )
    if any("\udc80" <= char <= "\udcff" for cell in row if not cell.isascii() for char in cell):
        return Message(N_("The line is not UTF-8, or is too long."))
    return None


def _refuse_repeated(columns: Sequence[Column]) -> None:
    seen: set[tuple[str, str, str]] = set()
    for column in columns:
        identity = (slugify(column.name), column.kind, column.member)
        if identity in seen:
            message = Message(N_("line 1: There are two columns “%(name)s”."), {"name": column.header()})
            raise BadFile(message)
        seen.add(identity)


def _values(cells: Sequence[tuple[Column, str]], scope: Scope | ParseContext) -> list[object]:
    """Return the JSON forms of typed cells; raise InvalidInput with every refusal."""
    values: list[object] = []
    errors: list[FieldError] = []
    for column, cell in cells:
        if column.member != "value":
            values.append(_sources(cell) if column.member == "sources" else cell.strip())
            continue
        context = scope if isinstance(scope, ParseContext) else scope.context(slugify(column.name))
        kind = registry.get(column.kind)
        # A text keeps its spaces (RFC 4180, section 2.4); no other kind has any at its ends.
        typed = cell if column.kind == "text" else cell.strip()
        try:
            values.append(kind.to_json(kind.parse(typed, context)))
        except ValueRefused as error:
            errors.append(FieldError(column.header(), error.message))
    if errors:
        raise InvalidInput(errors)
    return values


_URL = re.compile(r"https?://\S+", re.IGNORECASE)


def _sources(cell: str) -> list[dict[str, str]]:
    """Return one source for each line: an address and a title behind it, or a title alone."""
    return [_source(line) for line in cell.splitlines() if line.strip()]


def _source(line: str) -> dict[str, str]:
    match = _URL.match(line)
    if match is None:
        return {"title": line.strip()}
    return {"url": match[0], "title": line[match.end() :].strip()}


def source_line(url: str, title: str) -> str:
    """Return a source as a line of a cell that an import reads back."""
    if url:
        return f"{url} {title}".strip()
    return f" {title}" if _URL.match(title) else title


def shown(error: DomainError) -> str:
    """Return why a line was refused, in one line: each field with its path."""
    if not isinstance(error, InvalidInput):
        return str(error.message)
    return "; ".join(
        f"{found.path}: {found.message}" if found.path else str(found.message) for found in error.errors
    )


def item_members(raw: object) -> Mapping[str, object]:
    """Return the members of a line's object that say something, {} for anything else."""
    if not isinstance(raw, Mapping):
        return {}
    return {str(name): value for name, value in raw.items() if value is not None}
