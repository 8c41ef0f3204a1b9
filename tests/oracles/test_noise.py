"""Random layers: what their streams promise, in both precisions, at any batch size, resumed anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import compiled, set_weights, weights_of
from closeness import require_close
from networks import batch_of, linear, network, one
from numpy.typing import NDArray
from runs import interpreted, trained

from graphnet.backend import NumpyExecutable

Array = NDArray[Any]
Plain = dict[str, Any]

LAYERS: dict[str, Plain] = {
    "channels1": {"type": "Dropout1d", "inputs": "line", "p": 0.4},
    "channels2": {"type": "Dropout2d", "inputs": "plane", "p": 0.4},
    "channels3": {"type": "Dropout3d", "inputs": "space", "p": 0.4},
    "alpha": {"type": "AlphaDropout", "inputs": "line", "p": 0.3},
    "features": {"type": "FeatureAlphaDropout", "inputs": "plane", "p": 0.3},
    "added": {"type": "GaussianNoise", "inputs": "line", "std": 0.5},
    "factor": {"type": "GaussianDropout", "inputs": "line", "p": 0.3},
    "rows": {"type": "StochasticDepth", "inputs": "plane", "p": 0.4},
    "batch": {"type": "StochasticDepth", "inputs": "plane", "p": 0.4, "mode": "batch"},
    "slope": {"type": "RReLU", "inputs": "line"},
    "regions2": {
        "type": "FractionalMaxPool2d",
        "inputs": "plane",
        "kernel_size": 1,
        "output_size": 2,
    },
    "regions3": {
        "type": "FractionalMaxPool3d",
        "inputs": "cube",
        "kernel_size": 2,
        "output_size": 2,
    },
    "soft": {"type": "GumbelSoftmax", "inputs": "line", "tau": 0.7},
    "hard": {"type": "GumbelSoftmax", "inputs": "line", "hard": True},
}
INPUTS: Plain = {"line": [3, 5], "plane": [2, 2, 3], "space": [2, 2, 1, 2], "cube": [2, 5, 4, 6]}


def noisy() -> Plain:
    """Return a network of every random layer, and a loss that none of them feeds."""
    layers = {**LAYERS, "last": linear(3, inputs="line")}
    return network(INPUTS, {"t": [3, 3]}, layers, one("MSELoss", "last", "t"), outputs=list(layers))


def batches(dtype: str) -> list[dict[str, Array]]:
    return [
        {name: a.astype(dtype) for name, a in batch_of(noisy(), size, seed).items()}
        for seed, size in enumerate((8, 3, 1, 7, 8))
    ]


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 2e-5)])
def test_noise_is_what_the_formulas_say(dtype: str, rtol: float) -> None:
    program = compiled({**noisy(), "dtype": dtype, "seed": 5})
    weights = weights_of(program, 1)
    pairs = zip(
        trained(program, weights, batches(dtype)),
        interpreted(program, weights, batches(dtype)),
        strict=True,
    )
    for actual, expected in list(pairs)[:5]:
        for name in LAYERS:
            found, right = actual[f"output{name}:"], expected[f"output{name}:"]
            scale = float(np.abs(right).max())
            require_close(found, right.astype(found.dtype), name, rtol=rtol, scale=scale)


def passes(start: int, dtype: str) -> list[dict[str, bytes]]:
    """Return what passes from a given one on draw, in a process that ran none before."""
    executable = NumpyExecutable(compiled({**noisy(), "dtype": dtype}))
    set_weights(executable, weights_of(executable.program, 1))
    found = []
    for number, data in list(enumerate(batches(dtype)))[start:]:
        executable.streams.clock[...] = number
        routine = executable.routine("train", len(data["line"]))
        for name in INPUTS:
            routine.inputs[name][...] = data[name]
        routine.forward()
        found.append({name: routine.outputs[name].tobytes() for name in LAYERS})
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_noise_goes_on_where_it_was_left_to_the_last_bit(dtype: str) -> None:
    whole = passes(0, dtype)
    for start in range(1, 5):
        assert passes(start, dtype) == whole[start:]
