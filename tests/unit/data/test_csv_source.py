"""Reading CSV and TSV: what is accepted gives exact values, what is not points at its cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.data import SampleTable, read_source
from graphnet.errors import DataError
from graphnet.recipe import Source


def read(folder: Path, content: str | bytes, name: str = "points.csv") -> SampleTable:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_source(Source(path=name), folder)


def columns(table: SampleTable) -> dict[str, list[float]]:
    return {name: table.array(name).tolist() for name in table.names}


@pytest.mark.parametrize(
    "content",
    [
        "x,y\n1,2.5\n-3e-1,.5\n",
        "x,y\r\n1,2.5\r\n-3e-1,.5\r\n",
        "x,y\r1,2.5\r-3e-1,.5",
        "\ufeffx,y\n1,2.5\n-3e-1,.5\n\n\n",
        ' x , y \n 1, 2.5\n-3e-1 ,"0.5"\n',
        '"x","y"\n"1",+2.5\n-0.3,5e-1\n',
    ],
    ids=["plain", "crlf", "cr", "bom and blank end", "spaces", "quotes"],
)
def test_same_table_in_every_notation(tmp_path: Path, content: str) -> None:
    table = read(tmp_path, content)
    assert columns(table) == {"x": [1.0, -0.3], "y": [2.5, 0.5]}
    assert table.array("x").dtype == np.float64


def test_tabs_by_suffix_and_by_format(tmp_path: Path) -> None:
    assert columns(read(tmp_path, "x\ty\n1\t2\n", "points.tsv")) == {"x": [1.0], "y": [2.0]}
    (tmp_path / "points.txt").write_text("x\ty\n3\t4\n")
    table = read_source(Source(path="points.txt", format="tsv"), tmp_path)
    assert columns(table) == {"x": [3.0], "y": [4.0]}


def test_text_column_matters_only_when_used(tmp_path: Path) -> None:
    table = read(tmp_path, 'x,note\n1,"fine, thanks"\n2,a ""quoted"" word\n')
    assert table.array("x").tolist() == [1.0, 2.0]
    with pytest.raises(DataError) as caught:
        table.array("note")
    assert (caught.value.code, caught.value.line, caught.value.column) == ("GN309", 2, 3)
    assert "2 of 2 cells" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "code", "place", "words"),
    [
        ("x,y\n1,2\n3\n", "GN307", (3, 1), "line 3 has 1 cells, the header has 2"),
        ("x,y\n1,2\n1,5,2\n", "GN307", (3, 5), "decimals take a point"),
        ("x,y\n1,2\n\n3,4\n", "GN307", (3, 1), "line 3 is blank"),
        ('x,y\n1,2\n"3,4\n5,6\n', "GN308", (3, 1), "the quotes in line 3"),
        ('x,y\n1,2\n"3\n",4\n', "GN308", (3, 1), "runs over the end"),
        ('x,y\n1,2\n"3"3,4\n', "GN308", (3, 1), "the quotes in line 3"),
        ("1,2\n3,4\n", "GN306", (1, 1), "the first line holds numbers"),
        ("x,x\n1,2\n", "GN306", (1, 3), "two columns are named 'x'"),
        ("x,\n1,2\n", "GN306", (1, 3), "column 2 has no name"),
        ("\nx,y\n1,2\n", "GN306", (1, 1), "the first line is blank"),
        ("x;y\n1;2\n", "GN306", (1, 1), "not separated by ','"),
        ('"a\nb",y\n1,2\n', "GN306", (1, 1), "not printable"),
        ("x,y\n", "GN303", (1, 1), "no rows"),
    ],
)
def test_broken_tables_point_at_the_place(
    tmp_path: Path, content: str, code: str, place: tuple[int, int], words: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    found = caught.value
    assert (found.code, found.file) == (code, str(tmp_path / "points.csv"))
    assert (found.line, found.column) == place
    assert words in str(found)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("cat", "make numbers of words in the data section"),
        ("", "an empty cell in column 'y'"),
        ('"1,5"', "decimals take a point: 1.5"),
        ("NaN", "not a finite number"),
        ("-inf", "not a finite number"),
        ("NA", "not a finite number"),
        ("1e999", "not a finite number"),
        ("1_000", "write plain decimal numbers"),
        ("0x10", "write plain decimal numbers"),
        ("\u0661\u0662", "write plain decimal numbers"),
        ("1\x00", "write plain decimal numbers"),
    ],
)
def test_cells_that_are_no_numbers(tmp_path: Path, cell: str, words: str) -> None:
    table = read(tmp_path, f"x,y\n0,7\n1,{cell}\n")
    with pytest.raises(DataError, match="column 'y'") as caught:
        table.array("y")
    assert (caught.value.code, caught.value.line, caught.value.column) == ("GN309", 3, 3)
    assert words in str(caught.value)


def test_caret_stands_below_the_cell(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, 'x,note,y\n1,"a, b",two\n').array("y")
    assert '2 | 1,"a, b",two\n  |          ^^^' in str(caught.value)


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not UTF-8 text") as caught:
        read(tmp_path, b"x,y\n1,2\n\xe9,4\n")
    assert caught.value.code == "GN304"
    assert "byte 9, in line 3" in str(caught.value)


def test_huge_lines_end_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a cell that is too long") as caught:
        read(tmp_path, "x,y\n1,2\n" + "1" * 10_000_000 + ",2\n")
    assert (caught.value.code, caught.value.line) == ("GN308", 3)
    with pytest.raises(DataError, match="line 2 has 2000001 cells") as caught:
        read(tmp_path, "x,y\n" + "1," * 2_000_000 + "2\n")
    assert len(str(caught.value)) < 400


def test_many_rows(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(20_000, 3))
    lines = [",".join(map(repr, row)) for row in values.tolist()]
    table = read(tmp_path, "a,b,c\n" + "\n".join(lines))
    assert np.array_equal(np.stack([table.array(name) for name in "abc"], axis=1), values)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53)),
        min_size=1,
        max_size=20,
    )
)
def test_every_written_number_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, int]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    table = read(folder, "a,b\n" + "\n".join(f"{a!r},{b}" for a, b in rows))
    assert table.array("a").tolist() == [a for a, _ in rows]
    assert table.array("b").tolist() == [float(b) for _, b in rows]


@settings(deadline=None, max_examples=200)
@given(content=st.binary(max_size=60))
def test_any_bytes_give_a_table_or_a_coded_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    code = ""
    try:
        table = read(folder, b"x,y\n" + content)
    except DataError as error:
        code = error.code
    assert code in {"GN303", "GN304", "GN307", "GN308"} or table.names == ("x", "y")
