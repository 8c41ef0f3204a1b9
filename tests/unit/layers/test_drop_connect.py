"""drop_connect: weights that become zero at random while training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphnet
from graphnet.api.network import Network
from graphnet.errors import GraphNetError

Plain = dict[str, Any]
SIZE = 40


def linear(*names: str, p: float = 0.25, **keys: Any) -> Network:
    how = {name: {"type": "drop_connect", "p": p} for name in names}
    plain: Plain = {
        "dtype": "float64",
        "inputs": {"x": {"shape": [SIZE]}},
        "targets": {"t": {"shape": [SIZE]}},
        "layers": {"l": {"type": "Linear", "out_features": SIZE, "parametrization": how, **keys}},
        "loss": {"type": "MSELoss", "reduction": "sum"},
    }
    return graphnet.compile(plain, batch_size=SIZE)


def test_all_weights_count_when_judging() -> None:
    net, x = linear("weight"), np.random.default_rng(1).standard_normal((3, SIZE))
    held = net.parameters
    wanted = x @ held["l.parametrizations.weight.original"].T + held["l.bias"]
    assert np.allclose(net.forward({"x": x})["l"], wanted, rtol=1e-12)


def test_a_share_of_weights_is_zero_while_training_and_gets_no_gradient() -> None:
    net = linear("weight", bias=False)
    weight = net.parameters["l.parametrizations.weight.original"]
    unit = np.eye(SIZE)
    # The identity as a batch shows the weights themselves.
    used = net.forward({"x": unit}, training=True)["l"].T
    dropped = used == 0.0
    assert np.allclose(used[~dropped], weight[~dropped] / 0.75, rtol=1e-12)
    assert 0.2 < dropped.mean() < 0.3
    _, gradients = net.loss_and_gradients({"x": unit}, {"t": np.ones((SIZE, SIZE))})
    slope = gradients["l.parametrizations.weight.original"]
    kept = slope != 0.0
    assert np.allclose(slope[kept], 2 * (weight[kept] / 0.75 - 1) / 0.75, rtol=1e-12)
    assert 0.7 < kept.mean() < 0.8
    assert not np.array_equal(kept, ~dropped), "every pass draws anew"


def test_parameters_of_one_layer_are_dropped_apart() -> None:
    how = {name: {"type": "drop_connect"} for name in ("weight_ih", "weight_hh")}
    plain: Plain = {
        "dtype": "float64",
        "inputs": {"x": {"shape": [SIZE]}, "h": {"shape": [SIZE]}},
        "targets": {"t": {"shape": [SIZE]}},
        "layers": {
            "l": {
                "type": "RNNCell",
                "inputs": ["x", "h"],
                "hidden_size": SIZE,
                "parametrization": how,
            }
        },
        "loss": "MSELoss",
    }
    net = graphnet.compile(plain, batch_size=2)
    ones = np.ones((2, SIZE))
    _, gradients = net.loss_and_gradients({"x": ones, "h": ones}, {"t": ones})
    one, other = (
        gradients[f"l.parametrizations.weight_{end}.original"] != 0 for end in ("ih", "hh")
    )
    assert 0.4 < one.mean() < 0.6
    assert not np.array_equal(one, other)


def test_nothing_is_dropped_with_p_0_and_p_1_is_refused() -> None:
    net, x = linear("weight", p=0.0), np.ones((1, SIZE))
    assert np.array_equal(net.forward({"x": x})["l"], net.forward({"x": x}, training=True)["l"])
    with pytest.raises(GraphNetError, match="wrong value for 'p'"):
        linear("weight", p=1.0)
