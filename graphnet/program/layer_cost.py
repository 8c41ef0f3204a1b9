"""Costs of layers: operations and bytes of a step, layer by layer."""

from __future__ import annotations

from collections import defaultdict

from graphnet.ir import REUSED, root_of
from graphnet.program.cost import flops
from graphnet.program.memory_plan import lifetimes
from graphnet.program.program import Program

OPTIMIZER = ":optimizer"
"""Key of what the update list costs; no layer can be called so."""


def layer_flops(program: Program) -> dict[str, int]:
    """Return the operations of one pass through the main routine's lists, by layer.

    With a loss that is a whole training step for the largest batch; what the optimizer does is told
    under `:optimizer`.
    """
    listing, costs = program.main.listing, defaultdict[str, int](int)
    for phase in (listing.forward, listing.backward):
        for item in phase:
            costs[item.layer] += flops(item, listing, program.batch_size)
    for item in listing.update:
        costs[OPTIMIZER] += flops(item, listing, program.batch_size)
    return dict(costs)


def layer_bytes(program: Program) -> dict[str, int]:
    """Return the bytes that each layer needs, by layer.

    They are its parameters, their gradients and optimizer state, and what its instructions leave in the
    arena; since layers take turns in the arena, the sum is more than is allocated.
    """
    listing, sizes = program.main.listing, defaultdict[str, int](int)
    writer: dict[str, str] = {}
    for phase, items in (("", (*listing.forward, *listing.backward)), (OPTIMIZER, listing.update)):
        for item in items:
            for name in item.writes:
                writer.setdefault(root_of(listing.buffers, name), phase or item.layer)
    for span in lifetimes(listing, program.batch_size):
        if span.name in writer and listing.buffers[span.name].role in REUSED:
            sizes[writer[span.name]] += span.size
    states = _states_per_parameter(program)
    for row in program.parameters:
        copies = 1 + (1 + states if row.trainable and listing.update else 0)
        sizes[row.layer] += round(copies * row.type.bytes_at(1))
    return dict(sizes)


def _states_per_parameter(program: Program) -> float:
    """Return how many numbers the optimizer keeps for each parameter, single counters apart."""
    owned = [b for b in program.main.listing.buffers.values() if b.view is None and b.type.rank]
    kept = sum(buffer.type.size_at(1) for buffer in owned if buffer.role == "state")
    changed = sum(buffer.type.size_at(1) for buffer in owned if buffer.role == "gradient")
    return kept / changed if changed else 0.0
