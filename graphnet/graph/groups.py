"""Groups: which parameters are updated together, with the same optimizer and the same settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import networkx as nx

from graphnet.errors import GraphError, GraphNetError, listed, nearest, raise_all
from graphnet.graph.flow import reached_parameters
from graphnet.graph.order import natural_key
from graphnet.layers import Parameter
from graphnet.optimizers import Descent, group_optimizer
from graphnet.spec import LayerSpec, Spec


@dataclass(frozen=True)
class UpdateGroup:
    """Parameters with the same settings.

    Attributes:
        optimizer: What updates them.
        names: `layer.parameter` of each.
    """

    optimizer: Descent
    names: frozenset[str]


def group_parameters(
    spec: Spec,
    graph: nx.MultiDiGraph[str],
    parameters: Mapping[str, Mapping[str, Parameter]],
) -> tuple[UpdateGroup, ...]:
    """Sort the trainable parameters that the loss depends on into groups.

    Those that no pattern matches come first, then those of each pattern, in the order of the spec; a
    parameter is in the group of the first pattern that matches. Others are in no group: PyTorch leaves alone
    what has no gradient, weight decay included.

    Raises:
        GraphError: When a pattern matches no parameter (GN208).
    """
    if spec.optimizer is None:
        return ()
    names = [f"{layer}.{own}" for layer, found in parameters.items() for own, p in found.items()
             if p.trained]  # fmt: skip
    _refuse_idle_patterns(spec, names)
    reached = reached_parameters(graph)
    sorted_in: dict[int, dict[Descent, list[str]]] = {}
    for layer, own, parameter in _trainable(graph, parameters):
        if (layer.name, own) not in reached:
            continue
        name = f"{layer.name}.{own}"
        index, optimizer = _rule(spec, name, layer, own, parameter)
        sorted_in.setdefault(index, {}).setdefault(optimizer, []).append(name)
    merged: dict[Descent, set[str]] = {}
    for index in sorted(sorted_in):
        for optimizer, members in sorted_in[index].items():
            merged.setdefault(optimizer, set()).update(members)
    return tuple(UpdateGroup(optimizer, frozenset(found)) for optimizer, found in merged.items())


def _trainable(
    graph: nx.MultiDiGraph[str], parameters: Mapping[str, Mapping[str, Parameter]]
) -> Iterator[tuple[LayerSpec, str, Parameter]]:
    for name in sorted(parameters, key=natural_key):
        layer: LayerSpec = graph.nodes[name]["spec"]
        for own, parameter in parameters[name].items():
            if parameter.trained and layer.trainable:
                yield layer, own, parameter


def _rule(
    spec: Spec, name: str, layer: LayerSpec, own: str, parameter: Parameter
) -> tuple[int, Descent]:
    """Return the number of a parameter's pattern, 0 for none, and what updates it."""
    if spec.optimizer is None:
        raise ValueError("a spec without an optimizer has no groups")
    optimizer, index, decay_given = spec.optimizer.core, 0, False
    for number, group in enumerate(spec.tuning.groups, start=1):
        if fnmatchcase(name, group["match"]):
            optimizer, index = group_optimizer(optimizer, group), number
            decay_given = "weight_decay" in group
            break
    if optimizer.matrices_only and parameter.type.rank != 2:
        optimizer = optimizer.stand_in()
    skipped = _kinds(layer, own) & set(spec.tuning.decay_skip)
    if skipped and not decay_given and "weight_decay" in optimizer.settings():
        optimizer = replace(optimizer, weight_decay=0.0)  # type: ignore[call-arg]
    return index, optimizer


def _kinds(layer: LayerSpec, own: str) -> set[str]:
    """Return what of `decay_skip` a parameter is: a bias by its name, a norm by its layer's type."""
    found = {"bias"} if "bias" in own else set()
    return found | ({"norm"} if "Norm" in layer.layer.name() else set())


def _refuse_idle_patterns(spec: Spec, names: list[str]) -> None:
    problems: list[GraphNetError] = []
    for index, group in enumerate(spec.tuning.groups):
        pattern = group["match"]
        if any(fnmatchcase(name, pattern) for name in names):
            continue
        where = spec.positions.get(f"optimizer.groups.{index}.match")
        problems.append(
            GraphError(
                "GN208",
                f"no parameter matches {pattern!r}",
                where=where,
                label="matches nothing",
                help=nearest(pattern, names)
                or "write a name with * for any part, such as '*.bias'",
                notes=[f"parameters: {listed(names, 12)}"],
            )
        )
    raise_all(problems)
