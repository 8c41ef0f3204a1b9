"""Dead code: drop instructions whose results nothing uses."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.ir import PHASES, REUSED, Instruction, InstructionList, root_of
from graphnet.passes.base import Pass


@dataclass(frozen=True)
class DeadCode(Pass):
    """Walk backwards and keep what reaches an output, a kept value, or memory that lasts."""

    name = "dead_code"

    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the list without dead instructions and without buffers nobody names."""
        buffers = listing.buffers
        wanted = {root_of(buffers, name) for name in (*listing.outputs, *listing.keep)}

        def lives(instruction: Instruction) -> bool:
            roots = {root_of(buffers, name) for name in instruction.changed}
            lasting = any(buffers[r].role not in REUSED | {"constant"} for r in roots)
            if not lasting and not roots & wanted:
                return False
            wanted.update(root_of(buffers, name) for name in instruction.reads)
            return True

        kept: dict[str, tuple[Instruction, ...]] = {}
        for phase in reversed(PHASES):
            living = [item for item in reversed(listing.phase(phase)) if lives(item)]
            kept[phase] = tuple(reversed(living))
        return listing.replace(**kept).without_unused_buffers()
