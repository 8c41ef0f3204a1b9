"""BatchNorm1d and LayerNorm: parameters, statistics, values in and out of training, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from emitting import N, layer, refused
from examples import Array, compiled, network, started

from graphnet.backend import NumpyExecutable
from graphnet.declare import KindError
from graphnet.layers import LAYERS


def test_batch_norm_parameters_have_torchs_names() -> None:
    made = layer("BatchNorm1d", (3,))
    assert made.shapes == {
        "weight": "[3]",
        "bias": "[3]",
        "running_mean": "[3]",
        "running_var": "[3]",
        "num_batches_tracked": "[]",
    }
    assert [name for name, p in made.parameters.items() if not p.trained] == list(made.shapes)[2:]
    assert {name: p.initial.type for name, p in made.parameters.items()} == {
        "weight": "ones",
        "bias": "zeros",
        "running_mean": "zeros",
        "running_var": "ones",
        "num_batches_tracked": "zeros",
    }
    assert made.parameters["num_batches_tracked"].type.dtype == "int64"


def test_batch_norm_variants() -> None:
    assert list(layer("BatchNorm1d", (3, 7), affine=False).shapes) == [
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]
    plain = layer("BatchNorm1d", (3,), affine=False, track_running_stats=False)
    assert plain.shapes == {}
    assert plain.ops == ["normalize"]
    assert (
        layer("BatchNorm1d", (3,), track_running_stats=False, training=False).ops[0] == "normalize"
    )
    assert "normalize" not in layer("BatchNorm1d", (3,), training=False).ops
    assert layer("BatchNorm1d", (3, 7)).shape == (N, 3, 7)


def test_batch_norm_refusals_show_the_shape() -> None:
    assert refused("BatchNorm1d", ()).message == "takes [N, C] or [N, C, L], the input is [N]"
    assert refused("BatchNorm1d", (2, 3, 4)).message.endswith("the input is [N, 2, 3, 4]")
    error = refused("BatchNorm1d", (3, 7), num_features=7)
    assert error.message == "num_features is 7, but the input [N, 3, 7] has 3 channels"
    assert error.help == "write num_features: 3, or leave it out"
    assert "int64" in refused("BatchNorm1d", (3,), dtype="int64").message
    for settings in ({"eps": 0.0}, {"momentum": 1.5}, {"num_features": 0}):
        with pytest.raises(KindError):
            LAYERS["BatchNorm1d"].from_plain(settings)


def norm(layers: dict[str, object], shape: list[int]) -> NumpyExecutable:
    plain = network(
        layers,
        inputs={"x": {"shape": shape}},
        targets={"y": {"shape": shape}},
        loss="MSELoss",
        dtype="float64",
    )
    return started(compiled(plain))


def forward(executable: NumpyExecutable, name: str, x: Array) -> Array:
    routine = executable.routine(name, len(x))
    routine.inputs["x"][...] = x
    routine.forward()
    out: Array = next(iter(routine.outputs.values()))
    return np.array(out)


X = np.array([[1.0, 10.0], [2.0, 30.0], [6.0, 50.0]])


def test_batch_norm_while_training_uses_the_batch_and_moves_the_statistics() -> None:
    executable = norm({"norm": "BatchNorm1d"}, [2])
    mean, biased = X.mean(0), X.var(0)
    np.testing.assert_allclose(
        forward(executable, "train", X), (X - mean) / np.sqrt(biased + 1e-5), rtol=1e-14
    )
    held = executable.statistics
    np.testing.assert_allclose(held["norm.running_mean"], 0.1 * mean, rtol=1e-15)
    np.testing.assert_allclose(held["norm.running_var"], 0.9 + 0.1 * X.var(0, ddof=1), rtol=1e-15)
    assert held["norm.num_batches_tracked"] == 1


def test_batch_norm_outside_training_uses_the_statistics_and_leaves_them() -> None:
    executable = norm({"norm": {"type": "BatchNorm1d", "eps": 0.5}}, [2])
    executable.statistics["norm.running_mean"][...] = [1.0, 2.0]
    executable.statistics["norm.running_var"][...] = [3.5, 8.5]
    executable.parameters["norm.weight"][...] = [2.0, 3.0]
    executable.parameters["norm.bias"][...] = [0.5, -0.5]
    expected = (X - [1.0, 2.0]) / [2.0, 3.0] * [2.0, 3.0] + [0.5, -0.5]
    for name in ("evaluate", "predict"):
        np.testing.assert_allclose(forward(executable, name, X), expected, rtol=1e-14)
    np.testing.assert_array_equal(executable.statistics["norm.running_mean"], [1.0, 2.0])
    assert executable.statistics["norm.num_batches_tracked"] == 0


def test_batch_norm_over_length_too() -> None:
    x = np.arange(24.0).reshape(3, 2, 4) ** 1.5
    executable = norm({"norm": {"type": "BatchNorm1d", "affine": False, "momentum": 1.0}}, [2, 4])
    mean, variance = x.mean((0, 2)), x.var((0, 2))
    expected = (x - mean[:, None]) / np.sqrt(variance[:, None] + 1e-5)
    np.testing.assert_allclose(forward(executable, "train", x), expected, rtol=1e-13)
    np.testing.assert_allclose(executable.statistics["norm.running_mean"], mean, rtol=1e-15)
    np.testing.assert_allclose(
        executable.statistics["norm.running_var"], x.var((0, 2), ddof=1), rtol=1e-14
    )


def test_one_sample_has_variance_zero_and_stays_finite() -> None:
    executable = norm({"norm": "BatchNorm1d"}, [2])
    np.testing.assert_array_equal(forward(executable, "train", X[:1]), np.zeros((1, 2)))
    np.testing.assert_allclose(executable.statistics["norm.running_var"], [0.9, 0.9], rtol=1e-15)


def test_without_statistics_the_batch_is_used_everywhere() -> None:
    executable = norm({"norm": {"type": "BatchNorm1d", "track_running_stats": False}}, [2])
    expected = forward(executable, "train", X)
    np.testing.assert_array_equal(forward(executable, "predict", X), expected)
    assert executable.statistics == {}


def test_layer_norm_parameters() -> None:
    made = layer("LayerNorm", (3, 4))
    assert made.shapes == {"weight": "[4]", "bias": "[4]"}
    assert [p.initial.type for p in made.parameters.values()] == ["ones", "zeros"]
    assert layer("LayerNorm", (3, 4), normalized_shape=[3, 4]).shapes["weight"] == "[3, 4]"
    assert layer("LayerNorm", (3, 4), normalized_shape=4).shapes == made.shapes
    assert list(layer("LayerNorm", (4,), bias=False).shapes) == ["weight"]
    assert layer("LayerNorm", (4,), elementwise_affine=False).ops == ["normalize"]


def test_layer_norm_refusals_show_both_shapes() -> None:
    error = refused("LayerNorm", (3, 4), normalized_shape=[4, 3])
    assert error.message == "normalized_shape [4, 3] is not how the input [N, 3, 4] ends"
    error = refused("LayerNorm", (3,), normalized_shape=[3, 3])
    assert error.message == "normalized_shape [3, 3] is not how the input [N, 3] ends"
    assert "the input [N] ends" in refused("LayerNorm", ()).message
    assert "int64" in refused("LayerNorm", (3,), dtype="int64").message
    for settings in ({"eps": -1.0}, {"normalized_shape": 0}, {"normalized_shape": "x"}):
        with pytest.raises(KindError):
            LAYERS["LayerNorm"].from_plain(settings)


@pytest.mark.parametrize(("shape", "axes"), [(None, (2,)), ([2, 4], (1, 2))])
def test_layer_norm_is_the_same_in_and_out_of_training(
    shape: list[int] | None, axes: tuple[int, ...]
) -> None:
    x = np.arange(24.0).reshape(3, 2, 4) ** 1.5
    executable = norm({"norm": {"type": "LayerNorm", "normalized_shape": shape}}, [2, 4])
    executable.parameters["norm.weight"][...] = 2.0
    executable.parameters["norm.bias"][...] = 0.25
    scaled = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
    for name in ("train", "predict"):
        np.testing.assert_allclose(forward(executable, name, x), 2 * scaled + 0.25, rtol=1e-12)
    constant = forward(executable, "predict", np.ones((1, 2, 4)))
    np.testing.assert_array_equal(constant, np.full((1, 2, 4), 0.25))
