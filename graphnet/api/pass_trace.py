"""What each pass does to a network's lists: instructions, ops and bytes before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graphnet.graph import Network
from graphnet.ir import InstructionList
from graphnet.lowering import lower_predict, lower_train, parameter_table
from graphnet.passes import PIPELINE, Pass, run_pipeline
from graphnet.program import constant_bytes, plan_memory


@dataclass(frozen=True)
class PassChange:
    """What one pass did to a list; pairs of numbers are those before and after it.

    Attributes:
        name: The pass.
        counts: `instructions`; `arena_bytes`, as it would have been planned; `constant_bytes`; how many
            instructions run once (`setup`) or in blocks (`blocked`); how many values lie in others
            (`views`).
        removed: Ops that became fewer, and by how many.
        added: Ops that became more.
    """

    name: str
    counts: Mapping[str, tuple[int, int]]
    removed: tuple[tuple[str, int], ...]
    added: tuple[tuple[str, int], ...]


def trace_passes(
    network: Network, batch: int, passes: Sequence[Pass] = PIPELINE
) -> list[PassChange]:
    """Return what each pass does to the main routine of a network, in order.

    Args:
        network: The checked network.
        batch: Samples the bytes are for.
        passes: The passes.
    """
    rows = parameter_table(network)
    lowered = (lower_train if network.spec.losses else lower_predict)(network, rows)
    stages = [("", lowered)]
    run_pipeline(lowered, passes, lambda name, listing: stages.append((name, listing)))
    counts = [_counts(listing, batch) for _, listing in stages]
    return [
        _pass_change(name, (before, after), counts[number : number + 2])
        for number, ((_, before), (name, after)) in enumerate(pairwise(stages))
    ]


def _counts(listing: InstructionList, batch: int) -> dict[str, int]:
    views = (buffer.view for buffer in listing.buffers.values())
    return {
        "instructions": len(listing.instructions),
        "arena_bytes": plan_memory(listing, batch).arena_bytes,
        "constant_bytes": constant_bytes(listing, batch),
        "setup": len(listing.setup),
        "blocked": sum(1 for item in listing.instructions if item.block),
        "views": sum(1 for view in views if view is not None and view.kind != "span"),
    }


def _pass_change(
    name: str, lists: tuple[InstructionList, InstructionList], counts: Sequence[Mapping[str, int]]
) -> PassChange:
    before, after = (Counter(item.op for item in listing.instructions) for listing in lists)
    first, second = counts
    return PassChange(
        name,
        {key: (first[key], second[key]) for key in first},
        removed=tuple(sorted((before - after).items())),
        added=tuple(sorted((after - before).items())),
    )
