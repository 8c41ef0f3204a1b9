"""Flow: which inputs and parameters of a layer a gradient goes back to, and which layers it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from graphnet.ir import Buffer, Instruction
from graphnet.ops import OPS

INPUT, PARAMETER = "input:", "parameter:"
"""What names of inputs and parameters begin with where a layer is emitted by itself."""


def flowing(
    instructions: Sequence[Instruction], results: Iterable[str], buffers: Mapping[str, Buffer]
) -> frozenset[str]:
    """Return the buffers that gradients of the results go back to, past whole numbers and what is given."""
    reached = {name for name in results if buffers[name].type.is_float}
    for item in reversed(instructions):
        if not reached.isdisjoint(item.writes):
            op = OPS[item.op]
            held = {name for role in op.held for name in item.reads[op.operand_index(role)]}
            free = [name for name in item.reads if name not in held]
            reached.update(name for name in free if buffers[name].type.is_float)
    return frozenset(reached)


def reached_parameters(graph: nx.MultiDiGraph[str]) -> set[tuple[str, str]]:
    """Return layer and name of every parameter that gets a gradient from a loss; of owners, where shared."""
    pending = [name for name, node in graph.nodes.items() if node["kind"] == "loss"]
    seen: set[str] = set(pending)
    found: set[tuple[str, str]] = set()
    while pending:
        name = pending.pop()
        flow: frozenset[str] | None = graph.nodes[name].get("flow")
        if flow is not None:
            owner = graph.nodes[name]["spec"].share or name
            found |= {
                (owner, own.removeprefix(PARAMETER)) for own in flow if own.startswith(PARAMETER)
            }
        for source, _, edge in graph.in_edges(name, data=True):
            passes = flow is None or f"{INPUT}{edge['position']}" in flow
            if passes and source not in seen:
                seen.add(source)
                pending.append(source)
    return found
