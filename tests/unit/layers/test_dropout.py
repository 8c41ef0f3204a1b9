"""Dropout: random while training, nothing otherwise, and a stream of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from emitting import N, layer, refused
from examples import Array, compiled, linear, network, started

from graphnet.declare import KindError
from graphnet.layers import LAYERS


def test_training_and_evaluation() -> None:
    assert layer("Dropout", (3,), p=0.5).ops == ["dropout_mask", "mul"]
    assert layer("Dropout", (3,), p=0.5, training=False).ops == []
    assert layer("Dropout", (3,), p=0.0).ops == []
    assert layer("Dropout", (3, 4)).shape == (N, 3, 4)


@pytest.mark.parametrize("p", [1.0, 1.5, -0.1, "0.5", float("nan")])
def test_probabilities_outside_are_refused(p: object) -> None:
    with pytest.raises(KindError):
        LAYERS["Dropout"].from_plain({"p": p})


def test_whole_numbers_are_refused() -> None:
    assert "the input holds int64" in refused("Dropout", (3,), dtype="int64").message


def dropped(layers: dict[str, Any], output: str, passes: int = 1, dtype: str = "float32") -> Array:
    """Return what an output is for an input of ones in the last of several training passes."""
    plain = network(
        layers,
        inputs={"x": {"shape": [4000]}},
        targets={"y": {"shape": [4000]}},
        outputs=[output],
        loss="MSELoss",
        dtype=dtype,
        seed=3,
    )
    executable = started(compiled(plain))
    routine = executable.routine("train", 5)
    routine.inputs["x"][...] = 1.0
    for _ in range(passes):
        routine.forward()
        executable.streams.clock[()] += 1
    out: Array = routine.outputs[output]
    return np.array(out)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kept_elements_are_scaled_and_their_share_is_1_minus_p(dtype: str) -> None:
    values = dropped({"drop": {"type": "Dropout", "p": 0.2}}, "drop", dtype=dtype)
    scale = np.ones(1, dtype) / np.array(0.8, dtype)
    assert np.unique(values).tolist() == [0.0, scale.item()]
    # 20,000 draws: the share of zeros has a standard deviation of 0.0028.
    assert abs(float((values == 0).mean()) - 0.2) < 0.015


def test_every_pass_draws_anew_and_every_start_the_same() -> None:
    alone = {"drop": {"type": "Dropout", "p": 0.5}}
    first, second = dropped(alone, "drop"), dropped(alone, "drop", passes=2)
    assert (first != second).mean() > 0.4
    np.testing.assert_array_equal(first, dropped(alone, "drop"))
    np.testing.assert_array_equal(second, dropped(alone, "drop", passes=2))


def test_another_layer_changes_nothing_but_another_name_does() -> None:
    alone = dropped({"drop": {"type": "Dropout", "p": 0.5}}, "drop")
    beside = {
        "other": {"type": "Dropout", "p": 0.1, "inputs": "x"},
        "drop": {"type": "Dropout", "p": 0.5, "inputs": "x"},
        "sum": {"type": "Add", "inputs": ["other", "drop"]},
    }
    np.testing.assert_array_equal(alone, dropped(beside, "drop"))
    renamed = dropped({"drop2": {"type": "Dropout", "p": 0.5}}, "drop2")
    assert (alone != renamed).mean() > 0.4


def test_gradients_flow_through_what_was_kept() -> None:
    plain = network(
        {"linear1": linear(4), "drop": {"type": "Dropout", "p": 0.5}},
        targets={"y": {"shape": [4]}},
        loss={"type": "MSELoss", "reduction": "sum"},
        dtype="float64",
    )
    executable = started(compiled(plain))
    routine = executable.routine("train", 1)
    routine.inputs["x"][...], routine.targets["y"][...] = 1.0, 0.0
    routine.forward()
    out = routine.outputs["drop"].copy()
    routine.backward()
    # loss = sum(out^2), out = 2 * kept * z, so d loss / d bias = 2 out * 2 kept.
    expected = 4.0 * out * (out != 0)
    np.testing.assert_allclose(executable.gradients["d:linear1.bias"], expected[0], rtol=1e-15)
    assert 0 < np.count_nonzero(out) < 4
