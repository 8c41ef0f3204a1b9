"""Metrics: what else is measured, and whether the spec has what each of them looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphnet.declare import KindError, spoken
from graphnet.errors import Position
from graphnet.recipe import Training
from graphnet.spec.fields import Place, wrong_value
from graphnet.spec.model import LossSpec, TensorSpec
from graphnet.spec.nodes import ListNode, Node, is_nothing, plain_of
from graphnet.spec.problems import Problems
from graphnet.spec.typed import parse_typed

if TYPE_CHECKING:
    from graphnet.metrics import Decision, Metric


def read_metrics(
    node: Node, problems: Problems, positions: dict[str, Position]
) -> tuple[Metric, ...]:
    """Return the metrics: a name, or a list of names and mappings with `type`."""
    # Only specs with metrics wait for them.
    from graphnet.metrics import METRICS  # noqa: PLC0415 - see above

    items = node.items if isinstance(node, ListNode) else (node,)
    found: dict[str, Metric] = {}
    for index, item in enumerate(items):
        place = Place(f"metric {index + 1}", "a metric", f"metrics.{index}.", positions)
        if is_nothing(item):
            error = KindError(f"expected a metric, found {spoken(plain_of(item))}")
            wrong_value(item, error, problems, Place("the spec", "the spec"), "metrics")
            continue
        metric = parse_typed(item, METRICS, problems, place)
        if metric is None:
            continue
        if metric.key in found or metric.key == "loss":
            problems.add(
                "GN109",
                f"metric {metric.key!r} stands twice",
                item.position,
                label="already a metric" if metric.key in found else "the loss is called so",
                help="remove one of the two, or give it another name by `called`",
            )
            continue
        positions.setdefault(f"metrics.{index}", item.position)
        found[metric.key] = metric
    return tuple(found.values())


def check_metrics(
    metrics: Sequence[Metric],
    ends: Mapping[str, Sequence[str]],
    losses: Sequence[LossSpec],
    targets: Sequence[TensorSpec],
    problems: Problems,
    positions: Mapping[str, Position],
) -> None:
    """Refuse metrics of what is not there (GN116), or that do not fit what the losses imply (GN125).

    Args:
        metrics: The spec's.
        ends: Names of `output`s and `target`s.
        losses: The spec's.
        targets: The spec's.
        problems: Takes what is wrong.
        positions: Where values were written.
    """
    for index, metric in enumerate(metrics):
        whole = positions.get(f"metrics.{index}.type")
        names = {"output": metric.output, "target": metric.target}
        missing = [what for what, name in names.items() if name and name not in ends[what]]
        for what in missing:
            problems.add(
                "GN116",
                f"unknown {what} {names[what]!r} in metric {metric.key!r}",
                positions.get(f"metrics.{index}.{what}", whole),
                label=f"no such {what}",
                help=problems.nearest(str(names[what]), ends[what]),
                notes=[f"{what}s: {', '.join(ends[what])}"],
            )
        if not missing and losses and metric.needs_classes:
            _check_classes(metric, losses, targets, problems, whole)


def _check_classes(
    metric: Metric,
    losses: Sequence[LossSpec],
    targets: Sequence[TensorSpec],
    problems: Problems,
    where: Position | None,
) -> None:
    terms = [term for term in losses if metric.output in (None, *term.inputs)]
    term = terms[0] if terms else None
    if term is not None and term.loss.decision != "none":
        decision = _decision(term, targets)
        misfit = metric.misfit(decision) if decision else ""
        if misfit:
            problems.add("GN125", f"{metric.name()} {misfit}", where, label="does not fit the loss")
        return
    of = f"{term.loss.name()} implies none" if term else f"no loss judges {metric.output!r}"
    problems.add(
        "GN125",
        f"{metric.name()} needs class decisions, {of}",
        where,
        label="compares classes",
        help="use mse, mae, rmse or r2, or a class loss such as CrossEntropyLoss",
    )


def _decision(term: LossSpec, targets: Sequence[TensorSpec]) -> Decision | None:
    """Return how a loss reads its output, as far as its target tells, or None."""
    from graphnet.metrics import Decision  # noqa: PLC0415 - as above

    target = next((t for t in targets if t.name in term.targets), None)
    if target is None:
        return None
    if term.loss.decision == "argmax":
        return None if target.classes is None else Decision("argmax", target.classes)
    sizes = target.type.shape[1:]
    labels = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], int) else 1
    return Decision(term.loss.decision, labels if labels > 1 else None)


def check_threshold(
    training: Training,
    losses: Sequence[LossSpec],
    targets: Sequence[TensorSpec],
    problems: Problems,
    positions: Mapping[str, Position],
) -> None:
    """Refuse a threshold where the first loss does not answer one question by yes or no (GN125)."""
    if training.threshold is None or not losses:
        return
    decision = _decision(losses[0], targets) if losses[0].loss.decision != "none" else None
    if losses[0].loss.decision in ("logit", "probability") and (
        decision is None or decision.labels == 1
    ):
        return
    problems.add(
        "GN125",
        "a threshold is for one answer of yes or no",
        positions.get("training.threshold"),
        label=f"{losses[0].loss.name()} gives none" if not decision else "there are several",
        help="remove it, or use BCEWithLogitsLoss with one number a sample",
    )
