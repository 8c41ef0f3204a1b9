"""Blocks: the `blocks` section, checked whether or not its blocks are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from graphnet.errors import Position
from graphnet.spec.fields import Place, check_keys
from graphnet.spec.forms import as_mapping, as_texts
from graphnet.spec.names import check_name, check_unique
from graphnet.spec.nodes import MapNode, Node, ScalarNode, empty_mapping, is_nothing, positions_of
from graphnet.spec.problems import Problems
from graphnet.spec.variables import Values, check_value, substitute

DEFAULT_INPUT = "input"
"""What a block calls its input where it names none."""
USE_KEYS = ("block", "inputs", "repeat")
"""Keys of a layer that stands for a block; parameters cannot have these names."""

_KEYS = ("inputs", "layers", "outputs", "parameters")


@dataclass(frozen=True)
class Block:
    """A block's declaration.

    Attributes:
        name: As layers refer to it.
        parameters: Default values by name; None for those that must be given.
        inputs: Names its layers read from outside.
        layers: Its layers.
        outputs: What it passes on.
        where: Where its name was written.
        size: How many values its layers have in all.
    """

    name: str
    parameters: Mapping[str, Node | None]
    inputs: tuple[str, ...]
    layers: MapNode
    outputs: tuple[ScalarNode, ...]
    where: Position
    size: int


def read_blocks(
    section: Node | None, values: Values, problems: Problems
) -> dict[str, Block | None]:
    """Return the blocks of the spec by name; None for those that are wrong.

    Args:
        section: The `blocks` section.
        values: The spec's variables, which defaults of parameters may refer to.
        problems: Takes what is wrong.
    """
    if section is None:
        return {}
    mapping = as_mapping(section, problems, Place("the spec", "the spec"), "blocks")
    if mapping is None:
        return {}
    blocks: dict[str, Block | None] = {}
    for name, node in mapping.items.items():
        check_name(name, "a block", mapping.keys[name], problems)
        blocks[name] = _read_block(name, node, mapping.keys[name], values, problems)
    check_unique([(name, "block", where) for name, where in mapping.keys.items()], problems)
    return blocks | dict.fromkeys(_recursive(blocks, problems))


def _read_block(
    name: str, node: Node, where: Position, values: Values, problems: Problems
) -> Block | None:
    place = Place(f"block {name!r}", "a block")
    mapping = as_mapping(node, problems, Place("blocks", "blocks"), name)
    if mapping is None:
        return None
    mapping = check_keys(mapping, _KEYS, problems, place)
    parameters = _read_parameters(mapping.get("parameters"), values, problems, place)
    inputs = _read_inputs(mapping.get("inputs"), problems, place)
    layers = as_mapping(mapping.get("layers") or empty_mapping(where), problems, place, "layers")
    if layers is None:
        return None
    if not layers.items:
        problems.add("GN105", f"block {name!r} has no layers", where, label="needs 'layers'")
        return None
    for layer in layers.items:
        check_name(layer, "a layer", layers.keys[layer], problems)
    named = [(text.value, "input", text.position) for text in inputs]
    check_unique(
        [(str(value), what, at) for value, what, at in named]
        + [(layer, "layer", at) for layer, at in layers.keys.items()],
        problems,
    )
    last = list(layers.items)[-1]
    given = mapping.get("outputs") or ScalarNode(last, layers.keys[last])
    outputs = as_texts(given, problems, place, "outputs")
    if not outputs:
        problems.add("GN106", f"block {name!r} has no outputs", given.position, label="is empty")
        return None
    return Block(
        name,
        parameters,
        tuple(str(text.value) for text in inputs) or (DEFAULT_INPUT,),
        layers,
        tuple(outputs),
        where,
        sum(1 for _ in positions_of(layers, "")),
    )


def _read_inputs(node: Node | None, problems: Problems, place: Place) -> list[ScalarNode]:
    texts = as_texts(node, problems, place, "inputs") if node else None
    for text in texts or []:
        check_name(str(text.value), "an input", text.position, problems)
    return texts or []


def _read_parameters(
    node: Node | None, values: Values, problems: Problems, place: Place
) -> dict[str, Node | None]:
    mapping = as_mapping(node, problems, place, "parameters") if node else None
    parameters: dict[str, Node | None] = {}
    for name, value in mapping.items.items() if mapping else ():
        where = mapping.keys[name] if mapping else value.position
        check_name(name, "a parameter", where, problems)
        if name in {*USE_KEYS, "type"}:
            problems.add(
                "GN108",
                f"{name!r} cannot name a parameter of a block",
                where,
                label="has a meaning of its own",
                help="choose another name",
            )
        default = substitute(value, values, problems)
        required = is_nothing(default) or not check_value(name, default, problems)
        parameters[name] = None if required else default
    return parameters


def _recursive(blocks: Mapping[str, Block | None], problems: Problems) -> set[str]:
    """Return the blocks that contain themselves or one that does, and say so (GN120).

    A block is sound once all blocks inside it are. What is left over when nothing more becomes
    sound holds others left over; following one of these from each block leads into every circle.
    """
    uses = {name: _blocks_inside(block) & blocks.keys() for name, block in blocks.items()}
    users: dict[str, list[str]] = {name: [] for name in blocks}
    for name, inside in uses.items():
        for other in sorted(inside):
            users[other].append(name)
    waiting = {name: len(inside) for name, inside in uses.items()}
    sound = deque(name for name, count in waiting.items() if count == 0)
    while sound:
        for user in users[sound.popleft()]:
            waiting[user] -= 1
            if waiting[user] == 0:
                sound.append(user)
    left = {name for name, count in waiting.items() if count}
    for circle in _circles({name: min(uses[name] & left) for name in sorted(left)}):
        block = blocks[circle[0]]
        problems.add(
            "GN120",
            f"block {circle[0]!r} is made of itself: {' -> '.join([*circle, circle[0]])}",
            block.where if block else None,
            label="contains itself",
            help="use repeat: to have a block several times in a row",
        )
    return left


def _blocks_inside(block: Block | None) -> set[str]:
    used = [
        node.items["block"]
        for node in (block.layers.items.values() if block else ())
        if isinstance(node, MapNode) and "block" in node.items
    ]
    return {str(node.value) for node in used if isinstance(node, ScalarNode)}


def _circles(following: Mapping[str, str]) -> list[list[str]]:
    """Return the circles of a graph in which every node has exactly one follower."""
    first_walk: dict[str, str] = {}
    circles: list[list[str]] = []
    for start in following:
        walk: list[str] = []
        name = start
        while name not in first_walk:
            first_walk[name] = start
            walk.append(name)
            name = following[name]
        if first_walk[name] == start:
            circles.append(walk[walk.index(name) :])
    return circles
