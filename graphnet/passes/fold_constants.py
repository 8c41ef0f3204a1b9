"""Fold constants: what depends on constants only is computed once, when a batch size is bound."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graphnet.ir import REUSED, Buffer, Instruction, InstructionList
from graphnet.ops import OPS
from graphnet.passes.base import Pass


@dataclass(frozen=True)
class FoldConstants(Pass):
    """Move instructions that read nothing but constants into the setup list, but for those that draw."""

    name = "fold_constants"

    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the list with a longer setup."""
        buffers = dict(listing.buffers)
        setup = list(listing.setup)

        def keep(instruction: Instruction) -> bool:
            if not _foldable(buffers, instruction):
                return True
            results = len(OPS[instruction.op].results)
            for name in instruction.writes[:results]:
                buffers[name] = replace(buffers[name], role="constant")
            setup.append(instruction)
            return False

        changed = {
            phase: tuple(item for item in listing.phase(phase) if keep(item))
            for phase in ("forward", "backward")
        }
        return listing.replace(buffers=buffers, setup=tuple(setup), **changed)


def _foldable(buffers: dict[str, Buffer], instruction: Instruction) -> bool:
    if instruction.accumulates or not instruction.writes or OPS[instruction.op].draws:
        return False
    if any(buffers[name].role != "constant" for name in instruction.reads):
        return False
    return all(
        buffers[name].role in REUSED and buffers[name].view is None for name in instruction.writes
    )
