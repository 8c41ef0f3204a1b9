"""Indices: whole numbers that select are kept below the number of what there is to select from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import networkx as nx

from graphnet.errors import GraphError, GraphNetError
from graphnet.graph.build import split_reference, type_of
from graphnet.graph.places import place_of
from graphnet.ir import TensorType, shape_text
from graphnet.spec import LayerSpec


def limit_indices(
    graph: nx.MultiDiGraph[str],
    layer: LayerSpec,
    inputs: Sequence[TensorType],
    limits: dict[str, int],
) -> list[GraphNetError]:
    """Remember below which number inputs of whole numbers must stay.

    Returns:
        A problem for each layer whose own whole numbers (positions of a pooling) may be too large.
    """
    count = layer.layer.index_limit(inputs)
    if count is None:
        return []
    problems: list[GraphNetError] = []
    for name in _sources(graph, layer):
        node = graph.nodes[name]
        if node["kind"] == "input":
            limits[name] = min(count, limits.get(name, count))
            continue
        bound = _bound(graph, name)
        if bound is not None and bound > count:
            problems.append(_beyond(graph, layer, name, (bound, count)))
    return problems


def _sources(graph: nx.MultiDiGraph[str], layer: LayerSpec) -> Iterator[str]:
    """Find the inputs and layers that a layer's whole numbers come from, through layers that move them."""
    pending = list(layer.inputs)
    seen = set(pending)
    while pending:
        reference = pending.pop()
        kind = type_of(graph, reference)
        if kind is None or kind.is_float:
            continue
        name, _ = split_reference(graph, reference)
        node = graph.nodes[name]
        if node["kind"] == "input" or _bound(graph, name) is not None:
            yield name
            continue
        read = node["spec"].inputs[node["spec"].layer.moves]
        pending += [other for other in read if other not in seen]
        seen.update(read)


def _bound(graph: nx.MultiDiGraph[str], name: str) -> int | None:
    spec: LayerSpec = graph.nodes[name]["spec"]
    types = [kind for source in spec.inputs if (kind := type_of(graph, source)) is not None]
    bound: int | None = spec.layer.index_bound(types)
    return bound


def _beyond(
    graph: nx.MultiDiGraph[str], layer: LayerSpec, name: str, counts: tuple[int, int]
) -> GraphError:
    bound, count = counts
    maker: LayerSpec = graph.nodes[name]["spec"]
    read = ", ".join(
        shape_text(k.shape) for s in maker.inputs if (k := type_of(graph, s)) is not None
    )
    return GraphError(
        "GN202",
        f"layer {layer.name!r} ({layer.layer.name()}): takes whole numbers from 0 to {count - 1}, those of "
        f"{name!r} go up to {bound - 1}",
        where=place_of(layer, ""),
        help="give it as much to select from as there are numbers",
        notes=[f"{name} ({maker.layer.name()}) gives positions in {read}"],
    )
