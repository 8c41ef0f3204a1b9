"""In place: a result takes over the memory of an operand that nobody needs afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graphnet.ir import REUSED, Buffer, Instruction, InstructionList, View, root_of
from graphnet.ops import OPS
from graphnet.passes.base import Pass


@dataclass(frozen=True)
class InPlace(Pass):
    """Let ops that can work in place do so where the operand dies with them."""

    name = "in_place"

    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the list in which such results are views of their operand."""
        buffers = dict(listing.buffers)
        last = _last_uses(listing)
        forward_end = len(listing.setup) + len(listing.forward)
        for index, instruction in enumerate(listing.instructions):
            kept = set(listing.keep)
            kept |= set(listing.outputs) if index < forward_end else set()
            roots = {root_of(buffers, name) for name in kept}
            operand = _dying_operand(buffers, instruction, index, last, roots)
            if operand is None:
                continue
            result = instruction.writes[0]
            buffers[result] = replace(buffers[result], view=View(operand, "reshape"))
            root = root_of(buffers, operand)
            last[root] = max(last[root], last.get(result, index))
        return listing.replace(buffers=buffers)


def _last_uses(listing: InstructionList) -> dict[str, int]:
    """Return the index of the last instruction that touches each root."""
    last: dict[str, int] = {}
    for index, instruction in enumerate(listing.instructions):
        for name in instruction.touched:
            last[root_of(listing.buffers, name)] = index
    return last


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
    if not _whole(buffers, name):
        return False
    others = [read for read in instruction.reads if read != name]
    return all(root_of(buffers, other) != root for other in others)


def _whole(buffers: dict[str, Buffer], name: str) -> bool:
    """Whether a buffer is its root in the same order, not a permuted or smaller part of it."""
    view = buffers[name].view
    while view is not None:
        if view.kind != "reshape":
            return False
        view = buffers[view.base].view
    return True
