"""Sources: which reader a declaration leads to, and files that cannot be opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphnet import recipe
from graphnet.data import read_source
from graphnet.data.data_file import spoken_bytes
from graphnet.data.sources import READERS
from graphnet.errors import DataError, ResourceError
from graphnet.recipe import Source


def test_every_format_a_spec_accepts_has_a_reader() -> None:
    assert tuple(READERS) == recipe.FORMATS


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source(), "has no path or generator"),
        (Source(path="a.csv", generator="moons"), "has both a path and a generator"),
    ],
)
def test_a_source_is_one_place(source: Source, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_source(source, Path())
    assert caught.value.code == "GN301"


def test_suffix_tells_the_format_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "A.CSV").write_text("x\n1\n")
    assert read_source(Source(path="A.CSV"), tmp_path).array("x").tolist() == [1.0]
    with pytest.raises(DataError, match=r"suffix of 'a\.cvs'") as caught:
        read_source(Source(path="a.cvs"), tmp_path)
    assert (caught.value.code, caught.value.help) == ("GN302", "did you mean '.csv'?")


def test_missing_file_offers_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x\n1\n")
    with pytest.raises(ResourceError, match=r"no data file 'point\.csv'") as caught:
        read_source(Source(path="point.csv"), tmp_path)
    assert caught.value.help == "did you mean 'points.csv'?"
    assert str(tmp_path / "point.csv") in str(caught.value)
    assert caught.value.exit_code == 4


def test_contents_under_a_wrong_name_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"\n<!DOCTYPE html><html></html>")
    with pytest.raises(DataError, match="not an npz archive") as caught:
        read_source(Source(path="a.npz"), tmp_path)
    assert caught.value.code == "GN304"
    assert "it looks like an HTML page" in caught.value.notes


def test_bytes_in_words() -> None:
    assert [spoken_bytes(count) for count in (0, 2048, 5 * 2**39, 2**63)] == [
        "0 bytes",
        "2.0 KiB",
        "2.5 TiB",
        "8192 PiB",
    ]
