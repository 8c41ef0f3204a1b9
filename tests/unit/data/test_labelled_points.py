"""Pickled lists of labelled points: read by structure, whatever the pickle's protocol."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from graphnet.data import SampleTable, read_source
from graphnet.errors import DataError
from graphnet.recipe import Source

POINTS = [[(-2.05, -2.12), 0], [(3.61, 6.07), 1], [(2, -7.5), 1]]
SEED = Path(__file__).resolve().parents[4] / "shared" / "data" / "seed"


def read(folder: Path, points: Any, protocol: int = 4) -> SampleTable:
    (folder / "points.pkl").write_bytes(pickle.dumps(points, protocol))
    return read_source(Source(path="points.pkl"), folder)


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol(tmp_path: Path, protocol: int) -> None:
    table = read(tmp_path, POINTS, protocol)
    assert {name: table.array(name).tolist() for name in table.names} == {
        "x": [-2.05, 3.61, 2.0],
        "y": [-2.12, 6.07, -7.5],
        "label": [0, 1, 1],
    }
    assert [table.array(name).dtype.name for name in table.names] == ["float64", "float64", "int64"]


def test_tuples_and_shared_values_are_the_same_points(tmp_path: Path) -> None:
    shared = (1.5, 2.5)
    table = read(tmp_path, [(shared, 0), (shared, 1), ([1.5, 2.5], 1)])
    assert table.array("x").tolist() == [1.5] * 3
    assert table.array("label").tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (5, "expected a list of points, found the number 5"),
        ([5], "point 1: expected a pair, found the number 5"),
        ([[(1.0, 2.0)]], "point 1: expected a pair, found 1 values"),
        ([*POINTS, [(1.0, 2.0, 3.0), 0]], "the place of point 4: expected a pair, found 3 values"),
        ([[([], 1.0), 0]], "x of point 1: expected a finite number, found a list"),
        (
            [[(1.0, float("nan")), 0]],
            "y of point 1: expected a finite number, found the number nan",
        ),
        ([[(10**400, 1.0), 0]], "x of point 1: expected a finite number"),
        ([[(1.0, 2.0), 2]], "label of point 1: expected 0 or 1, found the number 2"),
        ([[(1.0, 2.0), 1.0]], "label of point 1: expected 0 or 1, found the number 1.0"),
    ],
)
def test_other_structures_name_the_point(tmp_path: Path, points: Any, words: str) -> None:
    with pytest.raises(DataError, match="not a list of labelled points") as caught:
        read(tmp_path, points)
    assert caught.value.code == "GN316"
    assert words in str(caught.value)


def test_no_points(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no points") as caught:
        read(tmp_path, [])
    assert caught.value.code == "GN303"


@pytest.mark.skipif(not SEED.is_dir(), reason="the seed problem's own data are not here")
@pytest.mark.parametrize(
    ("name", "count", "first"), [("train", 175, (-2.05, -2.12, 0)), ("test", 17, (-0.79, 1.87, 1))]
)
def test_the_seed_problem(name: str, count: int, first: tuple[float, float, int]) -> None:
    table = read_source(Source(path=f"{name}.pkl"), SEED)
    values = [table.array(column) for column in ("x", "y", "label")]
    assert [len(column) for column in values] == [count] * 3
    assert tuple(column[0].item() for column in values) == first
