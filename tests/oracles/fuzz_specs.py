"""Specs of one layer or loss each, right ones of the tables' test cases with something changed at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from fuzz_values import fitting, pick, strange
from layer_case import LayerCase
from layer_cases import LAYER_CASES
from layer_network import layer_spec
from loss_case import LossCase
from loss_cases import LOSS_CASES
from loss_network import loss_spec

from graphnet.declare import Entry
from graphnet.initializers import INITIALIZERS
from graphnet.layers import LAYERS, PARAMETRIZATIONS
from graphnet.losses import LOSSES, REGULARIZERS
from graphnet.optimizers import CONSTRAINTS

Plain = dict[str, Any]
Shape = tuple[int, ...]
Make = Callable[[str, np.random.Generator], Plain]
DTYPES = ("float32", "float64", "int64")
PARAMETRIC = (
    "Linear", "Conv1d", "Conv2d", "ConvTranspose2d", "GRU", "Embedding", "Bilinear", "BatchNorm1d",
    "LayerNorm", "PReLU", "MultiheadAttention", "Parameter",
)  # fmt: skip


def random_layer(kind: str, chance: np.random.Generator, *, right: bool = False) -> Plain:
    """Return a spec with the layer on inputs of its own, perhaps wrong."""
    case: LayerCase = pick(chance, LAYER_CASES[kind].cases)
    dtype = str(pick(chance, DTYPES[:2]))
    types = [dtype if x.dtype.kind == "f" else "int64" for x in case.inputs(1)]
    keys, shapes = dict(case.keys), list(case.shapes)
    if not right:
        _change_keys(keys, LAYERS[kind], chance)
        shapes, types = _change_ends(shapes, types, chance)
    return {"dtype": dtype, **layer_spec(kind, shapes, types, **keys)}


def random_loss(kind: str, chance: np.random.Generator) -> Plain:
    """Return a spec with the loss of inputs, perhaps wrong."""
    case: LossCase = pick(chance, LOSS_CASES[kind].cases)
    dtype = str(pick(chance, DTYPES[:2]))
    drawn = case.batch(1)
    ends: list[Any] = []
    for shapes, arrays in zip((case.inputs, case.targets), drawn, strict=True):
        types = [dtype if x.dtype.kind == "f" else "int64" for x in arrays]
        ends.append(list(zip(*_change_ends(list(shapes), types, chance), strict=True)))
    keys = dict(case.keys)
    _change_keys(keys, LOSSES[kind], chance)
    if chance.random() < 0.2:
        keys["sample_weight"] = "w"
    return {"dtype": dtype, **loss_spec(kind, *ends, **keys)}


def random_initializer(kind: str, chance: np.random.Generator) -> Plain:
    """Return a spec with a layer whose parameters start so."""
    plain = random_layer(str(pick(chance, PARAMETRIC)), chance, right=True)
    return _extend(plain, chance, "init", {"type": kind, **_keys(INITIALIZERS[kind], chance)})


def random_parametrization(kind: str, chance: np.random.Generator) -> Plain:
    """Return a spec with a layer whose parameters are worked out so."""
    plain = random_layer(str(pick(chance, PARAMETRIC)), chance, right=True)
    given = {"type": kind, **_keys(PARAMETRIZATIONS[kind], chance)}
    return _extend(plain, chance, "parametrization", given)


def random_regularizer(kind: str, chance: np.random.Generator) -> Plain:
    """Return a spec with such a regularizer."""
    return {**_small(chance), "regularizers": [{"type": kind, **_keys(REGULARIZERS[kind], chance)}]}


def random_constraint(kind: str, chance: np.random.Generator) -> Plain:
    """Return a spec with such a constraint."""
    given = {"type": kind, "match": "*", **_keys(CONSTRAINTS[kind], chance)}
    return {**_small(chance), "constraints": [given]}


ROWS: tuple[tuple[str, str, Make], ...] = tuple(
    (name, kind, make)
    for name, table, make in (
        ("layer", LAYERS, random_layer),
        ("loss", LOSSES, random_loss),
        ("initializer", INITIALIZERS, random_initializer),
        ("parametrization", PARAMETRIZATIONS, random_parametrization),
        ("regularizer", REGULARIZERS, random_regularizer),
        ("constraint", CONSTRAINTS, random_constraint),
    )
    for kind in table
    if kind != "from_file"
)
"""Every row of every table, and what makes specs of it; files are not random."""


def _small(chance: np.random.Generator) -> Plain:
    layers = {
        "a": {"type": "Conv1d", "out_channels": 2, "kernel_size": 2},
        "b": "Flatten",
        "c": {"type": "Linear", "out_features": 2},
    }
    return {
        "dtype": str(pick(chance, DTYPES[:2])),
        "inputs": {"x": {"shape": [2, 3]}},
        "targets": {"t": {"shape": [2]}},
        "layers": layers,
        "loss": "MSELoss",
    }


def _extend(plain: Plain, chance: np.random.Generator, key: str, given: Mapping[str, Any]) -> Plain:
    name = str(
        pick(chance, ("weight", "weight", "bias", "value", "weight_ih_l0", "in_proj_weight"))
    )
    layer = {**plain["layers"]["it"], key: {name: dict(given)}}
    return {**plain, "layers": {"it": layer}}


def _keys(row: type[Entry], chance: np.random.Generator) -> Plain:
    keys: Plain = {
        name: fitting(own.kind, chance) for name, own in row.settings().items() if own.required
    }
    _change_keys(keys, row, chance)
    return keys


def _change_keys(keys: Plain, row: type[Entry], chance: np.random.Generator) -> None:
    settings = row.settings()
    often = 1.5 / max(4, len(settings))
    for name, own in settings.items():
        dice = chance.random() / often
        if dice < 0.8:
            keys[name] = fitting(own.kind, chance)
        elif dice < 0.97:
            keys[name] = strange(chance)
        elif dice < 1.0:
            keys.pop(name, None)


def _change_ends(
    shapes: list[Shape], types: list[str], chance: np.random.Generator
) -> tuple[list[Shape], list[str]]:
    """Change sizes, dimensions, element types and the number of inputs, each now and then."""
    if chance.random() < 0.5:
        return shapes, types
    shapes = [_change_shape(shape, chance) for shape in shapes]
    types = [str(pick(chance, DTYPES)) if chance.random() < 0.05 else t for t in types]
    dice = chance.random()
    if shapes and dice < 0.02:
        return shapes[:-1], types[:-1]
    if shapes and dice < 0.06:
        return [*shapes, pick(chance, shapes)], [*types, types[-1]]
    return shapes, types


def _change_shape(shape: Shape, chance: np.random.Generator) -> Shape:
    sizes = list(shape)
    dice = chance.random()
    if dice < 0.1:
        sizes.insert(int(chance.integers(len(sizes) + 1)), int(chance.integers(1, 4)))
    elif dice < 0.2 and sizes:
        sizes.pop(int(chance.integers(len(sizes))))
    elif dice < 0.6 and sizes:
        place = int(chance.integers(len(sizes)))
        sizes[place] = int(pick(chance, (1, 1, 2, 3, 5, sizes[place] + 1, 2 * sizes[place])))
    return tuple(sizes)
