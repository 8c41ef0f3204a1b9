"""The level of layers: the network as it was declared, with shapes and parameter counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphnet.declare import Entry
from graphnet.graph import Network
from graphnet.ir import shape_text
from graphnet.spec import LayerSpec, LossSpec, TensorSpec
from graphnet.viz.model import Drawing, Edge, Legend, Node

_ALWAYS_SHOWN = ("p", "dim")
"""Settings of layers that readers ask for even where they have their default."""
_ANY_ORDER = ("Add", "Mul")
"""Layers whose operands may change places; those of others are numbered."""

_LEGEND = (
    Legend("input", "input"),
    Legend("target", "target"),
    Legend("layer", "layer with parameters"),
    Legend("layer", "frozen", ("frozen",)),
    Legend("layer", "shared", ("shared",)),
    Legend("function", "layer without"),
    Legend("loss", "loss"),
    Legend("output", "output"),
)


def draw_layers(network: Network) -> Drawing:
    """Draw the layer DAG with its inputs, targets, losses and outputs.

    Every layer shows its name, its type with the settings that matter, the shape of its first result and
    how many numbers it learns; every arrow shows the shape of what it carries. Layers of a block
    stand in a frame.
    """
    nodes = (*_nodes(network),)
    return Drawing(_title(network), nodes, (*_edges(network),), _legend(nodes))


def _nodes(network: Network) -> Iterator[Node]:
    spec = network.spec
    for tensor in spec.inputs:
        yield _port(network, tensor, "input")
    for name in network.order:
        yield _layer(network, network.layer(name))
    for tensor in spec.targets:
        yield _port(network, tensor, "target")
    for loss in spec.losses:
        yield _loss(loss)
    for reference in spec.outputs:
        shape = shape_text(network.type_of(reference).shape)
        yield Node(f"output:{reference}", "output", (reference, "output", shape))


def _port(network: Network, tensor: TensorSpec, kind: str) -> Node:
    """Return the node of an input or a target; the usual element type goes without saying."""
    what = [kind]
    if tensor.type.dtype != network.spec.dtype:
        what.append(tensor.type.dtype)
    limit = network.limits.get(tensor.name, tensor.classes)
    if limit is not None:
        what.append(f"below {limit}" if kind == "input" else f"{limit} classes")
    return Node(tensor.name, kind, (tensor.name, ", ".join(what), shape_text(tensor.type.shape)))


def _layer(network: Network, layer: LayerSpec) -> Node:
    count = _parameter_count(network, layer.name)
    last = [shape_text(network.type_of(layer.name).shape)]
    marks: tuple[str, ...] = ()
    if count:
        last.append(f"{count:,} parameter{'s' if count > 1 else ''}")
    if layer.share is not None:
        last.append(f"parameters of {layer.share}")
        marks = ("shared",)
    elif count and not layer.trainable:
        last.append("frozen")
        marks = ("frozen",)
    *cluster, name = layer.name.split(".")
    kind = "layer" if count or layer.share is not None else "function"
    lines = (name, _call_text(layer.layer, _ALWAYS_SHOWN), ", ".join(last))
    return Node(layer.name, kind, lines, tuple(cluster), marks)


def _loss(loss: LossSpec) -> Node:
    scale = [f"scale {loss.scale:g}"] if loss.scale != 1.0 else []
    return Node(f"loss:{loss.name}", "loss", (loss.name, _call_text(loss.loss), *scale))


def _edges(network: Network) -> Iterator[Edge]:
    spec = network.spec
    for name in network.order:
        layer = network.layer(name)
        numbered = len(layer.inputs) > 1 and layer.layer.name() not in _ANY_ORDER
        for number, reference in enumerate(layer.inputs, start=1):
            yield _flow(network, reference, name, f"#{number} " if numbered else "")
    for loss in spec.losses:
        for reference in loss.reads:
            yield _flow(network, reference, f"loss:{loss.name}")
    for reference in spec.outputs:
        yield _flow(network, reference, f"output:{reference}")


def _flow(network: Network, reference: str, target: str, operand: str = "") -> Edge:
    """Return an arrow; one that leaves a layer with several results names the result."""
    source, index = network.resolve(reference)
    label = shape_text(network.type_of(reference).shape)
    if network.graph.nodes[source]["kind"] == "layer":
        results = network.layer(source).layer.results
        label = f"{results[index]} {label}" if len(results) > 1 else label
    return Edge(source, target, operand + label)


def _parameter_count(network: Network, name: str) -> int:
    """Count the numbers a layer learns; running statistics are not among them."""
    own = network.parameters.get(name, {})
    return sum(parameter.type.size_at(1) for parameter in own.values() if parameter.trained)


def _title(network: Network) -> str:
    counts = {name: _parameter_count(network, name) for name in network.order}
    frozen = sum(count for name, count in counts.items() if not network.layer(name).trainable)
    total = sum(counts.values())
    words = [f"{total:,} parameter{'s' if total != 1 else ''}"]
    words += [f"{frozen:,} frozen"] if frozen else []
    return f"{network.spec.name}: {', '.join([*words, network.spec.dtype])}"


def _call_text(entry: Entry, always: tuple[str, ...] = ()) -> str:
    """Return a type with the settings that are not its defaults, and those shown always."""
    values = entry.plain()
    shown = [
        f"{key}={_value_text(values[key])}"
        for key, declared in entry.settings().items()
        if key in always or declared.required or getattr(entry, key) != declared.default
    ]
    return f"{entry.name()}({', '.join(shown)})" if shown else entry.name()


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value_text, value))}]"
    return "null" if value is None else str(value)


def _legend(nodes: tuple[Node, ...]) -> tuple[Legend, ...]:
    """Return the lines of the legend that something in the picture needs."""
    seen = {(node.kind, node.marks) for node in nodes}
    return tuple(line for line in _LEGEND if (line.kind, line.marks) in seen)
