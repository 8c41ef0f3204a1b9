"""The specs that estimators train: from a shorthand or the user's own, and with weighted samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.errors import UsageError
from graphnet.spec import load_spec

Plain = dict[str, Any]

INPUT, TARGET, WEIGHT = "X", "y", "sample_weight"
SCORES = "scores"

DEFAULTS: Plain = {
    "optimizer": {"type": "Adam", "lr": 0.01},
    "training": {"epochs": 200, "batch_size": 200},
}
"""What the shorthand trains with."""


def layer_sizes(hidden: Any) -> tuple[int, ...]:
    """Return sizes of hidden layers; a single number is one layer.

    Raises:
        UsageError: When they are no whole numbers from 1 (GN756).
    """
    sizes = hidden if isinstance(hidden, (list, tuple, np.ndarray)) else [hidden]
    whole = [size for size in sizes if isinstance(size, (int, np.integer)) and size >= 1]
    if len(whole) < len(sizes) or any(size is True for size in whole):
        raise UsageError(
            "GN756",
            f"hidden is {hidden!r}, not the sizes of layers",
            help="give whole numbers from 1: hidden=(64, 32), or hidden=64 for one layer",
        )
    return tuple(map(int, sizes))


def shorthand(
    hidden: Any,
    activation: str,
    *,
    features: int,
    results: int,
    target: Mapping[str, Any],
    loss: str,
) -> Plain:
    """Return the spec of a plain network: Linear layers with an activation between them.

    Args:
        hidden: Sizes of the hidden layers; a number for one.
        activation: Layer type after each of them.
        features: Numbers of a sample.
        results: Numbers the network gives for a sample.
        target: Declaration of the target.
        loss: Type of the loss.
    """
    layers: Plain = {}
    for index, size in enumerate(layer_sizes(hidden), 1):
        layers[f"linear{index}"] = {"type": "Linear", "out_features": size}
        layers[f"activation{index}"] = {"type": activation}
    layers[SCORES] = {"type": "Linear", "out_features": results}
    return {
        **DEFAULTS,
        "inputs": {INPUT: {"shape": [features]}},
        "targets": {TARGET: dict(target)},
        "layers": layers,
        "loss": loss,
    }


def resolved(source: str | Path | Mapping[str, Any], changes: Mapping[str, Any]) -> Plain:
    """Return a spec as plain data with its defaults, without data and metrics, which come from elsewhere.

    Args:
        source: Path, YAML text or mapping.
        changes: Values by dotted path.

    Raises:
        SpecError: When it is wrong.
        UsageError: When it is no network of one input, one target, one output and one loss (GN750).
    """
    spec = load_spec(dict(source) if isinstance(source, Mapping) else source, changes)
    counts = [
        (len(spec.inputs), "input"),
        (len(spec.targets), "target"),
        (len(spec.outputs), "output"),
        (len(spec.losses), "loss"),
    ]
    for count, what in counts:
        if count != 1:
            raise UsageError(
                "GN750",
                f"an estimator needs a network with one {what}, {spec.name!r} has {count}",
                help="use graphnet.compile and net.fit for other networks",
            )
    plain: Plain = {
        key: value for key, value in spec.plain.items() if key not in ("data", "metrics")
    }
    loss = plain["loss"]
    named = not isinstance(loss.get("type"), str)
    plain["loss"] = next(iter(loss.values())) if named else loss
    return plain


def loss_of(plain: Mapping[str, Any]) -> str:
    """Return the type of the only loss."""
    kind: str = plain["loss"]["type"]
    return kind


def weighted(plain: Mapping[str, Any]) -> Plain:
    """Return a spec of `resolved` whose loss counts every sample by the target `sample_weight`."""
    return {
        **plain,
        "targets": {**plain["targets"], WEIGHT: {"shape": []}},
        "loss": {**plain["loss"], "sample_weight": WEIGHT},
    }
