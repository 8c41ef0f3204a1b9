"""The order in which layers are computed: topological, and the same for the same network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import networkx as nx


def natural_key(name: str) -> tuple[tuple[int, int | str], ...]:
    """Return a sort key in which numbers count as numbers: `conv2` comes before `conv10`.

    Example:
        >>> sorted(["conv10", "conv2", "a"], key=natural_key)
        ['a', 'conv2', 'conv10']
    """
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def topological_order(
    graph: nx.MultiDiGraph[str], lists: Iterable[Sequence[str]] = ()
) -> tuple[str, ...]:
    """Return all nodes so that each comes after what it reads.

    Where several could come next, the one whose name is first in natural order does. So the order
    depends on the network alone, not on the order in which the file lists its layers.

    Args:
        graph: The layer DAG.
        lists: Nodes that come in the order of the list wherever what they read allows it.
    """
    ordered: nx.DiGraph[str] = nx.DiGraph(graph.edges())
    ordered.add_nodes_from(graph)
    for names in lists:
        for first, second in pairwise(names):
            if not nx.has_path(ordered, second, first):
                ordered.add_edge(first, second)
    return tuple(nx.lexicographical_topological_sort(ordered, key=natural_key))
