"""Overrides: single values of a spec replaced, from `--set KEY=VALUE` or from Python.

The tree is changed before it is checked, so an override is checked like what it replaces, and its
errors point into the override.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphnet.declare import spoken
from graphnet.errors import Position, SpecError
from graphnet.spec.nodes import (
    ListNode,
    MapNode,
    Node,
    ScalarNode,
    empty_mapping,
    is_nothing,
    plain_of,
)
from graphnet.spec.plain_data import node_from_plain
from graphnet.spec.problems import Problems
from graphnet.spec.reader import read_value
from graphnet.spec.source_text import SourceText, check_characters
from graphnet.spec.tree import TreeBuilder

_MAX_PARTS = 200
_MARKS = "[{\"'&*!"
"""What begins a value that is more than plain text. All else is one: a '#' begins no comment."""
_NAMED = ("inputs", "targets", "layers", "blocks", "variables")
"""Sections whose keys users choose: an override cannot add one there, it would be a typo."""
_SHORT = ("layers", "blocks", "loss", "optimizer", "scheduler")
"""Sections in which `NAME` is short for `{type: NAME}`."""


def apply_overrides(
    root: MapNode, overrides: Mapping[str, Any], problems: Problems | None = None
) -> MapNode:
    """Return the tree with values replaced.

    Args:
        root: The tree of a spec.
        overrides: Values by dotted path (`optimizer.lr`). Text is read as a YAML value, as after
            `--set`; anything else is taken as it is.
        problems: Takes what is wrong; where None, that is raised.

    Raises:
        SpecError: Without `problems`, for values that are not YAML (GN101, ...) and paths that lead
            nowhere (GN124).
    """
    gathered = Problems() if problems is None else problems
    for path, value in overrides.items():
        override = _Override(str(path), value, gathered)
        try:
            root = override.apply(root)
        except SpecError as error:
            gathered.take(error)
    if problems is None:
        gathered.raise_all()
    return root


class _Override:
    """One value and the place it goes to."""

    def __init__(self, path: str, value: Any, problems: Problems) -> None:
        self._path = path
        self._prefix = f"--set {path}="
        self._problems = problems
        self._value = value
        written = isinstance(value, str)
        self._file = f"{self._prefix}{value}" if written else f"override of {path}"
        self._drawn = written and self._file.isprintable()

    def _key(self, start: int, length: int) -> Position:
        """Return the position of a part of the path."""
        if not self._drawn:
            return Position(self._file)
        column = len("--set ") + start + 1
        return Position(self._file, 0, column, column + length)

    def apply(self, root: MapNode) -> MapNode:
        """Return the tree with the value in its place.

        Raises:
            SpecError: When the path leads nowhere or the value cannot be read.
        """
        parts = self._path.split(".")
        if not all(parts) or len(parts) > _MAX_PARTS:
            raise SpecError(
                "GN124",
                f"{self._path!r} is not a place in a spec",
                where=self._key(0, len(self._path)),
                label="expected keys with dots between them",
                help="write it like optimizer.lr",
            )
        changed = self._put(root, 0, self._node())
        return changed if isinstance(changed, MapNode) else root

    def _node(self) -> Node:
        if isinstance(self._value, str):
            return self._parsed(self._value)
        return node_from_plain(self._value, self._problems, self._file)

    def _parsed(self, text: str) -> Node:
        """Return text as the value it means; what has no brackets or quotes is one plain value."""
        source = SourceText(self._file, text, self._prefix)
        whole = source.span((0, 0), (0, len(text)))
        stripped = text.strip()
        if not stripped:
            return ScalarNode(None, whole)
        if stripped[0] in _MARKS:
            return read_value(source, self._problems) or ScalarNode(None, whole)
        check_characters(source)
        builder = TreeBuilder(source, self._problems)
        start = len(text) - len(text.lstrip())
        builder.scalar(stripped, (0, start), (0, start + len(stripped)), plain=True)
        return builder.root or ScalarNode(None, whole)

    def _put(self, node: Node, start: int, value: Node) -> Node:
        """Return a node with the value at the rest of the path, which begins at `start`."""
        if start > len(self._path):
            return value
        mapping = self._as_mapping(node, start)
        key = self._key_in(mapping, start)
        end = start + len(key)
        if key not in mapping.items:
            self._check_new(mapping, start, key)
        where = mapping.keys.get(key, self._key(start, len(key)))
        inner = mapping.items.get(key, empty_mapping(self._key(start, len(key))))
        items = {**mapping.items, key: self._put(inner, end + 1, value)}
        return replace(mapping, items=items, keys={**mapping.keys, key: where})

    def _key_in(self, mapping: MapNode, start: int) -> str:
        """Return the longest key of a mapping that the path goes on with, or its next part."""
        rest = self._path[start:]
        fitting = [key for key in _beginnings(rest) if key in mapping.items]
        return fitting[-1] if fitting else rest.partition(".")[0]

    def _as_mapping(self, node: Node, start: int) -> MapNode:
        """Return what the path goes through as a mapping; a short form is written out.

        Raises:
            SpecError: GN124 when it is none.
        """
        if isinstance(node, MapNode):
            return node
        if is_nothing(node):
            return empty_mapping(node.position)
        above = self._path[: max(start - 1, 0)]
        section = above.partition(".")[0]
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and section in _SHORT:
            return MapNode({"type": node}, {"type": node.position}, node.position)
        found = spoken(plain_of(node))
        cure = f"replace it as a whole: {above}=[...]" if isinstance(node, ListNode) else ""
        raise SpecError(
            "GN124",
            f"{self._path!r} is not a place in the spec",
            where=self._key(start, len(self._path) - start),
            label=f"{above!r} is {found}, not a mapping",
            help=cure,
        )

    def _check_new(self, mapping: MapNode, start: int, key: str) -> None:
        """Refuse names of layers, inputs and the like that the spec does not have.

        Raises:
            SpecError: GN124.
        """
        above = self._path[: max(start - 1, 0)]
        inside = above.split(".")
        if above in _NAMED:
            section = above
        elif inside[0] == "blocks" and inside[2:] in (["layers"], ["parameters"]):
            section = inside[2]
        else:
            return
        what = section.removesuffix("s")
        raise SpecError(
            "GN124",
            f"the spec has no {what} {key!r}",
            where=self._key(start, len(key)),
            label="nothing to override",
            help=self._problems.nearest(key, mapping.items),
        )


def _beginnings(path: str) -> list[str]:
    """Return a path's beginnings that end before a dot or at its end, shortest first."""
    parts = path.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]
