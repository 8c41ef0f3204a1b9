"""Nodes: a spec as a tree of scalars, lists and mappings that know where they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphnet.errors import Position

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value.

    Attributes:
        value: Text, a number, a truth value or nothing.
        position: Where it was written.
        quoted: Whether it stood in quotes, so that it is text whatever it looks like.
        given: Where the argument of a block was written that it is, or None.
    """

    value: Scalar
    position: Position
    quoted: bool = False
    given: Position | None = None


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of nodes."""

    items: tuple[Node, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping from text keys to nodes, in the order written.

    Attributes:
        items: Values by key.
        keys: Where each key was written.
        position: Where the mapping was written: its braces, or else the key it belongs to.
    """

    items: Mapping[str, Node]
    keys: Mapping[str, Position]
    position: Position

    def get(self, key: str) -> Node | None:
        """Return the value of a key; None where it is missing or holds nothing."""
        node = self.items.get(key)
        return None if node is None or is_nothing(node) else node


Node = ScalarNode | ListNode | MapNode


@dataclass
class MapBuilder:
    """Gathers the pairs of a mapping."""

    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Position] = field(default_factory=dict)

    def add(self, key: str, where: Position, value: Node) -> None:
        """Add one pair."""
        self.keys[key] = where
        self.items[key] = value

    def build(self, position: Position) -> MapNode:
        """Return the mapping."""
        return MapNode(self.items, self.keys, position)


def empty_mapping(position: Position) -> MapNode:
    """Return a mapping without keys."""
    return MapNode({}, {}, position)


def is_nothing(node: Node) -> bool:
    """Whether a node is `null`, or a key without a value."""
    return isinstance(node, ScalarNode) and node.value is None


def plain_of(node: Node) -> Any:
    """Return a node as plain data."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain_of(item) for item in node.items]
    return {key: plain_of(item) for key, item in node.items.items()}


def positions_of(node: Node, path: str) -> Iterator[tuple[str, Position]]:
    """Yield the dotted path and the place of a node and of all nodes below it."""
    yield path, node.position
    if isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from positions_of(item, f"{path}.{index}")
    elif isinstance(node, MapNode):
        for key, item in node.items.items():
            yield from positions_of(item, f"{path}.{key}")
