"""Parametrizations on every layer with parameters, against formulas in NumPy and PyTorch in float64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from closeness import require_close
from layer_case import LayerCase
from layer_cases import LAYER_CASES
from layer_network import BATCH, LayerNetwork, layer_network
from numpy.typing import NDArray
from test_layers import difference, require_results

Array = NDArray[Any]
Plain = dict[str, Any]

HOW: dict[str, tuple[Plain, Plain]] = {
    "weight": ({"type": "weight_norm"}, {"type": "weight_norm", "dim": None}),
    "spectral": ({"type": "spectral_norm"}, {"type": "spectral_norm", "n_power_iterations": 3}),
}
WITH_PARAMETERS = sorted(
    {
        kind
        for kind, cases in LAYER_CASES.items()
        for case in cases.cases
        if case.torch is not None and kind not in ("Parameter",)
    }
)


def trained(kind: str, number: int) -> list[str]:
    """Return the layer's own parameters of a case."""
    net = layer_network(kind, number, "float64").net
    return [name.removeprefix("it.") for name in net.parameters]


@cache
def parametrized(kind: str, number: int, name: str, how: str, variant: int) -> LayerNetwork:
    case = LAYER_CASES[kind].cases[number]
    keys = {**case.keys, "parametrization": {name: HOW[how][variant]}}
    return LayerNetwork(kind, replace(case, keys=keys), "float64")


def root(name: str) -> str:
    part, dot, own = name.rpartition(".")
    return f"{part}{dot}parametrizations.{own}"


def worked_out(weights: Mapping[str, Array], name: str, how: Plain, outputs: int = 0) -> Array:
    """Return the parameter itself from what is trained, as when judging."""
    start = f"{root(name)}."
    if how["type"] == "weight_norm":
        g, v = weights[f"{start}original0"], weights[f"{start}original1"]
        dim = how.get("dim", 0)
        others = tuple(axis for axis in range(v.ndim) if axis != dim)
        return g * v / np.sqrt((v**2).sum(others, keepdims=dim is not None))
    w = weights[f"{start}original"]
    if w.ndim == 1:
        return w / np.sqrt((w**2).sum())
    matrix = np.moveaxis(w, outputs, 0).reshape(w.shape[outputs], -1)
    return w / (weights[f"{start}0._u"] @ matrix @ weights[f"{start}0._v"])


def a_case(kind: str) -> tuple[int, str] | None:
    """Return the first case with a parameter that is compared with PyTorch."""
    for number, case in enumerate(LAYER_CASES[kind].cases):
        if case.torch is None or not layer_network(kind, number, "float64").trains:
            continue
        names = trained(kind, number)
        if names:
            return number, names[0]
    return None
