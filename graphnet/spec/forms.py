"""Forms: nodes that must be mappings, or names; what has another form is shown the right one."""

from __future__ import annotations

from graphnet.declare import KindError, number_elsewhere, spoken
from graphnet.spec.fields import Place, wrong_value
from graphnet.spec.nodes import ListNode, MapNode, Node, ScalarNode, plain_of
from graphnet.spec.problems import Problems

_BY_PARAMETER = {"init": "xavier_uniform", "parametrization": "weight_norm"}
_EXAMPLES = {
    "inputs": "{x: {shape: [2]}}",
    "targets": "{y: {shape: [1]}}",
    "layers": "{linear1: {type: Linear, out_features: 1}}",
    "data": "{train: {path: train.csv}}",
    "training": "{epochs: 10}",
    "blocks": "{name: {layers: {linear1: {type: Linear, out_features: 1}}}}",
    "parameters": "{size: 8}",
}


def as_mapping(node: Node, problems: Problems, place: Place, key: str) -> MapNode | None:
    """Return a node that must be a mapping, or None after adding the problem (GN106)."""
    if isinstance(node, MapNode):
        return node
    found = f"expected a mapping, found {spoken(plain_of(node))}"
    wrong_value(node, KindError(found, _example(node, place, key)), problems, place, key)
    return None


def _example(node: Node, place: Place, key: str) -> str:
    """Return how what was written would be a mapping, or else the smallest mapping there could be."""
    value = plain_of(node)
    if key in _BY_PARAMETER:
        entry = value if isinstance(value, str) else _BY_PARAMETER[key]
        return f"write {key}: {{weight: {entry}}}"
    if place.what in ("inputs", "targets"):
        sizes = value if isinstance(value, list) else [value]
        whole = all(type(size) is int for size in sizes)
        return f"write {key}: {{shape: {sizes if whole else [2]}}}"
    return f"write for example {key}: {_EXAMPLES[key]}" if key in _EXAMPLES else ""


def as_texts(node: Node, problems: Problems, place: Place, key: str) -> list[ScalarNode] | None:
    """Return a text, or a list of texts, as a list; None after adding the problem (GN106)."""
    items = node.items if isinstance(node, ListNode) else (node,)
    place.positions[f"{place.path}{key}"] = node.position
    texts: list[ScalarNode] = []
    for index, item in enumerate(items):
        place.positions[f"{place.path}{key}.{index}"] = item.position
        if isinstance(item, ScalarNode) and isinstance(item.value, str):
            texts.append(item)
            continue
        found = spoken(plain_of(item))
        cure = number_elsewhere(place.kind, plain_of(item), first=index == 0)
        error = KindError(f"expected a name or a list of names, found {found}", cure)
        wrong_value(item, error, problems, place, key)
        return None
    return texts
