"""Block update: run the update of long vectors in blocks that stay in the cache."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from graphnet.ir import Buffer, Instruction, InstructionList, root_of
from graphnet.ops import OPS
from graphnet.passes.base import Pass

BLOCK = 32_768
"""Elements per block: between the 8k below which the calls cost more than they save and the 64k above
which the working set leaves the second-level cache."""


@dataclass(frozen=True)
class BlockUpdate(Pass):
    """Mark runs of elementwise instructions over one vector length; shrink workspaces of their own."""

    name = "block_update"
    block: int = BLOCK

    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the list with marked instructions; short vectors stay as they are."""
        buffers = dict(listing.buffers)
        update: list[Instruction] = []
        runs = _runs(listing.update, buffers)
        uses = Counter(root for run in runs for root in _roots(run, buffers))
        for run in runs:
            length = _vector_length(run[0], buffers)
            if length < 2 * self.block:
                update += run
                continue
            update += [replace(instruction, block=self.block) for instruction in run]
            for name in {name for instruction in run for name in instruction.touched}:
                buffer = buffers[name]
                if buffer.role == "workspace" and buffer.type.rank == 1 and uses[name] == 1:
                    short = buffer.type.with_shape(self.block)
                    buffers[name] = replace(buffer, type=short)
        return listing.replace(buffers=buffers, update=tuple(update))


def _roots(
    run: list[Instruction], buffers: dict[str, Buffer], *, changed: bool = False
) -> set[str]:
    """Return whose memory a run touches, or changes; groups of parameters are spans of one vector."""
    names = {name for item in run for name in (item.changed if changed else item.touched)}
    return {root_of(buffers, name) for name in names}


def _vector_length(instruction: Instruction, buffers: dict[str, Buffer]) -> int:
    """Return the common length of the vectors of an elementwise instruction, or 0."""
    if not OPS[instruction.op].elementwise or not instruction.writes:
        return 0
    types = [buffers[name].type for name in instruction.touched]
    lengths = {kind.shape for kind in types if kind.shape}
    if len(lengths) != 1:
        return 0
    shape = lengths.pop()
    return shape[0] if len(shape) == 1 and isinstance(shape[0], int) else 0


def _runs(update: tuple[Instruction, ...], buffers: dict[str, Buffer]) -> list[list[Instruction]]:
    """Cut the list into runs over one vector length, single numbers moved before the run they split."""
    runs: list[list[Instruction]] = []
    for instruction in update:
        length = _vector_length(instruction, buffers)
        if runs and _vector_length(runs[-1][0], buffers) == length:
            runs[-1].append(instruction)
        elif runs and not length and _independent([instruction], runs[-1], buffers):
            runs.insert(len(runs) - 1, [instruction])
        else:
            runs.append([instruction])
    return runs


def _independent(
    one: list[Instruction], other: list[Instruction], buffers: dict[str, Buffer]
) -> bool:
    """Whether neither needs nor changes what the other changes."""
    return not (
        _roots(one, buffers, changed=True) & _roots(other, buffers)
        or _roots(one, buffers) & _roots(other, buffers, changed=True)
    )
