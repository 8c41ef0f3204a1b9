"""Networks that many tests use: small, and between them every layer, loss and optimizer there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.backend import NumpyExecutable, NumpyRoutine, initialize
from graphnet.compiler import compile_spec
from graphnet.program import Program
from graphnet.training import Stepper

Array = NDArray[Any]
Plain = dict[str, Any]

BATCH = 6


def network(
    layers: Mapping[str, Any],
    *,
    inputs: Mapping[str, Any] | None = None,
    targets: Mapping[str, Any] | None = None,
    **rest: Any,
) -> Plain:
    """Return a spec as a mapping; by default one input x of 3 numbers, and a batch of up to 6."""
    plain: Plain = {"inputs": inputs or {"x": {"shape": [3]}}, "layers": dict(layers)}
    if targets is not None:
        plain["targets"] = targets
    return {**plain, "training": {"batch_size": BATCH}, **rest}


def linear(size: int, **more: Any) -> Plain:
    return {"type": "Linear", "out_features": size, **more}


NUMBERS = {"y": {"shape": [2]}}
CLASSES = {"y": {"shape": [], "dtype": "int64", "classes": 4}}

NETWORKS: dict[str, Plain] = {
    "tanh": network(
        {"linear1": linear(5), "tanh1": "Tanh", "linear2": linear(2)},
        targets=NUMBERS,
        loss="MSELoss",
        optimizer="SGD",
    ),
    "logits": network(
        {"linear1": linear(5), "sigmoid1": "Sigmoid", "linear2": linear(2)},
        targets=NUMBERS,
        loss="BCEWithLogitsLoss",
        optimizer="AdamW",
    ),
    "probabilities": network(
        {"linear1": linear(2, bias=False), "sigmoid1": "Sigmoid"},
        targets=NUMBERS,
        loss={"type": "BCELoss", "reduction": "sum"},
        optimizer={"type": "SGD", "momentum": 0.9, "dampening": 0.1},
    ),
    "classes": network(
        {"linear1": linear(7), "relu1": "ReLU", "linear2": linear(4)},
        targets=CLASSES,
        loss="CrossEntropyLoss",
        optimizer={"type": "Adam", "amsgrad": True},
    ),
    "log_softmax": network(
        {"linear1": linear(4), "out": "LogSoftmax"},
        targets=CLASSES,
        loss="NLLLoss",
        optimizer="MytorchAdamW",
    ),
    "sequence": network(
        {"linear1": linear(4), "norm1": "LayerNorm", "linear2": linear(4)},
        inputs={"x": {"shape": [5, 3]}},
        targets={"y": {"shape": [5], "dtype": "int64", "classes": 4}},
        loss={"type": "CrossEntropyLoss", "dim": -1},
        optimizer={"type": "SGD", "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "batch_norm": network(
        {"linear1": linear(4), "norm1": "BatchNorm1d", "relu1": "ReLU", "linear2": linear(2)},
        targets=NUMBERS,
        loss="L1Loss",
        optimizer={"type": "Adam", "weight_decay": 0.01, "maximize": True},
    ),
    "channels": network(
        {"norm1": "BatchNorm1d", "flat1": "Flatten", "linear1": linear(2)},
        inputs={"x": {"shape": [3, 4]}},
        targets=NUMBERS,
        loss="MSELoss",
        optimizer="Adam",
    ),
    "dropout": network(
        {"linear1": linear(8), "drop1": {"type": "Dropout", "p": 0.3}, "linear2": linear(2)},
        targets=NUMBERS,
        loss="MSELoss",
        optimizer="Adam",
    ),
    "words": network(
        {
            "embed": {
                "type": "Embedding",
                "num_embeddings": 9,
                "embedding_dim": 4,
                "padding_idx": 0,
                "inputs": "word",
            },
            "flat1": "Flatten",
            "both": {"type": "Cat", "inputs": ["flat1", "x"]},
            "linear1": linear(4),
            "softmax1": "Softmax",
        },
        inputs={"word": {"shape": [2], "dtype": "int64"}, "x": {"shape": [3]}},
        targets={"y": {"shape": [4]}},
        loss="MSELoss",
        optimizer="AdamW",
    ),
    "residual": network(
        {
            "linear1": linear(3),
            "tanh1": "Tanh",
            "sum1": {"type": "Add", "inputs": ["tanh1", "x", "linear1"]},
            "gate": linear(3, inputs="x"),
            "product": {"type": "Mul", "inputs": ["sum1", "gate"]},
            "same": "Identity",
            "linear2": linear(2),
        },
        targets=NUMBERS,
        loss="MSELoss",
        optimizer="SGD",
    ),
    "shared": network(
        {
            "linear1": linear(3),
            "tanh1": "Tanh",
            "linear2": linear(3, share="linear1"),
            "frozen": linear(3, trainable=False),
            "linear3": linear(2),
        },
        targets=NUMBERS,
        loss="MSELoss",
        optimizer="AdamW",
    ),
    "worked_out": network(
        {
            "linear1": linear(3, parametrization={"weight": "weight_norm"}),
            "tanh1": "Tanh",
            "linear2": linear(3, share="linear1"),
            "tanh2": "Tanh",
            "linear3": linear(2, parametrization={"weight": "spectral_norm"}),
        },
        targets=NUMBERS,
        loss="MSELoss",
        optimizer="AdamW",
    ),
    "two_losses": network(
        {
            "body": linear(6),
            "relu1": "ReLU",
            "kind": linear(4),
            "size": linear(1, inputs="relu1"),
        },
        targets={**CLASSES, "height": {"shape": [1]}},
        outputs=["kind", "size"],
        loss={
            "kind": {"type": "CrossEntropyLoss", "input": "kind", "target": "y"},
            "size": {"type": "MSELoss", "input": "size", "target": "height", "scale": 0.5},
        },
        optimizer="AdamW",
    ),
    "no_loss": network({"linear1": linear(4), "softmax1": "Softmax"}),
}
"""A spec per name; small enough that compiling all of them takes well under a second."""

TRAINED = [name for name, plain in NETWORKS.items() if "loss" in plain]


def compiled(plain: Plain, **options: Any) -> Program:
    return compile_spec(plain, **options)


def started(program: Program, stream: str = "named") -> NumpyExecutable:
    """Return an executable with first weights; its learning rate is the optimizer's own."""
    executable = NumpyExecutable(program)
    initialize(executable, stream)
    return executable


def batch_of(program: Program, count: int, seed: int = 0) -> dict[str, Array]:
    """Return random arrays (count, ...) for every input and target; class indices within limits."""
    generator = np.random.default_rng(seed)
    arrays: dict[str, Array] = {}
    for port in (*program.inputs, *program.targets):
        shape = (count, *port.type.at(1)[1:])
        if port.type.dtype == "int64":
            arrays[port.name] = generator.integers(0, port.limit or 2, shape)
        elif port in program.targets:
            arrays[port.name] = generator.random(shape).astype(port.type.dtype)
        else:
            arrays[port.name] = generator.standard_normal(shape).astype(port.type.dtype)
    return arrays


def fill(routine: NumpyRoutine, arrays: Mapping[str, Array]) -> None:
    for name, array in {**routine.inputs, **routine.targets}.items():
        array[...] = arrays[name]


def step(executable: NumpyExecutable, arrays: Mapping[str, Array]) -> float:
    """Run one update on a batch and return its loss."""
    count = len(next(iter(arrays.values())))
    routine = executable.routine("train", count)
    fill(routine, arrays)
    with np.errstate(all="ignore"):
        routine.forward()
        assert routine.loss is not None
        loss = float(routine.loss.item())
        routine.backward()
        Stepper(executable).finish(routine, count)
    executable.streams.clock[()] += 1
    return loss
