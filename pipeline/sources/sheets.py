"""What happened in a table."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import combinations, islice, pairwise
from pathlib import Path
from typing import Any

from pipeline.errors import Refused
from pipeline.sources.kinds import separator_of, text_of
from pipeline.words.source import Document, Fact, SourceKind

MOST_ROWS, MOST_COLUMNS = 20_000, 60
MOST_TOLD_COLUMNS = 6
_NUMBER = re.compile(r"^[^\w+-]{0,3}([+-−]?\d[\d.,'’\u00a0\u202f ]*)\s*(?:%|[^\W\d]{1,4}|[€$£])?$")
_ORDER = re.compile(r"\b(?:1[89]|20)\d\d\b|^\d{4}-\d\d(?:-\d\d)?|^\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?$")
"""Years and dates: they put rows into an order, and are counted of nothing."""


@dataclass(frozen=True)
class Column:
    """A column of numbers, as they are written and what they are worth."""

    name: str
    cells: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class NumberTable:
    """A table with its first column as names of the rows."""

    corner: str
    rows: tuple[str, ...]
    columns: tuple[Column, ...]
    in_order: bool
    """Whether the rows follow one another in time."""


def read_table(path: Path) -> Document:
    """A workbook, or a table in text; raises Refused `sheet_long` or `sheet_numberless`."""
    if zipfile.is_zipfile(path):
        return _read_workbook(path)
    text = text_of(path.read_bytes())
    rows = csv.reader(StringIO(text), delimiter=separator_of(text))
    found = _told(islice(rows, MOST_ROWS + 2), "")
    if found is None:
        raise Refused("sheet_numberless")
    return found


def _read_workbook(path: Path) -> Document:
    """The first sheet of a workbook that holds numbers."""
    import openpyxl

    with path.open("rb") as file:  # not the path: openpyxl goes by a file's name
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (KeyError, ValueError, zipfile.BadZipFile, OSError, SyntaxError) as error:
            raise Refused("file_damaged", why="it is no whole workbook") from error
        told = (_told(_cells(page), page.title) for page in book.worksheets)
        found = next((one for one in told if one is not None), None)
    if found is None:
        raise Refused("sheet_numberless")
    return found


def _cells(page: Any) -> Iterator[list[str]]:
    rows = page.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
    return ([_written(cell) for cell in row] for row in rows)


def value_of(cell: str) -> float | None:
    """What a written number is worth, its marks read as either language's: `1.234,5`, `1,234.5`, `12 %`."""
    match = _NUMBER.match(cell.strip())
    if match is None:
        return None
    digits = re.sub(r"[\s'’\u00a0\u202f]", "", match[1]).replace("−", "-")
    last = max(digits.rfind("."), digits.rfind(","))
    marks = digits.count(".") + digits.count(",")
    grouped = marks and len(digits) - last == 4 and (marks > 1 or digits.lstrip("+-")[0] != "0")
    both = "." in digits and "," in digits
    if last >= 0 and (both or not grouped):
        digits = re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :]
    else:
        digits = re.sub(r"[.,]", "", digits)
    try:
        return float(digits)
    except ValueError:
        return None


def _written(cell: object) -> str:
    """A cell as its sheet shows it, as far as can be known: whole numbers without a point, days without an hour."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.10g}"
    return str(cell).removesuffix(" 00:00:00").strip()


def _told(rows: Iterable[Sequence[str]], title: str) -> Document | None:
    """What happened in it; None where it has no names and numbers."""
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    if len(kept) > MOST_ROWS:
        raise Refused("sheet_long", most=MOST_ROWS)
    sheet = _sheet([[cell.strip() for cell in row[:MOST_COLUMNS]] for row in kept])
    found = tuple(_happenings(sheet))
    if not found:
        return None
    named = title.casefold()[:5] not in {"sheet", "tabel"}
    return Document(SourceKind.TABLE, title if named else "", found=found)


def _sheet(rows: list[list[str]]) -> NumberTable:
    width = max((len(row) for row in rows), default=0)
    square = [row + [""] * (width - len(row)) for row in rows]
    head, body = (square[0], square[1:]) if square else ([], [])
    columns: list[Column] = []
    named = 0
    for at in range(width):
        cells = tuple(row[at] for row in body)
        values = tuple(value_of(cell) for cell in cells)
        filled = sum(bool(cell) for cell in cells)
        dated = sum(bool(_ORDER.search(cell)) for cell in cells) >= max(1, filled)
        if at > 0 and head[at] and filled and sum(one is not None for one in values) >= 0.8 * filled and not dated:
            columns.append(Column(head[at], cells, values))
    names = tuple(row[named] for row in body)
    in_order = bool(names) and (sum(bool(_ORDER.search(one)) for one in names) >= 0.8 * len(names) or _months(names))
    return NumberTable(head[named] if head else "", names, tuple(columns[:MOST_TOLD_COLUMNS]), in_order)


def _months(names: Sequence[str]) -> bool:
    """Whether rows are numbered or named by time: `Week 1`, `Week 2`..."""
    counted = [int(match[0]) for one in names if (match := re.search(r"\d+", one))]
    return len(counted) == len(names) > 2 and all(later == one + 1 for one, later in pairwise(counted))


def _happenings(sheet: NumberTable) -> Iterator[Fact]:
    for nth, column in enumerate(sheet.columns):
        yield from (_placed(fact, nth) for fact in _of_column(sheet, column))
    if sheet.in_order:
        passed = [one for pair in combinations(sheet.columns, 2) for one in _passing(sheet, *pair)]
        yield from (_placed(fact, len(sheet.columns)) for fact in passed[:4])


def _placed(fact: Fact, part: int) -> Fact:
    return Fact(fact.text, fact.place, part, fact.happening, fact.slots)


def _of_column(sheet: NumberTable, column: Column) -> Iterator[Fact]:
    known = [(at, value) for at, value in enumerate(column.values) if value is not None and sheet.rows[at]]
    if len(known) < 2:
        return
    most, least = max(known, key=lambda one: one[1]), min(known, key=lambda one: one[1])
    if most[1] == least[1]:
        yield _fact("same", sheet, column, most[0])
        return
    ends = {known[0][0], known[-1][0]} if sheet.in_order else set()
    for (at, value), calm, ordered in ((most, "record", "peak"), (least, "least", "low")):
        # A tie names nobody: "the highest" would be wrong of either. What it begins or ends with is told anyway.
        if sum(other == value for _, other in known) == 1 and at not in ends:
            yield _fact(ordered if sheet.in_order else calm, sheet, column, at)
    if sheet.in_order and len(known) > 2:
        yield _fact("began", sheet, column, known[0][0], known[-1][0])
        steps = [(later - one, at, to) for (at, one), (to, later) in pairwise(known)]
        for kind, (change, at, to) in (("rise", max(steps)), ("fall", min(steps))):
            if (change > 0) == (kind == "rise") and change and sum(one[0] == change for one in steps) == 1:
                yield _fact(kind, sheet, column, at, to)


def _passing(sheet: NumberTable, one: Column, other: Column) -> Iterator[Fact]:
    """Who passed whom, and when."""
    gaps = [
        (at, a - b) for at, (a, b) in enumerate(zip(one.values, other.values, strict=True)) if None not in (a, b)
        for a, b in [(float(a or 0), float(b or 0))]
    ]  # fmt: skip
    for (_, before), (at, now) in pairwise(gaps):
        if before * now < 0:
            ahead, behind = (one, other) if now > 0 else (other, one)
            slots = {
                "row": sheet.rows[at], "ahead": ahead.name, "behind": behind.name,
                "value": ahead.cells[at], "other": behind.cells[at],
            }  # fmt: skip
            yield Fact(place=str(at + 2), happening="passed", slots=slots)


def _fact(kind: str, sheet: NumberTable, column: Column, at: int, to: int | None = None) -> Fact:
    slots = {"what": column.name, "row": sheet.rows[at], "value": column.cells[at]}
    if to is not None:
        slots |= {"later": sheet.rows[to], "other": column.cells[to]}
    return Fact(place=str((at if to is None else to) + 2), happening=kind, slots=slots)
