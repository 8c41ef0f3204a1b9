"""The network: names, blocks and layers together."""

from __future__ import annotations

from collections.abc import Sequence

from graphnet.errors import Position
from graphnet.spec.blocks import read_blocks
from graphnet.spec.expand import Expander, Scope
from graphnet.spec.fields import Place
from graphnet.spec.forms import as_mapping
from graphnet.spec.model import LayerSpec
from graphnet.spec.names import check_expanded_name, check_name, check_unique
from graphnet.spec.nodes import MapNode, Node, is_nothing
from graphnet.spec.problems import Problems
from graphnet.spec.validate_layers import LayerReader
from graphnet.spec.variables import Values

_EXAMPLES = {
    "inputs": "inputs: {x: {shape: [2]}}",
    "layers": "layers: {linear1: {type: Linear, out_features: 1}}",
}


def names_in(section: Node | None) -> Sequence[str]:
    """Return the names that a section declares."""
    return list(section.items) if isinstance(section, MapNode) else []


def read_network(
    root: MapNode, values: Values, problems: Problems, *, expanded: bool
) -> tuple[tuple[LayerSpec, ...], LayerReader] | None:
    """Return the layers, and what resolves references to them; None where nothing can be read.

    Args:
        root: The spec, its variables replaced.
        values: The variables, for blocks.
        problems: Takes what is wrong.
        expanded: Whether names of layers may have dots, as those of expanded blocks do.

    Raises:
        SpecError: GN112 past the limits of blocks.
    """
    inputs, body = _required(root, "inputs", problems), _required(root, "layers", problems)
    _check_names(root, problems, expanded=expanded)
    blocks = read_blocks(root.get("blocks"), values, problems)
    if inputs is None or body is None or None in blocks.values():
        return None
    top = Scope("", "the spec", body, dict.fromkeys(inputs.items))
    reader = LayerReader(top, problems, names_in(root.get("targets")))
    return tuple(reader.read(Expander(blocks, values, problems))), reader


def _required(root: MapNode, section: str, problems: Problems) -> MapNode | None:
    """Return a section that every spec has, or None after adding the problem."""
    node = root.get(section)
    empty = isinstance(node, MapNode) and not node.items
    if node is not None and not empty:
        return as_mapping(node, problems, Place("the spec", "the spec"), section)
    problems.add(
        "GN105",
        f"the spec has no {section}",
        root.keys.get(section, root.position),
        label=f"needs {section!r}",
        help=f"add {_EXAMPLES[section]}",
    )
    return None


def _check_names(root: MapNode, problems: Problems, *, expanded: bool) -> None:
    named: list[tuple[str, str, Position]] = []
    for section in ("inputs", "targets", "layers"):
        node = root.get(section)
        if isinstance(node, MapNode):
            named += [(name, section.removesuffix("s"), at) for name, at in node.keys.items()]
    check_unique(named, problems)
    layers = root.get("layers")
    for name, where in layers.keys.items() if isinstance(layers, MapNode) else ():
        if expanded:
            check_expanded_name(name, where, problems)
            _check_prefix(name, layers, where, problems)
        else:
            check_name(name, "a layer", where, problems)


def _check_prefix(name: str, layers: Node | None, where: Position, problems: Problems) -> None:
    """Refuse `a.b` beside a layer `a`: it would read like a result of that."""
    names = layers.items if isinstance(layers, MapNode) else {}
    parts = name.split(".")[:64]
    for end in range(1, len(parts)):
        shorter = ".".join(parts[:end])
        if shorter in names and not is_nothing(names[shorter]):
            problems.add(
                "GN109",
                f"{name!r} reads like a result of layer {shorter!r}",
                where,
                label=f"there is a layer {shorter!r}",
                help="rename one of the two",
            )
