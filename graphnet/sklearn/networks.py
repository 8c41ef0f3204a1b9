"""The specs that estimators train: from a shorthand or the user's own, and with weighted samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphnet.errors import UsageError
from graphnet.spec import load_spec

Plain = dict[str, Any]

INPUT, TARGET, WEIGHT = "X", "y", "sample_weight"
SCORES, WEIGHTED = "scores", "weighted"

DEFAULTS: Plain = {
    "optimizer": {"type": "Adam", "lr": 0.01},
    "training": {"epochs": 200, "batch_size": 200},
}
"""What the shorthand trains with."""


def shorthand(
    hidden: Sequence[int],
    activation: str,
    *,
    features: int,
    results: int,
    target: Mapping[str, Any],
    loss: str,
) -> Plain:
    """Return the spec of a plain network: Linear layers with an activation between them.

    Args:
        hidden: Sizes of the hidden layers.
        activation: Layer type after each of them.
        features: Numbers of a sample.
        results: Numbers the network gives for a sample.
        target: Declaration of the target.
        loss: Type of the loss.
    """
    layers: Plain = {}
    for index, size in enumerate(hidden, 1):
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
    term = spec.losses[0]
    plain["loss"] = {"type": term.loss.name(), **term.loss.plain()}
    return plain


def loss_of(plain: Mapping[str, Any]) -> str:
    """Return the type of the only loss."""
    kind: str = plain["loss"]["type"]
    return kind


def weighted(plain: Mapping[str, Any]) -> tuple[Plain, float]:
    """Return the spec with a weight per sample as a second input.

    A weight `w` scales a sample's loss by scaling what the loss compares: `w CE(x, t)` is the negative
    log-likelihood of `w log_softmax(x)`, `w |x - t|` is `|w x - w t|`, and `w (x - t)^2` is
    `(v x - v t)^2` with `v = sqrt(w)`.

    Args:
        plain: A spec of `resolved`.

    Returns:
        The spec, and the power of the weights that its second input (and, for distances, the target)
        is to be given; 0 where the target stays as it is and the input takes the weights themselves.

    Raises:
        UsageError: When its loss cannot be weighted so (GN751).
    """
    kind, output = loss_of(plain), plain["outputs"][0]
    layers = dict(plain["layers"])
    if kind == "CrossEntropyLoss":
        layers[f"{WEIGHTED}_log"] = {"type": "LogSoftmax", "inputs": output}
        output, kind, power = f"{WEIGHTED}_log", "NLLLoss", 0.0
    elif kind in ("NLLLoss", "L1Loss", "MSELoss"):
        power = {"NLLLoss": 0.0, "L1Loss": 1.0, "MSELoss": 0.5}[kind]
    else:
        raise UsageError(
            "GN751",
            f"samples cannot be weighted for {kind}",
            help="use CrossEntropyLoss, NLLLoss, MSELoss or L1Loss, or train without weights",
        )
    inputs = [output, WEIGHT]
    layers[WEIGHTED] = {"type": "Mul", "inputs": inputs, "broadcast": True}
    loss = {**plain["loss"], "type": kind, "input": WEIGHTED}
    # Weights stretch over all else a sample's output has.
    return {
        **plain,
        "inputs": {**plain["inputs"], WEIGHT: {"shape": [1]}},
        "layers": layers,
        "loss": loss,
    }, power
