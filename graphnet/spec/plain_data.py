"""Plain data: Python mappings, as they come from callers and from JSON, to nodes."""

from __future__ import annotations

import math
import numbers
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphnet.errors import Position, SpecError
from graphnet.spec.nodes import ListNode, MapBuilder, MapNode, Node, ScalarNode
from graphnet.spec.problems import Problems
from graphnet.spec.scalars import MAX_DIGITS
from graphnet.spec.tree import MAX_DEPTH

MAPPING = "<mapping>"
"""What positions name as the file of a spec given as a Python mapping."""
MAX_VALUES = 2_000_000
"""Most values of a mapping: what 100 000 layers need with all defaults written out."""


def from_plain(
    mapping: Mapping[str, Any], problems: Problems | None = None, file: str = MAPPING
) -> MapNode:
    """Return a Python mapping as nodes; lists may be any sequence, numbers may be NumPy's.

    Args:
        mapping: The spec.
        problems: Takes what is wrong with single values; where None, that is raised.
        file: What positions name before the dotted path of a value.

    Raises:
        SpecError: GN112 when it is nested too deeply; and, without `problems`, keys that are not
            text (GN111), and values that YAML could not hold (GN106, GN112, GN113).
    """
    gathered = Problems() if problems is None else problems
    node = node_from_plain(mapping, gathered, file)
    if problems is None:
        gathered.raise_all()
    if isinstance(node, MapNode):
        return node
    raise SpecError("GN102", "a spec is a mapping of keys to values", where=Position(file))


def node_from_plain(value: Any, problems: Problems, file: str, path: str = "") -> Node:
    """Return any plain value as a node; its place is `file: path`.

    Raises:
        SpecError: GN112 when it is nested too deeply.
    """
    return _Converter(problems, file).convert(value, path, 0)


_SINGLE = frozenset({str, int, float, bool, type(None)})
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class _Converter:
    def __init__(self, problems: Problems, file: str) -> None:
        self._problems = problems
        self._file = file
        self._left = MAX_VALUES

    def _position(self, path: str) -> Position:
        return Position(f"{self._file}: {path}" if path else self._file)

    def convert(self, value: Any, path: str, depth: int) -> Node:
        """Return a value and all inside it as nodes."""
        self._check_limits(depth, path)
        if type(value) in _SINGLE:
            return self._scalar(value, self._position(path))
        if isinstance(value, Mapping):
            return self._mapping(value, path, depth)
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
            items = (
                self.convert(item, f"{path}.{index}", depth + 1) for index, item in enumerate(value)
            )
            return ListNode(tuple(items), self._position(path))
        return self._scalar(_own(value), self._position(path))

    def _check_limits(self, depth: int, path: str) -> None:
        self._left -= 1
        if depth <= MAX_DEPTH and self._left >= 0:
            return
        what = f"{MAX_VALUES} values" if depth <= MAX_DEPTH else f"{MAX_DEPTH} levels"
        raise SpecError(
            "GN112",
            f"the mapping has more than {what}",
            where=self._position(path[:60]),
            help="no part of a spec needs more than a few levels; blocks repeat layers",
        )

    def _mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> MapNode:
        builder, where = MapBuilder(), self._position(path)
        for key, item in value.items():
            inner = f"{path}.{key}" if path else str(key)
            if isinstance(key, str) and _is_text(key):
                builder.add(str(key), self._position(inner), self.convert(item, inner, depth + 1))
            else:
                self._problems.add("GN111", "a key that is not text", where, label="expected text")
        return builder.build(where)

    def _scalar(self, value: Any, where: Position) -> ScalarNode:
        if isinstance(value, str) and not _is_text(value):
            self._problems.add(
                "GN113", "a text with a character that no file can hold", where, label="in here"
            )
        elif isinstance(value, int) and abs(value) >= 10**MAX_DIGITS:
            self._problems.add(
                "GN112",
                "a whole number of too many digits",
                where,
                label=f"expected at most {MAX_DIGITS} digits",
            )
        elif value is not None and not isinstance(value, (str, int, float)):
            self._problems.add(
                "GN106",
                "a value that a spec cannot hold",
                where,
                label="expected text, a number, true, false, nothing, a list or a mapping",
            )
        else:
            return ScalarNode(value, where, quoted=True)
        return ScalarNode(None, where)


def _own(value: Any) -> Any:
    """Return a number or a path of another library as Python's own."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if type(value).__name__ in {"bool_", "bool"} and hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    try:
        return float(value) if isinstance(value, numbers.Real) else value
    except OverflowError:
        return math.inf


def _is_text(text: str) -> bool:
    """Whether UTF-8 can hold a text, and a path too."""
    return _NO_TEXT.search(text) is None
