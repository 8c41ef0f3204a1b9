"""Judging: which output each metric looks at, what it is compared with, and how classes are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphnet.errors import ArtifactError, UsageError
from graphnet.ir import TensorType
from graphnet.losses import LOSSES, Loss
from graphnet.metrics import METRICS, Decision, Metric
from graphnet.program import Judgement, Program

SAMPLE_WEIGHT = "sample_weight"
"""Name of the target that says how much each sample counts."""


@dataclass(frozen=True)
class Judged:
    """What a metric looks at.

    Attributes:
        output: Name of the output.
        target: Name of the target.
        decision: How classes are read off the output.
    """

    output: str
    target: str
    decision: Decision


def metrics_of(program: Program) -> dict[str, Metric]:
    """Return the metrics a Program's spec names, by their names in results.

    Raises:
        ArtifactError: When its spec names what is none, as only an edited one can (GN404).
    """
    try:
        found = [_metric(entry) for entry in program.spec.get("metrics") or []]
    except (LookupError, TypeError, ValueError) as error:
        raise _not_runnable(program, error) from error
    return {metric.key: metric for metric in found}


def _metric(entry: Any) -> Metric:
    plain = {"type": entry} if isinstance(entry, str) else dict(entry)
    return METRICS[plain.pop("type")].from_plain(plain)


def judged_by(
    program: Program, metric: Metric, thresholds: Mapping[str, float] | None = None
) -> Judged:
    """Return what a metric looks at: its own output and target, or else those of the loss.

    Args:
        program: Its losses say how classes are read.
        metric: What is to be computed.
        thresholds: Probability above which an output says yes, by output.

    Raises:
        UsageError: When the Program has no loss to judge by (GN713), or not the output or target that
            the metric names (GN731).
    """
    judgement = program.judgement
    if judgement is None:
        raise UsageError(
            "GN713",
            f"{program.name!r} has no loss to be judged by",
            help="give the spec a loss and targets",
        )
    output = metric.output or judgement.output
    term = _term(program, judgement, output, metric.target)
    target = metric.target or (term[1] if term else judgement.target)
    known = {"output": program.outputs, "target": [port.name for port in program.targets]}
    for what, name in (("output", output), ("target", target)):
        if name not in known[what]:
            raise UsageError("GN731", f"{metric.key}: the network has no {what} {name!r}")
    decision = _decision(program, output, term[0] if term else None)
    threshold = (thresholds or {}).get(output)
    return Judged(
        output, target, decision if threshold is None else replace(decision, threshold=threshold)
    )


def _term(
    program: Program, judgement: Judgement, output: str, target: str | None
) -> tuple[Loss, str] | None:
    """Return the loss that judges an output, and its target."""
    plain = program.spec.get("loss") or {}
    terms = [plain] if "type" in plain and isinstance(plain["type"], str) else plain.values()
    try:
        for term in terms:
            given = {**term}
            kind, read, wanted = given.pop("type"), given.pop("input"), given.pop("target")
            given.pop("scale", None)
            # The first loss may judge a layer that is no output; then the first output stands for it.
            judges = read == output or (output == judgement.output and wanted == judgement.target)
            if judges and target in (None, wanted):
                return LOSSES[kind].from_plain(given), wanted
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _not_runnable(program, error) from error
    return None


def _decision(program: Program, output: str, loss: Loss | None) -> Decision:
    if loss is None or loss.decision == "none":
        return Decision("none")
    kind = _type_of(program, output)
    if loss.decision == "argmax":
        axis = loss.class_axis(kind)
        classes = kind.shape[axis]
        ignored = getattr(loss, "ignore_index", None)
        return Decision(
            "argmax", classes if isinstance(classes, int) else None, axis, ignore=ignored
        )
    labels = kind.shape[1] if kind.rank == 2 and isinstance(kind.shape[1], int) else 1
    return Decision(loss.decision, labels if labels > 1 else None)


def _type_of(program: Program, output: str) -> TensorType:
    listing = program.routines["evaluate"].listing
    return listing.buffers[listing.outputs[program.outputs.index(output)]].type


def _not_runnable(program: Program, error: Exception) -> ArtifactError:
    return ArtifactError(
        "GN404",
        f"{program.name!r} is not a program that can run: {error}",
        help="compile the spec again",
    )
