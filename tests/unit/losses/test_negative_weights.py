"""Weights of samples that a mean divides by must not be negative; those of a sum may be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphnet
from graphnet.api.network import Network
from graphnet.errors import DataError

Plain = dict[str, Any]


def weighed(**loss: Any) -> Network:
    plain: Plain = {
        "inputs": {"x": {"shape": [2]}},
        "targets": {"t": {"shape": [2]}, "w": {"shape": []}},
        "layers": {"a": "Identity"},
        "loss": {"type": "MSELoss", "target": "t", "sample_weight": "w", **loss},
    }
    return graphnet.compile(plain, batch_size=3, input_gradients=True)


@pytest.mark.parametrize("weights", [[1.0, -0.5, 2.0], [[1.0], [-0.5], [2.0]]])
def test_a_negative_weight_of_a_mean_is_told_with_its_place(weights: Any) -> None:
    x = np.zeros((3, 2), np.float32)
    with pytest.raises(DataError) as caught:
        weighed().loss_and_gradients({"x": x}, {"t": x, "w": np.asarray(weights, np.float32)})
    assert (caught.value.code, caught.value.message) == (
        "GN341",
        "-0.5 in row 2 of array 'w' is a negative weight",
    )
    assert "reduction: sum" in caught.value.help


def test_a_sum_takes_any_weight() -> None:
    x, t = np.arange(6.0).reshape(3, 2), np.zeros((3, 2))
    loss, _ = weighed(reduction="sum").loss_and_gradients({"x": x}, {"t": t, "w": [1.0, -0.5, 2.0]})
    assert loss == pytest.approx(1.0 - 0.5 * (4 + 9) + 2.0 * (16 + 25))


def test_a_program_keeps_what_weighs() -> None:
    program = weighed().program
    assert [(port.name, port.weighs) for port in program.targets] == [("t", False), ("w", True)]
