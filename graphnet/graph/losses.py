"""Check every loss against what it reads, and learn what the whole numbers of targets may be."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from graphnet.errors import GraphError, GraphNetError, listed, raise_all
from graphnet.graph.build import split_reference
from graphnet.graph.places import changes_of, place_of_loss
from graphnet.ir import Batch, TensorType, shape_text
from graphnet.losses import Limit, LossError
from graphnet.ops import OPS, Emitter, OpError
from graphnet.spec import LossSpec, Spec


def infer_losses(
    graph: nx.MultiDiGraph[str], spec: Spec, limits: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Check every loss.

    Args:
        graph: Nodes carry `types`.
        spec: The declaration.
        limits: What the whole numbers of inputs must stay below.

    Returns:
        The limits with those of targets, and the number beside them that each target may hold to be ignored.

    Raises:
        GraphError: Every loss that does not fit.
    """
    problems: list[GraphNetError] = []
    found = dict(limits)
    ignored: dict[str, int | None] = {}
    for loss in spec.losses:
        inputs = [_type_of(graph, reference) for reference in loss.inputs]
        targets = [_type_of(graph, name) for name in loss.targets]
        try:
            loss.loss.check(inputs, targets)
            _check_weight(graph, loss)
            _emit(graph, loss)
        except (LossError, OpError) as error:
            problems.append(_misfit(loss, error, spec))
            continue
        for place, limit in loss.loss.limits(inputs, targets).items():
            problems += _limit(graph, loss, loss.targets[place], limit, found)
            problems += _ignore(loss, loss.targets[place], limit, ignored)
    raise_all(problems)
    return found, {name: number for name, number in ignored.items() if number is not None}


def _type_of(graph: nx.MultiDiGraph[str], reference: str) -> TensorType:
    name, result = split_reference(graph, reference)
    node = graph.nodes[name]
    kind: TensorType = node["types"][node["spec"].layer.results.index(result) if result else 0]
    return kind


def _check_weight(graph: nx.MultiDiGraph[str], loss: LossSpec) -> None:
    """Refuse weights of samples that are not one number for each.

    Raises:
        LossError: With the shape.
    """
    if loss.sample_weight is None:
        return
    kind, dtype = _type_of(graph, loss.sample_weight), _type_of(graph, loss.inputs[0]).dtype
    if kind.shape != (Batch(),) or kind.dtype != dtype:
        raise LossError(
            f"sample_weight {loss.sample_weight!r} is {kind.dtype}{shape_text(kind.shape)}, not one "
            f"number for each sample, {dtype}[N]",
            f"declare it as {loss.sample_weight}: {{shape: []}}",
        )


def _emit(graph: nx.MultiDiGraph[str], loss: LossSpec) -> None:
    """Emit a loss into a list that is thrown away, as layers are.

    Raises:
        LossError: When it gives no loss per sample that weights could count.
    """
    e = Emitter(OPS)
    reads = [e.declare(f"{i}", _type_of(graph, name), "input") for i, name in enumerate(loss.reads)]
    ends = len(loss.inputs), len(loss.inputs) + len(loss.targets)
    inputs, targets, weight = reads[: ends[0]], reads[ends[0] : ends[1]], reads[ends[1] :]
    made = loss.loss.elements(e, inputs, targets)
    if weight and made.values.shape[:1] != (Batch(),):
        raise LossError(
            f"sample_weight needs a loss for each sample, these are {shape_text(made.values.shape)}"
        )
    loss.loss.emit(e, inputs, targets, weight[0] if weight else None)


def _misfit(loss: LossSpec, error: LossError | OpError, spec: Spec) -> GraphError:
    compared = f"it compares {listed(loss.inputs)} with {listed(loss.targets)}"
    told = compared if loss.targets else f"it reads {listed(loss.inputs)}"
    message = getattr(error, "message", str(error))
    where = place_of_loss(loss, message)
    return GraphError(
        "GN206",
        f"{loss.loss.name()} does not fit: {message}",
        where=where,
        help=getattr(error, "help", ""),
        notes=[told, changes_of(spec, where)],
    )


def _limit(
    graph: nx.MultiDiGraph[str], loss: LossSpec, target: str, limit: Limit, limits: dict[str, int]
) -> list[GraphNetError]:
    """Keep the least limit of a target; refuse one declared with another number of classes."""
    declared = graph.nodes[target]["spec"].classes
    if declared is not None and declared != limit.below:
        return [
            GraphError(
                "GN207",
                f"target {target!r} has {declared} classes, but {loss.inputs[0]!r} gives scores for "
                f"{limit.below}",
                where=graph.nodes[target]["spec"].where,
                help="let the last layer have one output per class",
            )
        ]
    limits[target] = min(limit.below, limits.get(target, limit.below))
    return []


def _ignore(
    loss: LossSpec, target: str, limit: Limit, ignored: dict[str, int | None]
) -> list[GraphNetError]:
    """Refuse a target whose numbers mean a class to one loss and nothing to another."""
    other = ignored.setdefault(target, limit.ignore)
    if other == limit.ignore:
        return []
    return [
        GraphError(
            "GN206",
            f"{loss.loss.name()} does not fit: its ignore_index is {_said(limit.ignore)}, that of another "
            f"loss of target {target!r} is {_said(other)}",
            where=loss.where,
            help="give both the same ignore_index",
        )
    ]


def _said(ignore: int | None) -> str:
    return "not set" if ignore is None else str(ignore)
