"""The resolved spec: plain data with all defaults written out, blocks and variables expanded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphnet.declare import Entry
from graphnet.spec.model import Spec
from graphnet.spec.parse_layer import plain_layer
from graphnet.spec.typed import plain_entry
from graphnet.spec.validate_losses import plain_losses
from graphnet.spec.validate_optimizer import plain_optimizer
from graphnet.spec.validate_tensors import plain_tensor

VERSIONS = (1,)
"""Versions of the language that this graphnet reads; the last is the one it writes."""
SECTIONS = (
    "graphnet",
    "expanded",
    "name",
    "description",
    "dtype",
    "seed",
    "variables",
    "blocks",
    "inputs",
    "targets",
    "layers",
    "outputs",
    "loss",
    "metrics",
    "regularizers",
    "optimizer",
    "constraints",
    "scheduler",
    "data",
    "training",
)
"""Top-level keys of the language, in the order in which they are written out."""


def plain_spec(spec: Spec) -> dict[str, Any]:
    """Return a spec as plain data; reading it again gives an equal spec.

    Variables and blocks are gone. Where blocks were, `expanded: true` says that the dots in names
    of layers come from them.
    """
    layers = {layer.name: plain_layer(layer) for layer in spec.layers}
    expanded = {"expanded": True} if any("." in name for name in layers) else {}
    return {
        "graphnet": VERSIONS[-1],
        **expanded,
        "name": spec.name,
        "description": spec.description,
        "dtype": spec.dtype,
        "seed": spec.seed,
        "inputs": {tensor.name: plain_tensor(tensor, "input") for tensor in spec.inputs},
        "targets": {tensor.name: plain_tensor(tensor, "target") for tensor in spec.targets},
        "layers": layers,
        "outputs": list(spec.outputs),
        "loss": plain_losses(spec.losses),
        "metrics": [plain_entry(metric) for metric in spec.metrics],
        **_rules("regularizers", spec.regularizers),
        **_rules("constraints", spec.constraints),
        "optimizer": None
        if spec.optimizer is None
        else plain_optimizer(spec.optimizer, spec.tuning),
        "scheduler": _typed(spec.scheduler),
        "data": None if spec.data is None else spec.data.plain(),
        "training": spec.training.plain(),
    }


def _rules(section: str, rules: Sequence[Entry]) -> dict[str, Any]:
    """Return a list of rules, or nothing where there are none."""
    return {section: [plain_entry(rule) for rule in rules]} if rules else {}


def _typed(entry: Entry | None) -> dict[str, Any] | None:
    return None if entry is None else plain_entry(entry)
