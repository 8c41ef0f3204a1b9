"""What is allowed but hardly meant."""

from __future__ import annotations

import networkx as nx

from graphnet.errors import listed
from graphnet.graph.build import split_reference
from graphnet.spec import Spec


def find_warnings(graph: nx.MultiDiGraph[str], spec: Spec) -> tuple[str, ...]:
    """Return one sentence for each oddity of the network."""
    return (*_idle_layers(graph, spec), *_idle_inputs(graph), *_frozen_whole(spec))


def _idle_layers(graph: nx.MultiDiGraph[str], spec: Spec) -> list[str]:
    ends = [f"loss:{loss.name}" for loss in spec.losses]
    ends += [split_reference(graph, reference)[0] for reference in spec.outputs]
    useful = set(ends)
    for end in ends:
        useful |= nx.ancestors(graph, end)
    idle = [layer.name for layer in spec.layers if layer.name not in useful]
    if not idle:
        return []
    if len(idle) == 1:
        return [f"layer {idle[0]} leads to no output and no loss, and is left out"]
    return [f"layers {listed(idle)} lead to no output and no loss, and are left out"]


def _idle_inputs(graph: nx.MultiDiGraph[str]) -> list[str]:
    idle = [
        name
        for name, node in graph.nodes(data=True)
        if node["kind"] in ("input", "target") and graph.out_degree(name) == 0
    ]
    return [f"nothing reads {listed(idle)}"] if idle else []


def _frozen_whole(spec: Spec) -> list[str]:
    if spec.losses and spec.layers and not any(layer.trainable for layer in spec.layers):
        return ["every layer is frozen: there is nothing to train"]
    return []
