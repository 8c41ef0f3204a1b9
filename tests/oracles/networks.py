"""Networks that people would write, as plain specs, and batches for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Plain = dict[str, Any]


def network(
    inputs: Plain,
    targets: Plain,
    layers: Plain,
    loss: Plain,
    optimizer: Plain | None = None,
    **more: Any,
) -> Plain:
    """Return a spec in float64 for batches of up to 8.

    Adam's eps is large, lest it make noise of gradients that are 0 but for rounding.
    """
    return {
        "dtype": "float64",
        "inputs": {
            name: given if isinstance(given, dict) else {"shape": given}
            for name, given in inputs.items()
        },
        "targets": {
            name: given if isinstance(given, dict) else {"shape": given}
            for name, given in targets.items()
        },
        "layers": layers,
        "outputs": [list(layers)[-1]],
        "loss": loss,
        "optimizer": optimizer or {"type": "AdamW", "eps": 1e-3},
        "training": {"batch_size": 8},
        **more,
    }


def linear(size: int, **keys: Any) -> Plain:
    return {"type": "Linear", "out_features": size, **keys}


def one(kind: str, source: str, target: str, **keys: Any) -> Plain:
    """Return a mapping with a single loss, all keys given."""
    return {
        "only": {
            "type": kind,
            "input": source,
            "target": target,
            "scale": 1.0,
            "reduction": "mean",
            **keys,
        }
    }


MLP = network(
    {"points": [2]},
    {"label": [1]},
    {
        "linear1": linear(5),
        "tanh1": "Tanh",
        "linear2": linear(3),
        "tanh2": "Tanh",
        "linear3": linear(1),
    },
    one("BCEWithLogitsLoss", "linear3", "label"),
)

RESIDUAL = network(
    {"x": [6]},
    {"t": [6]},
    {
        "first": linear(6),
        "relu": "ReLU",
        "second": linear(6),
        "skip": {"type": "Add", "inputs": ["second", "first", "x"]},
        "norm": {"type": "LayerNorm"},
        "gate": {"type": "Sigmoid", "inputs": "first"},
        "gated": {"type": "Mul", "inputs": ["norm", "gate"]},
        "last": linear(6),
    },
    one("MSELoss", "last", "t"),
)

DENSE = network(
    {"x": [3]},
    {"t": {"shape": [], "dtype": "int64", "classes": 4}},
    {
        "a": linear(4),
        "b": {**linear(4), "inputs": "a"},
        "ab": {"type": "Cat", "inputs": ["x", "a", "b"]},
        "c": linear(5, bias=False),
        "abc": {"type": "Cat", "inputs": ["ab", "c", "a"]},
        "scores": linear(4),
    },
    one("CrossEntropyLoss", "scores", "t", dim=1),
)

TABLE = network(
    {"word": {"shape": [3], "dtype": "int64"}, "numbers": [4]},
    {"t": [2]},
    {
        "look": {
            "type": "Embedding",
            "inputs": "word",
            "num_embeddings": 5,
            "embedding_dim": 2,
            "padding_idx": 1,
        },
        "flat": "Flatten",
        "both": {"type": "Cat", "inputs": ["flat", "numbers"]},
        "hidden": linear(6),
        "norm": "BatchNorm1d",
        "active": "ReLU",
        "head": linear(2),
        "share": "Sigmoid",
    },
    one("BCELoss", "share", "t"),
)

SEQUENCE = network(
    {"x": [4, 3]},
    {"t": {"shape": [4], "dtype": "int64", "classes": 5}},
    {
        "up": linear(4),
        "again": linear(4),
        "same": {**linear(4), "share": "again"},
        "norm": {"type": "LayerNorm", "normalized_shape": [4, 4]},
        "channels": {"type": "BatchNorm1d", "momentum": 0.3},
        "weights": {"type": "Softmax", "dim": 1},
        "mixed": {"type": "Mul", "inputs": ["weights", "up"]},
        "frozen": linear(4, trainable=False),
        "scores": linear(5),
        "logs": "LogSoftmax",
    },
    one("NLLLoss", "logs", "t", dim=-1),
)

TWO_LOSSES = network(
    {"x": [3]},
    {"value": [2], "label": {"shape": [], "dtype": "int64", "classes": 3}},
    {
        "trunk": linear(4),
        "active": "Tanh",
        "head1": linear(2),
        "head2": {**linear(3), "inputs": "active"},
    },
    {
        "value": {
            "type": "L1Loss",
            "input": "head1",
            "target": "value",
            "scale": 0.5,
            "reduction": "sum",
        },
        "label": one("CrossEntropyLoss", "head2", "label", dim=1)["only"],
    },
    outputs=["head1", "head2"],
)

PICTURES = network(
    {"x": [2, 6, 5]},
    {"t": {"shape": [], "dtype": "int64", "classes": 3}},
    {
        "up": {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1, "bias": False},
        "norm": "BatchNorm2d",
        "active": "ReLU",
        "pool": {"type": "MaxPool2d", "kernel_size": 2, "ceil_mode": True},
        "again": {
            "type": "Conv2d",
            "out_channels": 3,
            "kernel_size": 3,
            "padding": "same",
        },
        "skip": {"type": "Add", "inputs": ["again", "pool"]},
        "alone": {"type": "Conv2d", "out_channels": 3, "kernel_size": 2, "groups": 3},
        "gate": {"type": "Sigmoid", "inputs": "alone"},
        "gated": {"type": "Mul", "inputs": ["gate", "alone"]},
        "flat": {"type": "Flatten", "start_dim": 2},
        "rows": linear(2),
        "all": "Flatten",
        "scores": linear(3),
    },
    one("CrossEntropyLoss", "scores", "t", dim=1),
)

WIDE = network(
    {"x": [260]},
    {"t": [260]},
    {"wide": linear(260, bias=False)},
    one("MSELoss", "wide", "t"),
)
"""67,600 weights: more than two blocks of an update, and no whole number of them."""

NETWORKS: dict[str, Plain] = {
    "mlp": MLP,
    "residual": RESIDUAL,
    "dense": DENSE,
    "table": TABLE,
    "sequence": SEQUENCE,
    "two_losses": TWO_LOSSES,
    "pictures": PICTURES,
}

WORDS = 5
"""Rows of the embedding that `word` looks up."""


def batch_of(plain: Plain, size: int, seed: int) -> dict[str, Array]:
    """Draw inputs and targets: whole numbers in range, numbers from 0 to 1 where a loss needs such."""
    chance = np.random.default_rng(seed)
    data: dict[str, Array] = {}
    bounded = {keys["target"] for keys in plain["loss"].values() if keys["type"].startswith("BCE")}
    for name, given in {**plain["inputs"], **plain["targets"]}.items():
        shape = (size, *given["shape"])
        if given.get("dtype") == "int64":
            data[name] = chance.integers(0, given.get("classes", WORDS), shape)
        else:
            data[name] = chance.random(shape) if name in bounded else chance.standard_normal(shape)
    return data
