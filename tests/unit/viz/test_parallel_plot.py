"""Parallel coordinates: where values stand on their axes, and that a picture comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphnet.errors import UsageError
from graphnet.viz import parallel_coordinates
from graphnet.viz.parallel_plot import _Axis


def test_numbers_stand_in_proportion() -> None:
    axis = _Axis(["2", "3", "6"])
    assert axis.heights == pytest.approx([0.0, 0.25, 1.0])
    assert axis.ticks == [(0.0, "2"), (0.25, "3"), (1.0, "6")]
    many = _Axis([*"2345667", "4.5"])
    assert [text for _, text in many.ticks] == ["2", "3.25", "4.5", "5.75", "7"]
    close = _Axis(["2", "2.001", "6"])
    assert [text for _, text in close.ticks] == ["2", "3", "4", "5", "6"]


def test_wide_spans_are_logarithmic() -> None:
    axis = _Axis(["1e-4", "1e-2", "1"])
    assert axis.heights == pytest.approx([0.0, 0.5, 1.0])
    assert [text for _, text in axis.ticks] == ["0.0001", "0.01", "1"]


def test_words_stand_evenly_and_single_values_in_the_middle() -> None:
    axis = _Axis(["ReLU", "Tanh", "GELU", "Tanh"])
    assert axis.heights == pytest.approx([0.0, 0.5, 1.0, 0.5])
    assert [text for _, text in axis.ticks] == ["ReLU", "Tanh", "GELU"]
    assert _Axis(["3", "3"]).heights == [0.5, 0.5]
    assert _Axis(["x", "x"]).heights == [0.5, 0.5]


def test_a_picture_is_written(tmp_path: Path) -> None:
    trials: list[dict[str, Any]] = [
        {"settings": {"lr": "0.1", "activation": "ReLU"}, "value": 0.3},
        {"settings": {"lr": "1e-3", "activation": "Tanh"}, "value": 0.2},
    ]
    parallel_coordinates(trials, "loss", tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError):
        parallel_coordinates([], "loss", tmp_path / "p.png")
