"""Undoing a pooling within a network that trains: gradients flow through values, never through positions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import graphnet

Array = NDArray[Any]
KEYS = ("weight", "bias")
POOLS: dict[str, tuple[int, dict[str, Any]]] = {
    "MaxPool1d": (1, {"kernel_size": 2}),
    "MaxPool2d": (2, {"kernel_size": 2}),
    "MaxPool3d": (3, {"kernel_size": 2}),
    "AdaptiveMaxPool1d": (1, {"output_size": 2}),
    "AdaptiveMaxPool2d": (2, {"output_size": 2}),
}


def spec(pool: dict[str, Any], rank: int, last: dict[str, Any], shape: list[int]) -> dict[str, Any]:
    return {
        "dtype": "float64",
        "inputs": {"x": {"shape": [1, *(4,) * rank]}},
        "targets": {"t": {"shape": shape}},
        "layers": {
            "first": {"type": f"Conv{rank}d", "out_channels": 3, "kernel_size": 1},
            "pool": {**pool, "return_indices": True},
            "last": last,
        },
        "loss": {"type": "MSELoss", "reduction": "sum"},
        "training": {"batch_size": 2},
    }


@pytest.mark.oracle
@pytest.mark.parametrize("kind", POOLS)
def test_gradients_are_torchs(kind: str) -> None:
    torch = pytest.importorskip("torch")
    rank, keys = POOLS[kind]
    undone = f"MaxUnpool{rank}d"
    last = {"type": undone, "inputs": ["pool", "pool.indices"], "kernel_size": 2}
    net = graphnet.compile(spec({"type": kind, **keys}, rank, last, [3, *(4,) * rank]))
    chance = np.random.default_rng(rank)
    x, t = (chance.standard_normal((2, channels, *(4,) * rank)) for channels in (1, 3))
    loss, gradients = net.loss_and_gradients({"x": x}, {"t": t})
    first = getattr(torch.nn, f"Conv{rank}d")(1, 3, 1).double()
    first.load_state_dict({name: torch.tensor(net.parameters[f"first.{name}"]) for name in KEYS})
    found = getattr(torch.nn, kind)(**keys, return_indices=True)(first(torch.tensor(x)))
    total = ((getattr(torch.nn, undone)(2)(*found) - torch.tensor(t)) ** 2).sum()
    total.backward()
    np.testing.assert_allclose(loss, total.item(), rtol=1e-12)
    for name in KEYS:
        right = getattr(first, name).grad.numpy()
        np.testing.assert_allclose(gradients[f"first.{name}"], right, rtol=1e-12, atol=1e-12)


def test_positions_alone_bring_no_gradient_back() -> None:
    """A loss of positions only is constant almost everywhere: what lies before them gets zeros."""
    last = {"type": "OneHot", "inputs": "pool.indices", "num_classes": 4}
    plain = spec({"type": "MaxPool1d", "kernel_size": 2}, 1, last, [3, 2, 4])
    net = graphnet.compile(plain)
    chance = np.random.default_rng(0)
    x, t = chance.standard_normal((2, 1, 4)), np.zeros((2, 3, 2, 4))
    loss, gradients = net.loss_and_gradients({"x": x}, {"t": t})
    assert loss == 12.0
    assert all(not gradient.any() for gradient in gradients.values())
