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
from graphnet.recipe import SAMPLE_WEIGHT


@dataclass(frozen=True)
class Judged:
    """What a metric looks at.

    Attributes:
        output: Name of the output.
        target: Name of the target.
        decision: How classes are read off the output.
        weight: Name of the target or input that says how much each sample counts, if there is one.
    """

    output: str
    target: str
    decision: Decision
    weight: str = SAMPLE_WEIGHT


@dataclass(frozen=True)
class _Judge:
    """The loss that judges an output: what it compares it with, and what weighs its samples."""

    loss: Loss
    target: str | None
    weight: str


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
    target = metric.target or (term.target if term else judgement.target)
    known = {"output": program.outputs, "target": [port.name for port in program.targets]}
    if target is None:
        raise UsageError(
            "GN731",
            f"{metric.key}: the loss compares with no target, so there is none to judge by",
            help="give the metric a target, or remove it",
        )
    for what, name in (("output", output), ("target", target)):
        if name not in known[what]:
            raise UsageError("GN731", f"{metric.key}: the network has no {what} {name!r}")
    decision = _decision(program, output, target, term.loss if term else None)
    threshold = (thresholds or {}).get(output)
    if threshold is not None:
        decision = replace(decision, threshold=threshold)
    return Judged(output, target, decision, term.weight if term else SAMPLE_WEIGHT)


def fixed_thresholds(program: Program) -> dict[str, float]:
    """Return the thresholds that the spec gives as numbers, by output."""
    wanted = (program.spec.get("training") or {}).get("threshold")
    if not isinstance(wanted, (int, float)) or program.judgement is None:
        return {}
    return {program.judgement.output: float(wanted)}


def _term(program: Program, judgement: Judgement, output: str, target: str | None) -> _Judge | None:
    """Return the loss that judges an output."""
    plain = program.spec.get("loss") or {}
    terms = [plain] if "type" in plain and isinstance(plain["type"], str) else plain.values()
    try:
        for term in terms:
            given = {**term}
            kind, weight = given.pop("type"), given.pop("sample_weight", None)
            read, wanted = _as_list(given.pop("input")), _as_list(given.pop("target"))
            given.pop("scale", None)
            first = wanted[0] if wanted else None
            # The first loss may judge a layer that is no output; then the first output stands for it.
            judges = output in read or (output == judgement.output and first == judgement.target)
            if judges and target in (None, *wanted):
                return _Judge(LOSSES[kind].from_plain(given), first, weight or SAMPLE_WEIGHT)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _not_runnable(program, error) from error
    return None


def _as_list(names: str | list[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else names or []


def _decision(program: Program, output: str, target: str, loss: Loss | None) -> Decision:
    kind = _type_of(program, output)
    wanted = next(port.type for port in program.targets if port.name == target)
    decision = loss.decides([kind], [wanted]) if loss else "none"
    if loss is None or decision == "none":
        return Decision("none")
    if decision == "argmax":
        axis = loss.class_axis(kind)
        classes = kind.shape[axis]
        ignored = getattr(loss, "ignore_index", None)
        return Decision(
            "argmax", classes if isinstance(classes, int) else None, axis, ignore=ignored
        )
    labels = kind.shape[1] if kind.rank == 2 and isinstance(kind.shape[1], int) else 1
    return Decision(decision, labels if labels > 1 else None)


def _type_of(program: Program, output: str) -> TensorType:
    listing = program.routines["evaluate"].listing
    return listing.buffers[listing.outputs[program.outputs.index(output)]].type


def _not_runnable(program: Program, error: Exception) -> ArtifactError:
    return ArtifactError(
        "GN404",
        f"{program.name!r} is not a program that can run: {error}",
        help="compile the spec again",
    )
