"""The order in which layers are computed: topological, and the same for the same network."""

from __future__ import annotations

import re

import networkx as nx


def natural_key(name: str) -> tuple[tuple[int, int | str], ...]:
    """Return a sort key in which numbers count as numbers: `conv2` comes before `conv10`.

    Example:
        >>> sorted(["conv10", "conv2", "a"], key=natural_key)
        ['a', 'conv2', 'conv10']
    """
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def topological_order(graph: nx.MultiDiGraph[str]) -> tuple[str, ...]:
    """Return all nodes so that each comes after what it reads.

    Where several could come next, the one whose name is first in natural order does. So the order
    depends on the network alone, not on the order in which the file lists its layers.
    """
    return tuple(nx.lexicographical_topological_sort(graph, key=natural_key))
