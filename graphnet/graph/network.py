"""Network: the checked layer DAG with every shape and parameter known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx

from graphnet.errors import Position
from graphnet.graph.build import build_graph, split_reference
from graphnet.graph.groups import UpdateGroup, group_parameters
from graphnet.graph.losses import infer_losses
from graphnet.graph.order import topological_order
from graphnet.graph.rules import check_rules
from graphnet.graph.shapes import infer_shapes
from graphnet.graph.warnings import find_warnings
from graphnet.ir import TensorType
from graphnet.layers import Parameter
from graphnet.spec import LayerSpec, Spec


@dataclass(frozen=True)
class Network:
    """What lowering starts from.

    Attributes:
        spec: The declaration.
        graph: The layer DAG; nodes carry `kind`, `spec` and, for inputs and layers, `types`, the types of
            their results; layers also `flow`, what gradients of these go back to.
        order: Names of the layers in the order of their computation.
        parameters: Layer name to its own parameters by name; layers that share have none.
        limits: Input or target name to the number its whole numbers must stay below.
        ignored: Target name to the whole number that it may hold beside those, to be ignored.
        groups: Parameters that are updated together, with what updates them.
        warnings: What is allowed but hardly meant, one sentence each.
    """

    spec: Spec
    graph: nx.MultiDiGraph[str]
    order: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Parameter]]
    limits: Mapping[str, int]
    ignored: Mapping[str, int]
    groups: tuple[UpdateGroup, ...]
    warnings: tuple[str, ...]

    def layer(self, name: str) -> LayerSpec:
        """Return the declaration of a layer."""
        spec: LayerSpec = self.graph.nodes[name]["spec"]
        return spec

    def resolve(self, reference: str) -> tuple[str, int]:
        """Return node and result index that a reference means."""
        name, result = split_reference(self.graph, reference)
        if result is None:
            return name, 0
        return name, self.layer(name).layer.results.index(result)

    def type_of(self, reference: str) -> TensorType:
        """Return the type of what a reference means."""
        name, index = self.resolve(reference)
        kind: TensorType = self.graph.nodes[name]["types"][index]
        return kind

    def place_of_first_values(self, layer: str, name: str) -> Position | None:
        """Return where a spec says how a parameter of a layer, `LAYER.NAME`, starts."""
        declared, own = self.layer(layer), name.removeprefix(f"{layer}.")
        called = self.parameters[layer][own].called
        places = [declared.positions.get(f"init.{one}") for one in (own, called)]
        return next(filter(None, places), declared.where)


def _layers(graph: nx.MultiDiGraph[str], order: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in order if graph.nodes[name]["kind"] == "layer")


def _one_after_the_other(
    spec: Spec, parameters: Mapping[str, Mapping[str, Parameter]]
) -> list[list[str]]:
    """Return the layers that change the same statistics, in the order in which the spec calls them."""
    sharing: dict[str, list[str]] = {}
    for layer in spec.layers:
        sharing.setdefault(layer.share or layer.name, []).append(layer.name)
    return [
        names
        for owner, names in sharing.items()
        if len(names) > 1 and not all(one.trained for one in parameters[owner].values())
    ]


def build_network(spec: Spec) -> Network:
    """Build, order and check the network of a spec.

    Raises:
        GraphError: For circles, shapes that do not fit, and unknown parameter names, all at once.
    """
    graph = build_graph(spec)
    layers = _layers(graph, topological_order(graph))
    parameters, limits = infer_shapes(graph, layers, spec)
    if lists := _one_after_the_other(spec, parameters):
        layers = _layers(graph, topological_order(graph, lists))
    limits, ignored = infer_losses(graph, spec, limits)
    warnings = find_warnings(graph, spec)
    check_rules(spec, graph, parameters)
    groups = group_parameters(spec, graph, parameters)
    return Network(spec, graph, layers, parameters, limits, ignored, groups, warnings)
