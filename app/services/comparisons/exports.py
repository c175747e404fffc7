"""A comparison for machines and for other documents: JSON, CSV and Markdown.

All three hold the rows that the comparison's options leave. Texts of cells are those a reader would
see; a fact that is absent says so in words, and is empty in CSV where nobody recorded it.
"""

import csv
import io
import re
from collections.abc import Callable

from app.domain.items import MISSING, Item, State
from app.kinds import registry
from app.services.comparisons.model import STATE_WORDS, Cell, Comparison, Row
from app.utils.csv_cells import guard

Gettext = Callable[[str], str]

# What Markdown would take for markup within a cell of a table.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#])")


def item_summary(item: Item) -> dict[str, object]:
    """Return what a comparison's JSON says of an entry."""
    return {
        "id": item.id,
        "slug": item.slug,
        "title": item.title,
        "category": item.category,
        "summary": item.summary,
        "revision": item.revision,
    }


def to_json(
    comparison: Comparison,
    gettext: Gettext = str,
    item_json: Callable[[Item], dict[str, object]] = item_summary,
) -> dict[str, object]:
    """Return the contract's JSON form; ``item_json`` says how an entry looks in it."""
    return {
        "items": [item_json(column.item) for column in comparison.columns],
        "rows": [_row_json(row, gettext) for row in comparison.shown()],
        "coverage": {
            "known": comparison.known,
            "total": comparison.total,
            "items": [{"item": column.item.slug, "known": column.known} for column in comparison.columns],
        },
    }


def _row_json(row: Row, gettext: Gettext) -> dict[str, object]:
    return {
        "key": row.key,
        "name": row.name,
        "kind": row.kind,
        "group": row.group,
        "direction": row.direction.value,
        "differs": row.differs,
        "cells": [_cell_json(cell, gettext) for cell in row.cells],
    }


def _cell_json(cell: Cell, gettext: Gettext) -> dict[str, object]:
    value = None
    if cell.attribute is not None and cell.state == State.VALUE:
        value = registry.get(cell.attribute.kind).to_json(cell.attribute.value)
    return {
        "item": cell.item,
        "state": cell.state,
        "value": value,
        "display": cell_text(cell, gettext),
        "best": cell.best,
    }


def cell_text(cell: Cell, gettext: Gettext = str) -> str:
    """Return what a cell says, in words."""
    return cell.display.text if cell.display else gettext(STATE_WORDS[cell.state])


def to_csv(comparison: Comparison, gettext: Gettext = str, first_header: str = "Attribute") -> str:
    """Return CSV (RFC 4180): attributes as rows, titles as headers, no cell a spreadsheet would run."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([first_header, *(guard(column.item.title) for column in comparison.columns)])
    for row in comparison.shown():
        cells = ("" if cell.state == MISSING else cell_text(cell, gettext) for cell in row.cells)
        writer.writerow([guard(row.name), *map(guard, cells)])
    return out.getvalue()


def to_markdown(comparison: Comparison, gettext: Gettext = str, first_header: str = "Attribute") -> str:
    """Return a table in GitHub's Markdown, the best in bold."""
    lines = [
        _line([first_header, *(_escape(column.item.title) for column in comparison.columns)]),
        _line(["---"] * (1 + len(comparison.columns))),
    ]
    lines += (
        _line([_escape(row.name), *(_markdown_cell(cell, gettext) for cell in row.cells)])
        for row in comparison.shown()
    )
    return "\n".join(lines) + "\n"


def _markdown_cell(cell: Cell, gettext: Gettext) -> str:
    text = _escape(cell_text(cell, gettext))
    if cell.best:
        return f"**{text}**"
    return text if cell.display else f"*{text}*"


def _escape(text: str) -> str:
    escaped = _MARKUP.sub(r"\\\1", text)
    return re.sub(r"\s*\n\s*", "<br>", escaped.strip())


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
