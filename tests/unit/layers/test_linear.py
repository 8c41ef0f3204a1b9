"""Linear: parameters, shapes, first values, refusals."""

from __future__ import annotations

import math

import pytest
from emitting import N, layer, refused

from graphnet.declare import KindError
from graphnet.layers import LAYERS


def test_parameters_have_torchs_names_and_layouts() -> None:
    made = layer("Linear", (3,), out_features=5)
    assert made.shapes == {"weight": "[5, 3]", "bias": "[5]"}
    assert made.shape == (N, 5)
    assert made.ops == ["matmul", "add"]
    assert all(parameter.trained for parameter in made.parameters.values())


def test_without_bias() -> None:
    made = layer("Linear", (3,), out_features=5, bias=False)
    assert made.shapes == {"weight": "[5, 3]"}
    assert made.ops == ["matmul"]


@pytest.mark.parametrize("features", [1, 2, 7, 784])
def test_first_values_are_uniform_within_torchs_bound(features: int) -> None:
    made = layer("Linear", (features,), out_features=4)
    for parameter in made.parameters.values():
        assert parameter.initial.type == "uniform"
        low, high = parameter.initial.settings["a"], parameter.initial.settings["b"]
        assert high == pytest.approx(1.0 / math.sqrt(features), rel=1e-15)
        assert low == -float(high)


def test_leading_dimensions_are_kept() -> None:
    made = layer("Linear", (4, 6, 3), out_features=2)
    assert made.shape == (N, 4, 6, 2)
    assert made.ops == ["reshape", "matmul", "add", "reshape"]


def test_float64() -> None:
    made = layer("Linear", (3,), out_features=5, dtype="float64")
    assert made.dtype == "float64"
    assert made.parameters["weight"].type.dtype == "float64"


def test_another_number_of_features_is_refused_with_the_shape() -> None:
    error = refused("Linear", (3,), out_features=5, in_features=4)
    assert error.message == "in_features is 4, but the input [N, 3] has 3 features"
    assert error.help == "write in_features: 3, or leave it out"
    layer("Linear", (3,), out_features=5, in_features=3)


def test_inputs_without_features_or_of_whole_numbers_are_refused() -> None:
    assert "beside the batch, the input is [N]" in refused("Linear", (), out_features=5).message
    told = refused("Linear", (3,), out_features=5, dtype="int64").message
    assert told == "needs floating point numbers, the input holds int64"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"out_features": 0},
        {"out_features": -1},
        {"out_features": 2.5},
        {"out_features": "5"},
        {"out_features": True},
        {"out_features": 3, "in_features": 0},
        {"out_features": 3, "bias": "yes"},
        {"out_features": 3, "features": 2},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(KindError):
        LAYERS["Linear"].from_plain(settings)
