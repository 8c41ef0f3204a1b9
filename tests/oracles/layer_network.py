"""A network of one layer: compiled with a loss for each of its results, and run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from building import weights_of
from layer_case import LayerCase
from layer_cases import LAYER_CASES
from numpy.typing import NDArray

import graphnet
from graphnet.graph import build_network
from graphnet.ir import TensorType
from graphnet.spec import load_spec

Array = NDArray[Any]
Plain = dict[str, Any]

BATCH = 4
NAME = "it"


def layer_spec(
    kind: str, shapes: Sequence[tuple[int, ...]], types: Sequence[str], **keys: Any
) -> Plain:
    """Return a spec with nothing but inputs `x0`, `x1`, ... and the layer."""
    inputs = {
        f"x{i}": {"shape": list(shape), "dtype": dtype}
        for i, (shape, dtype) in enumerate(zip(shapes, types, strict=True))
    }
    layer = {"type": kind, "inputs": list(inputs), **keys}
    return {"inputs": inputs, "layers": {NAME: layer}, "training": {"batch_size": BATCH}}


def case_spec(kind: str, case: LayerCase, dtype: str) -> Plain:
    """Return the spec of a case, without losses."""
    types = [dtype if x.dtype.kind == "f" else "int64" for x in case.inputs(1)]
    return {"dtype": dtype, **layer_spec(kind, case.shapes, types, **case.keys)}


def with_losses(plain: Plain) -> Plain:
    """Add the squared distance of every floating point result to a target of its own."""
    references, types = result_types(plain)
    floats = [(name, t) for name, t in zip(references, types, strict=True) if t.is_float]
    targets = {f"t{i}": {"shape": list(t.shape[1:])} for i, (_, t) in enumerate(floats)}
    losses = {
        f"l{i}": {"type": "MSELoss", "input": name, "target": f"t{i}", "reduction": "sum"}
        for i, (name, _) in enumerate(floats)
    }
    return {
        **plain,
        "outputs": references,
        **({"targets": targets, "loss": losses} if losses else {}),
    }


def result_types(plain: Plain) -> tuple[list[str], tuple[TensorType, ...]]:
    """Return the references of the layer's results and their types."""
    network = build_network(load_spec(plain))
    results = network.layer(NAME).layer.results
    types: tuple[TensorType, ...] = network.graph.nodes[NAME]["types"]
    return [NAME, *(f"{NAME}.{role}" for role in results[1:])], types


class LayerNetwork:
    """A case compiled, its parameters drawn anew so that none is 0 or 1."""

    def __init__(self, kind: str, case: LayerCase, dtype: str) -> None:
        """Compile it."""
        self.case = case
        plain = with_losses(case_spec(kind, case, dtype))
        self.references: list[str] = plain["outputs"]
        self.trains = "loss" in plain
        options = {"input_gradients": True} if self.trains else {}
        self.net = graphnet.compile(plain, batch_size=BATCH, **options)
        self.weights = {
            name: np.asarray(value, self.dtype_of(name))
            for name, value in weights_of(self.net.program, 5).items()
        }
        self.reset()

    def dtype_of(self, name: str) -> np.dtype[Any]:
        """Return the element type of a parameter or statistic."""
        held = self.net.parameters if name in self.net.parameters else self.net.buffers
        return held[name].dtype

    def reset(self) -> None:
        """Set all parameters and running statistics back."""
        self.net.load_state_dict(self.weights)

    @property
    def own_weights(self) -> dict[str, Array]:
        """The weights by the layer's own names."""
        return {name.removeprefix(f"{NAME}."): value for name, value in self.weights.items()}

    def named(self, inputs: Sequence[Array]) -> dict[str, Array]:
        """Return the inputs by name, in the network's type."""
        ports = {port.name: port.type.dtype for port in self.net.program.inputs}
        return {f"x{i}": x.astype(ports[f"x{i}"]) for i, x in enumerate(inputs)}

    def forward(self, inputs: Sequence[Array], *, training: bool = False) -> list[Array]:
        """Return all results of a batch."""
        made = self.net.forward(self.named(inputs), training=training)
        return [made[reference] for reference in self.references]

    def targets(self, count: int) -> dict[str, Array]:
        """Return targets of a batch."""
        chance = np.random.default_rng([count, 404])
        return {
            port.name: chance.standard_normal(port.type.at(count)).astype(port.type.dtype)
            for port in self.net.program.targets
        }

    def gradients(self, inputs: Sequence[Array]) -> tuple[float, dict[str, Array]]:
        """Return the loss of a batch, and gradients by own name (`weight`, `x0`)."""
        count = len(inputs[0])
        loss, found = self.net.loss_and_gradients(self.named(inputs), self.targets(count))
        return loss, {name.removeprefix(f"{NAME}."): g for name, g in found.items()}


@cache
def layer_network(kind: str, number: int, dtype: str) -> LayerNetwork:
    """Return a case's network, compiled once."""
    return LayerNetwork(kind, LAYER_CASES[kind].cases[number], dtype)


def as_list(results: Any) -> list[Array]:
    """Return one or several results as a list of arrays."""
    return [np.asarray(r) for r in (results if isinstance(results, (tuple, list)) else (results,))]
