"""Reading CSV and TSV: a header, one record a line, numbers with a point; everything else is told.

The standard library's csv module splits cells. What it lets pass (ragged rows, cells that run over
lines, blank lines, text it never looks at) is checked here, because each of these shifts or invents
samples silently.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from graphnet.data.cures import gaps_cure, words_cure
from graphnet.data.data_file import DataFile
from graphnet.data.sample_table import SampleTable
from graphnet.errors import DataError, Position

TEXT_LIMIT = 1 << 30
"""Most bytes of a text file; beyond that npz is the right format."""

_SHOWN_LINE = 160
_SHOWN_CELL = 40
_NUMBER = re.compile(r"[ \t]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[ \t]*", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|na|n/a|null|none|[\d.]+e\+?\d+)", re.IGNORECASE)


def read_csv(file: DataFile, delimiter: str = ",") -> SampleTable:
    """Read a text table with a header line.

    Columns that hold only finite decimal numbers become float64 arrays of shape (rows,). A column
    with anything else is kept as the error that names its first bad cell and is raised when the
    column is used.

    Args:
        file: The file; UTF-8, with or without a byte order mark.
        delimiter: What stands between cells.

    Raises:
        DataError: With file, line and column: GN303 no rows, GN304 not UTF-8 text, GN305 too large,
            GN306 header, GN307 ragged row or blank line, GN308 quotes.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    lines = _Lines(file.where.file, _decode(file), delimiter)
    header, rows = _records(lines)
    if not rows:
        raise DataError(
            "GN303", f"{file.shown!r} has a header but no rows", where=lines.position(1)
        )
    arrays: dict[str, NDArray[np.float64]] = {}
    refused: dict[str, DataError] = {}
    texts: dict[str, Sequence[str]] = {}
    for number, (name, cells) in enumerate(zip(header, zip(*rows, strict=True), strict=True)):
        arrays[name] = np.empty(0)
        try:
            arrays[name] = _numbers(cells)
        except ValueError:
            refused[name] = _bad_cells(lines, name, number, cells)
            texts[name] = cells
    index = {name: number for number, name in enumerate(header)}
    return SampleTable(
        file.shown,
        arrays,
        refused,
        place=lambda name, row: lines.position(row + 2, index.get(name, 0)),
        texts=texts,
    )


@dataclass(frozen=True)
class _Lines:
    """The text of a file by lines and cells, for pointing at what is wrong."""

    file: str
    text: str
    delimiter: str

    def position(self, number: int, cell: int = 0) -> Position:
        """Return where a cell (from 0) of a line (from 1) stands."""
        stream = io.StringIO(self.text, newline="")
        line = next(islice(stream, number - 1, None), "").rstrip("\r\n")
        start, end = self._span(line, cell)
        fits = len(line) <= _SHOWN_LINE and line.replace("\t", " ").isprintable()
        return Position(self.file, number, start + 1, end + 1, line if fits else "")

    def _span(self, line: str, cell: int) -> tuple[int, int]:
        quoted = False
        edges = [-1]
        for place, char in enumerate(line):
            quoted ^= char == '"'
            if char == self.delimiter and not quoted:
                edges.append(place)
            if len(edges) > cell + 1:
                break
        edges.append(len(line))
        cell = min(cell, len(edges) - 2)
        return edges[cell] + 1, edges[cell + 1]


def _decode(file: DataFile) -> str:
    content = file.read(TEXT_LIMIT)
    try:
        # Before Python 3.11 the csv module gives up at a zero character; a sign for it is told by its place.
        return content.decode("utf-8-sig").replace("\0", "\N{SYMBOL FOR NULL}")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        detail = f"byte {error.start + 1}, in line {line}, is not UTF-8 text"
        raise file.wrong_format("UTF-8 text", content[:64], detail, "save it as UTF-8") from None


def _records(lines: _Lines) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows, each as wide as the header and on a line of its own."""
    reader = csv.reader(io.StringIO(lines.text, newline=""), delimiter=lines.delimiter, strict=True)
    number = 1
    header: list[str] = []
    rows: list[list[str]] = []
    blank = 0
    try:
        header = _checked_header(lines, next(reader, []))
        width = len(header)
        for row in reader:
            number += 1
            if not row:
                blank = blank or number
                continue
            if blank or len(row) != width or reader.line_num != number:
                break
            rows.append(row)
        else:
            return header, rows
    except csv.Error as error:
        # A quote that stays open swallows lines: the record began after the last whole one.
        raise _bad_cell(lines, number + bool(header), str(error)) from None
    if blank:
        raise _blank_line(lines, blank)
    if len(row) != width:
        raise _ragged_row(lines, number, row, width)
    raise _bad_cell(lines, number, "a cell runs over the end of its line")


def _checked_header(lines: _Lines, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise _bad_header(lines, 0, "the first line is blank; it must name the columns")
    if all(_NUMBER.fullmatch(name) for name in names):
        raise _bad_header(lines, 0, "the first line holds numbers; it must name the columns")
    if len(names) == 1 and re.search(r"[;\t]", names[0]):
        raise _bad_header(lines, 0, f"the columns are not separated by {lines.delimiter!r}")
    seen: set[str] = set()
    for number, name in enumerate(names):
        if not name:
            raise _bad_header(lines, number, f"column {number + 1} has no name")
        if name in seen:
            raise _bad_header(lines, number, f"two columns are named {_short(name)!r}")
        if not name.isprintable():
            raise _bad_header(lines, number, f"the name of column {number + 1} is not printable")
        seen.add(name)
    return names


def _bad_header(lines: _Lines, cell: int, message: str) -> DataError:
    cure = "begin with a line such as x,y,label"
    if lines.delimiter == "\t" or "separated" in message:
        cure = "csv separates by commas, tsv (`format: tsv`) by tabs"
    return DataError("GN306", message, where=lines.position(1, cell), help=cure)


def _blank_line(lines: _Lines, number: int) -> DataError:
    return DataError(
        "GN307",
        f"line {number} is blank, with rows after it",
        where=lines.position(number),
        help="remove the blank line",
    )


def _ragged_row(lines: _Lines, number: int, row: list[str], width: int) -> DataError:
    cure = f"write one cell for each column, separated by {lines.delimiter!r}"
    if lines.delimiter == "," and len(row) > width:
        cure = "decimals take a point (1.5); a cell with a comma in it goes in quotes"
    return DataError(
        "GN307",
        f"line {number} has {len(row)} cells, the header has {width}",
        where=lines.position(number, min(len(row) - 1, width)),
        help=cure,
    )


def _bad_cell(lines: _Lines, number: int, detail: str) -> DataError:
    where = lines.position(number)
    if "limit" in detail:
        return DataError(
            "GN308", f"line {number} has a cell that is too long", where=where, notes=[detail]
        )
    return DataError(
        "GN308",
        f"the quotes in line {number} do not fit",
        where=where,
        help='close every quote on its line; a quote inside a cell is written twice: ""',
        notes=[detail],
    )


def _numbers(cells: Sequence[str]) -> NDArray[np.float64]:
    """Return the cells as numbers.

    Raises:
        ValueError: When one of them is not a finite decimal number.
    """
    values = np.fromiter(map(float, cells), np.float64, len(cells))
    text = "".join(cells)
    # float() also takes 1_000, digits of other scripts, nan and inf; no file means those as
    # numbers.
    if not text.isascii() or "_" in text or not np.isfinite(values).all():
        raise ValueError("more than decimal numbers")
    return values


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None and math.isfinite(float(cell))


def _bad_cells(lines: _Lines, name: str, number: int, cells: Sequence[str]) -> DataError:
    """Return the error for a column with cells that are not numbers: the first, and how many."""
    bad = [row for row, cell in enumerate(cells) if not _is_number(cell)]
    cell = cells[bad[0]].strip()
    message = f"{_short(cell)!r} in column {name!r} is not a number"
    cure = words_cure(name)
    if not cell:
        message, cure = f"an empty cell in column {name!r}", gaps_cure(name)
    elif _NOT_FINITE.fullmatch(cell):
        message = f"{_short(cell)!r} in column {name!r} is not a finite number"
        cure = gaps_cure(name)
    elif re.fullmatch(r"[+-]?\d+,\d+", cell):
        cure = f"decimals take a point: {cell.replace(',', '.')}"
    elif any(char.isdigit() for char in cell):
        cure = "write plain decimal numbers: 1000, -0.5, 1e-3"
    note = f"{len(bad)} of {len(cells)} cells of this column are not numbers"
    where = lines.position(bad[0] + 2, number)
    return DataError("GN309", message, where=where, help=cure, notes=[note])


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CELL else f"{text[:_SHOWN_CELL]}..."
