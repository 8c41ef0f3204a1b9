"""Build the layer DAG: a networkx graph of inputs, layers, targets and losses."""

from __future__ import annotations

from collections import deque

import networkx as nx

from graphnet.errors import GraphError, GraphNetError, Position, raise_all
from graphnet.ir import TensorType
from graphnet.spec import LayerSpec, LossSpec, Spec, TensorSpec


def split_reference(graph: nx.MultiDiGraph[str], reference: str) -> tuple[str, str | None]:
    """Return the node and the result a reference `name` or `name.result` means."""
    if reference in graph:
        return reference, None
    name, _, result = reference.rpartition(".")
    return name, result


def type_of(graph: nx.MultiDiGraph[str], reference: str) -> TensorType | None:
    """Return the type of what a reference means, or None where it is not inferred."""
    name, result = split_reference(graph, reference)
    node = graph.nodes[name]
    if "types" not in node:
        return None
    index = node["spec"].layer.results.index(result) if result is not None else 0
    kind: TensorType = node["types"][index]
    return kind


def build_graph(spec: Spec) -> nx.MultiDiGraph[str]:
    """Return the layer DAG of a spec.

    Nodes are named as in the spec (losses `loss:NAME`) and carry `kind` (`input`, `target`, `layer` or
    `loss`) and `spec`, their declaration. Every edge carries `position`, the operand it feeds, and
    `result`, the result it takes (None for the first).

    Raises:
        GraphError: When layers depend on each other in a circle.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=spec.name)
    for tensor in spec.inputs:
        graph.add_node(tensor.name, kind="input", spec=tensor)
    for tensor in spec.targets:
        graph.add_node(tensor.name, kind="target", spec=tensor)
    for layer in spec.layers:
        graph.add_node(layer.name, kind="layer", spec=layer)
    for layer in spec.layers:
        _connect(graph, layer.name, layer.inputs)
    _refuse_cycles(graph)
    for loss in spec.losses:
        graph.add_node(f"loss:{loss.name}", kind="loss", spec=loss)
        _connect(graph, f"loss:{loss.name}", loss.reads)
    return graph


def _connect(graph: nx.MultiDiGraph[str], name: str, references: tuple[str, ...]) -> None:
    for position, reference in enumerate(references):
        source, result = split_reference(graph, reference)
        graph.add_edge(source, name, position=position, result=result)


def _refuse_cycles(graph: nx.MultiDiGraph[str]) -> None:
    """Report the shortest circle of each group of layers that depend on each other."""
    problems: list[GraphNetError] = []
    for group in nx.strongly_connected_components(graph):
        names = sorted(group)
        if len(names) > 1 or graph.has_edge(names[0], names[0]):
            problems.append(_cycle_error(graph, _shortest_cycle(graph.subgraph(group), names)))
    raise_all(problems)


_CYCLE_SEARCHES = 200
"""Starting points tried for the shortest circle; enough for any group a person would write."""


def _shortest_cycle(group: nx.MultiDiGraph[str], names: list[str]) -> list[str]:
    best: list[str] = []
    for start in names[:_CYCLE_SEARCHES]:
        found = _cycle_through(group, start)
        if not best or len(found) < len(best):
            best = found
    return best


def _cycle_through(group: nx.MultiDiGraph[str], start: str) -> list[str]:
    """Return the shortest path from `start` back to itself, by breadth-first search."""
    came_from: dict[str, str] = {}
    pending = deque([start])
    while pending:
        node = pending.popleft()
        for follower in sorted(group.successors(node)):
            if follower == start:
                path = [node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            if follower not in came_from:
                came_from[follower] = node
                pending.append(follower)
    return [start]


def _cycle_error(graph: nx.MultiDiGraph[str], cycle: list[str]) -> GraphError:
    first: LayerSpec = graph.nodes[cycle[0]]["spec"]
    lines = [_line_of(graph.nodes[name]["spec"]) for name in cycle]
    shown = cycle if len(cycle) <= 12 else [*cycle[:6], "...", *cycle[-5:]]
    known = [f"{name} on line {line}" for name, line in zip(cycle, lines, strict=True) if line]
    return GraphError(
        "GN201",
        f"layers read each other in a circle: {' -> '.join([*shown, cycle[0]])}",
        where=_place(first),
        label="part of the circle",
        help="let one of them read an earlier layer",
        notes=[", ".join(known[:12])] if known else [],
    )


def _line_of(spec: LayerSpec | TensorSpec | LossSpec) -> int | None:
    return spec.where.line if spec.where else None


def _place(layer: LayerSpec) -> Position | None:
    return layer.positions.get("inputs", layer.where)
