"""Metrics: what else is measured, and whether the spec has what each of them looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphnet.declare import KindError, spoken
from graphnet.errors import Position
from graphnet.spec.fields import Place, wrong_value
from graphnet.spec.model import LossSpec
from graphnet.spec.nodes import ListNode, Node, is_nothing, plain_of
from graphnet.spec.problems import Problems
from graphnet.spec.typed import parse_typed

if TYPE_CHECKING:
    from graphnet.metrics import Metric


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
    problems: Problems,
    positions: Mapping[str, Position],
) -> None:
    """Refuse metrics of what is not there (GN116), or of classes that no loss implies (GN125).

    Args:
        metrics: The spec's.
        ends: Names of `output`s and `target`s.
        losses: The spec's.
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
            _check_classes(metric, losses, problems, whole)


def _check_classes(
    metric: Metric, losses: Sequence[LossSpec], problems: Problems, where: Position | None
) -> None:
    terms = [term for term in losses if metric.output in (None, *term.inputs)]
    term = terms[0] if terms else None
    if term is not None and term.loss.decision != "none":
        return
    of = f"{term.loss.name()} implies none" if term else f"no loss judges {metric.output!r}"
    problems.add(
        "GN125",
        f"{metric.name()} needs class decisions, {of}",
        where,
        label="compares classes",
        help="use mse, mae, rmse or r2, or a class loss such as CrossEntropyLoss",
    )
