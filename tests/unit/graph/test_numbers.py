"""Numbers that the network's element type cannot hold are refused when it is compiled."""

from __future__ import annotations

from typing import Any

import pytest

import graphnet
from graphnet.errors import GraphNetError

Plain = dict[str, Any]


def spec(dtype: str = "float32", **more: Any) -> Plain:
    return {
        "dtype": dtype,
        "inputs": {"x": {"shape": [3]}},
        "targets": {"t": {"shape": [3]}},
        "layers": {"l": {"type": "Linear", "out_features": 3}},
        "loss": "MSELoss",
        **more,
    }


def threshold(value: float) -> Plain:
    return {"l": {"type": "Threshold", "threshold": 0.0, "value": value}}


SETTINGS = (
    {"layers": threshold(1e300)},
    {"layers": {"l": {"type": "Constant", "shape": [3], "value": [0.0, -1e39, 1.0]}}},
    {"loss": {"type": "HuberLoss", "delta": 1e39}},
    {"regularizers": [{"type": "L2", "match": "*", "factor": 1e39}]},
    {"constraints": [{"type": "max_norm", "match": "*", "max_value": 1e39}]},
)


@pytest.mark.parametrize("more", SETTINGS)
def test_a_setting_beyond_the_type_is_refused(more: Plain) -> None:
    with pytest.raises(GraphNetError, match="wrong value for") as caught:
        graphnet.compile(spec(**more))
    assert caught.value.code == "GN106"
    assert caught.value.help == "write dtype: float64 at the top of the spec"
    assert "float32 can hold, at most 3.4e+38 in size" in caught.value.notes[0]
    graphnet.compile(spec("float64", **more))


def test_the_largest_number_is_taken() -> None:
    greatest = 3.4028234663852886e38
    net = graphnet.compile({**spec(layers=threshold(greatest)), "loss": None, "targets": {}})
    assert net.forward({"x": [[-1.0, 0.0, 1.0]]})["l"].tolist() == [[greatest, greatest, 1.0]]


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ({"type": "constant", "val": 1e39}, "too large for float32"),
        ({"type": "normal", "std": 1e38}, "too large for float32"),
        ({"type": "uniform", "a": -3e38, "b": 3e38}, "too large for float32"),
        ({"type": "orthogonal", "gain": 1e39}, "too large for float32"),
        ({"type": "trunc_normal", "a": 0, "b": 1e39}, "too large for float32"),
        ({"type": "uniform", "a": 2, "b": 1}, "there is nothing from 2 to below 1"),
        (
            {"type": "trunc_normal", "std": 1e-3, "a": 2, "b": 3},
            "all between 2 and 3 is more than 1000 deviations of 0.001 from the mean 0",
        ),
    ],
)
def test_first_values_beyond_the_type_are_refused(start: Plain, told: str) -> None:
    layer = {"type": "Linear", "out_features": 3, "init": {"weight": start}}
    with pytest.raises(GraphNetError, match=told) as caught:
        graphnet.compile(spec(layers={"l": layer}))
    assert caught.value.code == "GN209"


def test_a_layer_s_own_first_values_count_too() -> None:
    layers: Plain = {"l": {"type": "LearnedPositions", "std": 1e38}}
    with pytest.raises(GraphNetError, match="starts with numbers too large for float32"):
        graphnet.compile(
            {
                **spec(layers=layers),
                "inputs": {"x": {"shape": [2, 3]}},
                "targets": {"t": {"shape": [2, 3]}},
            }
        )
