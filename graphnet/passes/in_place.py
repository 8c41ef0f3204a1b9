"""In place: a result takes over the memory of an operand that nobody needs afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graphnet.ir import (
    REUSED,
    Buffer,
    Instruction,
    InstructionList,
    View,
    layout_of,
    root_of,
    uses_of,
)
from graphnet.ops import OPS
from graphnet.passes.base import Pass


@dataclass(frozen=True)
class InPlace(Pass):
    """Let ops that can work in place do so where the operand dies with them."""

    name = "in_place"

    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the list in which such results are views of their operand."""
        buffers = dict(listing.buffers)
        last = {root: use[1] for root, use in uses_of(listing).items()}
        forward_end = len(listing.setup) + len(listing.forward)
        roots = {root_of(buffers, name) for name in (*listing.keep, *listing.outputs)}
        for index, instruction in enumerate(listing.instructions):
            if index == forward_end:
                roots = {root_of(buffers, name) for name in listing.keep}
            operand = _dying_operand(buffers, instruction, index, last, roots)
            if operand is None:
                continue
            result = instruction.writes[0]
            # Straight to the root: chains of views would grow with the network.
            root = root_of(buffers, operand)
            buffers[result] = replace(buffers[result], view=View(root, "reshape"))
            if result in roots:
                roots.add(root)
            last[root] = max(last[root], last.get(result, index))
        return listing.replace(buffers=buffers)


def _dying_operand(
    buffers: dict[str, Buffer],
    instruction: Instruction,
    index: int,
    last: dict[str, int],
    kept_roots: set[str],
) -> str | None:
    """Return an operand whose memory the first result may take over, or None."""
    op = OPS[instruction.op]
    if not instruction.writes or not op.in_place:
        return None
    result = buffers[instruction.writes[0]]
    if result.view is not None or result.role not in REUSED:
        return None
    for role in op.in_place:
        for name in instruction.reads[op.operand_index(role)]:
            root = root_of(buffers, name)
            dies = last[root] == index and root not in kept_roots
            if dies and _takes_over(buffers, instruction, name, result):
                return name
    return None


def _takes_over(
    buffers: dict[str, Buffer], instruction: Instruction, name: str, result: Buffer
) -> bool:
    """Whether the operand is plain reused memory of the result's type, read in no other way."""
    operand = buffers[name]
    root = root_of(buffers, name)
    if buffers[root].role not in REUSED or operand.type != result.type:
        return False
    if not layout_of(buffers, name).whole:
        return False
    others = [read for read in instruction.reads if read != name]
    return all(root_of(buffers, other) != root for other in others)
