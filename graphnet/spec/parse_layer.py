"""One layer: what can be read of it before anything it refers to is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from graphnet.declare import Entry, Flag, Table, Text
from graphnet.errors import Position
from graphnet.initializers import INITIALIZERS, Initializer
from graphnet.layers import LAYERS, PARAMETRIZATIONS, Layer, Parametrization
from graphnet.spec.expand import Placed
from graphnet.spec.fields import WRONG, Place, parse_value
from graphnet.spec.forms import as_mapping, as_texts
from graphnet.spec.model import LayerSpec
from graphnet.spec.nodes import MapNode, ScalarNode
from graphnet.spec.problems import Problems
from graphnet.spec.typed import find_type, parse_typed, plain_entries

COMMON_KEYS = ("inputs", "init", "parametrization", "share", "trainable")
"""Keys of every layer beside `type`."""


@dataclass(frozen=True)
class ParsedLayer:
    """A layer before its references are resolved.

    Attributes:
        layer: The layer, or None where anything about it is wrong.
        type: Its type, or None where that is wrong, or what it reads is.
        inputs: References as written, or None where there are none.
        init: Initializers by parameter name.
        trainable: Whether its parameters are trained.
        share: Layer whose parameters it uses, as written, or None.
        where: Where its type was written.
        positions: Where its values were written.
        parametrization: How parameters are worked out from others, by name.
    """

    layer: Layer | None
    type: type[Layer] | None
    inputs: Sequence[ScalarNode] | None
    init: Mapping[str, Initializer]
    trainable: bool
    share: ScalarNode | None
    where: Position
    positions: Mapping[str, Position]
    parametrization: Mapping[str, Parametrization]


E = TypeVar("E", bound=Entry)


def parse_layer(placed: Placed, problems: Problems) -> ParsedLayer:
    """Read one layer as far as it can be read by itself."""
    positions: dict[str, Position] = {"name": placed.scope.body.keys[placed.local]}
    place = Place(f"layer {placed.name!r}", "a layer", positions=positions)
    node = placed.node
    before = len(problems)
    typed = find_type(node, LAYERS, problems, place)
    if typed is None:
        return ParsedLayer(None, None, None, {}, True, None, node.position, positions, {})
    layer = parse_typed(node, LAYERS, problems, place, common=COMMON_KEYS)
    mapping = typed.node
    inside = Place(place.what, typed.entry_type.name(), "", positions)
    inputs = mapping.get("inputs")
    texts = as_texts(inputs, problems, inside, "inputs") if inputs else None
    init = _by_parameter("init", mapping, INITIALIZERS, problems, inside)
    worked_out = _by_parameter("parametrization", mapping, PARAMETRIZATIONS, problems, inside)
    trainable: Any = True
    if "trainable" in mapping.items:
        trainable = parse_value(mapping.items["trainable"], Flag(), problems, inside, "trainable")
    share = _parse_share(mapping, problems, inside)
    # A layer whose own fields are wrong is still known by its type, for those who read it.
    whole = layer if len(problems) == before and trainable is not WRONG else None
    readable = not inputs or texts is not None
    return ParsedLayer(
        whole,
        typed.entry_type if readable else None,
        texts,
        init,
        bool(trainable),
        share,
        typed.where,
        positions,
        worked_out,
    )


def _parse_share(mapping: MapNode, problems: Problems, place: Place) -> ScalarNode | None:
    node = mapping.get("share")
    if node is None or parse_value(node, Text(), problems, place, "share") is WRONG:
        return None
    return node if isinstance(node, ScalarNode) else None


def _by_parameter(
    key: str, mapping: MapNode, table: Table[E], problems: Problems, place: Place
) -> dict[str, E]:
    """Return entries by parameter name; whether these exist is seen with the shapes."""
    node = mapping.get(key)
    if node is None:
        return {}
    parameters = as_mapping(node, problems, place, key)
    found: dict[str, E] = {}
    place.positions[key] = node.position
    for name, item in parameters.items.items() if parameters else ():
        inner = Place(f"{key} of {name!r} in {place.what}", "", f"{key}.{name}.", place.positions)
        place.positions[f"{key}.{name}"] = item.position
        entry = parse_typed(item, table, problems, inner)
        if entry is not None:
            found[name] = entry
    return found


def plain_layer(layer: LayerSpec) -> dict[str, Any]:
    """Return a layer as plain data, all defaults written out."""
    worked_out = {} if layer.share else plain_entries(layer.parametrization)
    return {
        "type": layer.layer.name(),
        "inputs": list(layer.inputs),
        **layer.layer.plain(),
        "init": plain_entries(layer.init),
        **({"parametrization": worked_out} if worked_out else {}),
        "trainable": layer.trainable,
        "share": layer.share,
    }
