"""Whole numbers that a network makes itself must select from what is there, as those of its inputs must."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphnet
from graphnet.errors import GraphError

Plain = dict[str, Any]
INDICES: Plain = {"type": "MaxPool2d", "kernel_size": 2, "return_indices": True}
PLACES: Plain = {"type": "ArgMax", "dim": 1}


def spec(layers: Plain, *shape: int, dtype: str = "float32") -> Plain:
    return {"inputs": {"x": {"shape": list(shape), "dtype": dtype}}, "layers": layers}


def embedding(rows: int, **keys: Any) -> Plain:
    return {"type": "Embedding", "num_embeddings": rows, "embedding_dim": 2, **keys}


def unpool(**keys: Any) -> Plain:
    return {"type": "MaxUnpool2d", "inputs": ["a", "a.indices"], "kernel_size": 2, **keys}


WRONG = (
    ({"a": PLACES, "b": embedding(9)}, (10,), "from 0 to 8, those of 'a' go up to 9"),
    ({"a": PLACES, "flat": "Unsqueeze", "b": embedding(3)}, (4,), "those of 'a' go up to 3"),
    (
        {"a": INDICES, "b": embedding(15, inputs="a.indices")},
        (1, 4, 4),
        "from 0 to 14, those of 'a' go up to 15",
    ),
    # 5 columns count in the positions, the result has 4.
    ({"a": INDICES, "b": unpool()}, (1, 4, 5), "from 0 to 15, those of 'a' go up to 18"),
    (
        {"a": INDICES, "b": {"type": "Gather", "inputs": ["a", "a.indices"], "dim": 3}},
        (1, 4, 4),
        "from 0 to 1, those of 'a' go up to 15",
    ),
)


@pytest.mark.parametrize(("layers", "shape", "told"), WRONG)
def test_positions_beyond_the_end_are_refused(
    layers: Plain, shape: tuple[int, ...], told: str
) -> None:
    layers = {
        name: {"type": one, "dim": 1} if one == "Unsqueeze" else one for name, one in layers.items()
    }
    with pytest.raises(GraphError, match=told) as caught:
        graphnet.compile(spec(layers, *shape))
    assert caught.value.code == "GN202"


RIGHT = (
    ({"a": PLACES, "b": embedding(10)}, (10,)),
    ({"a": INDICES, "b": unpool(output_size=[4, 5])}, (1, 4, 5)),
    # The last row and column are in no window.
    ({"a": INDICES, "b": embedding(19, inputs="a.indices")}, (1, 5, 5)),
)


@pytest.mark.parametrize(("layers", "shape"), RIGHT)
def test_positions_that_fit_are_taken(layers: Plain, shape: tuple[int, ...]) -> None:
    net = graphnet.compile(spec(layers, *shape))
    x = np.arange(np.prod(shape), dtype=float).reshape(1, *shape)
    (found,) = net.forward({"x": x}).values()
    if layers["a"] is PLACES:
        assert np.array_equal(found[0], net.parameters["b.weight"][9])
    assert np.isfinite(found).all()


def test_a_condition_is_no_position() -> None:
    layers: Plain = {
        "zero": {"type": "Slice", "inputs": "i", "dim": 1, "stop": 1},
        "one": {"type": "Slice", "inputs": "i", "dim": 1, "start": 1},
        "yes": {"type": "ArgMax", "inputs": "x", "dim": 1, "keepdim": True},
        "chosen": {"type": "Where", "inputs": ["yes", "zero", "one"]},
        "b": embedding(3),
    }
    plain = spec(layers, 10)
    plain["inputs"]["i"] = {"shape": [2], "dtype": "int64"}
    net = graphnet.compile(plain)
    assert {port.name: port.limit for port in net.program.inputs} == {"x": None, "i": 3}
