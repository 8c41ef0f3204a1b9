"""A small network for tests of optimizers: matrices and vectors, in float64, on batches that change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from examples import Array, Plain, batch_of, compiled, linear, network, started, step

from graphnet.backend import NumpyExecutable

INPUTS, HIDDEN, OUTPUTS, BATCH = 3, 4, 2, 6


def mlp(optimizer: Any, **more: Any) -> Plain:
    """Return the spec: Linear, Tanh, Linear, mean squared error."""
    return network(
        {"linear1": linear(HIDDEN), "tanh1": "Tanh", "linear2": linear(OUTPUTS)},
        targets={"y": {"shape": [OUTPUTS]}},
        loss="MSELoss",
        optimizer=optimizer,
        **{"dtype": "float64", **more},
    )


def plain_settings(name: str, settings: dict[str, Any]) -> Plain:
    """Return an optimizer section: tuples as lists, as YAML has them."""
    return {
        "type": name,
        **{k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()},
    }


def start(optimizer: Any, **more: Any) -> NumpyExecutable:
    return started(compiled(mlp(optimizer, **more)))


def weights(executable: NumpyExecutable) -> dict[str, Array]:
    return {name: array.copy() for name, array in executable.parameters.items()}


def trained(executable: NumpyExecutable, steps: int) -> Iterator[dict[str, Array]]:
    """Train on one batch after the other; give the weights after each update."""
    for number in range(steps):
        step(executable, batch_of(executable.program, BATCH, number))
        yield weights(executable)


def gradients(p: dict[str, Array], x: Array, y: Array) -> dict[str, Array]:
    """Return the gradients of the network's loss, by hand."""
    hidden = np.tanh(x @ p["linear1.weight"].T + p["linear1.bias"])
    out = hidden @ p["linear2.weight"].T + p["linear2.bias"]
    error = 2.0 * (out - y) / y.size
    back = (error @ p["linear2.weight"]) * (1.0 - hidden**2)
    return {
        "linear1.weight": back.T @ x,
        "linear1.bias": back.sum(0),
        "linear2.weight": error.T @ hidden,
        "linear2.bias": error.sum(0),
    }
