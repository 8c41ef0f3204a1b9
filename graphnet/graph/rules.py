"""Check the rules on parameters: regularizers and constraints find what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

import networkx as nx

from graphnet.errors import GraphError, GraphNetError, listed, nearest, raise_all
from graphnet.graph.build import split_reference
from graphnet.layers import Parameter
from graphnet.spec import Spec


def check_rules(
    spec: Spec,
    graph: nx.MultiDiGraph[str],
    parameters: Mapping[str, Mapping[str, Parameter]],
) -> None:
    """Refuse patterns that match no parameter (GN208), and what cannot be constrained or kept small (GN210).

    Raises:
        GraphError: Every rule that does not fit.
    """
    known = {
        f"{layer}.{name}": parameter
        for layer, own in parameters.items()
        for name, parameter in own.items()
        if parameter.trained
    }
    problems: list[GraphNetError] = []
    patterns = [(f"constraints.{i}", rule.match) for i, rule in enumerate(spec.constraints)]
    patterns += [
        (f"regularizers.{i}", rule.match)
        for i, rule in enumerate(spec.regularizers)
        if rule.match is not None
    ]
    for path, pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            problems.append(_idle(spec, path, pattern, list(known)))
    for index, constraint in enumerate(spec.constraints):
        for name, parameter in known.items():
            misfit = constraint.misfit(parameter.type.rank)
            if misfit and fnmatchcase(name, constraint.match):
                where = spec.positions.get(f"constraints.{index}")
                problems.append(
                    GraphError("GN210", f"{name} cannot be constrained: {misfit}", where=where)
                )
    for index, regularizer in enumerate(spec.regularizers):
        if regularizer.output is None:
            continue
        name, result = split_reference(graph, regularizer.output)
        node = graph.nodes[name]
        place = node["spec"].layer.results.index(result) if result else 0
        if not node["types"][place].is_float:
            where = spec.positions.get(f"regularizers.{index}")
            message = f"{regularizer.output!r} holds whole numbers, which cannot be kept small"
            problems.append(GraphError("GN210", message, where=where))
    raise_all(problems)


def _idle(spec: Spec, path: str, pattern: str, names: list[str]) -> GraphError:
    return GraphError(
        "GN208",
        f"no parameter is called {pattern!r}",
        where=spec.positions.get(f"{path}.match"),
        label="matches nothing",
        help=nearest(pattern, names),
        notes=[f"parameters: {listed(names) or 'none'}"],
    )
