"""InstructionList: the lists of one routine with the buffers they name; what passes transform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphnet.ir.buffer import Buffer
from graphnet.ir.instruction import Instruction

PHASES = ("setup", "forward", "backward", "update")


@dataclass(frozen=True)
class InstructionList:
    """Four flat lists over one buffer table.

    Attributes:
        buffers: Every buffer by name, in the order of its making.
        setup: Run once when a batch size is bound: computes constants that depend on it.
        forward: Inputs to outputs and loss.
        backward: Loss to gradients.
        update: Gradients to new parameters.
        outputs: Names whose content must be whole when the forward list ends.
        keep: Names whose content must still be whole when the last list ends.
    """

    buffers: Mapping[str, Buffer]
    setup: tuple[Instruction, ...]
    forward: tuple[Instruction, ...]
    backward: tuple[Instruction, ...]
    update: tuple[Instruction, ...]
    outputs: tuple[str, ...]
    keep: tuple[str, ...]

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """All four lists in execution order."""
        return self.setup + self.forward + self.backward + self.update

    def phase(self, name: str) -> tuple[Instruction, ...]:
        """Return one of the four lists by name."""
        phases = {
            "setup": self.setup,
            "forward": self.forward,
            "backward": self.backward,
            "update": self.update,
        }
        return phases[name]

    def replace(self, **changes: Any) -> InstructionList:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def without_unused_buffers(self) -> InstructionList:
        """Return a copy whose table has only buffers that something names, looks into, or keeps."""
        wanted = {*self.outputs, *self.keep}
        for instruction in self.instructions:
            wanted.update(instruction.touched)
        wanted.update(
            name for name, buffer in self.buffers.items() if buffer.role in PERSISTENT_ALWAYS
        )
        pending = list(wanted)
        while pending:
            view = self.buffers[pending.pop()].view
            if view is not None and view.base not in wanted:
                wanted.add(view.base)
                pending.append(view.base)
        kept = {name: buffer for name, buffer in self.buffers.items() if name in wanted}
        return self.replace(buffers=kept)


PERSISTENT_ALWAYS = frozenset(
    {"input", "target", "parameter", "gradient", "statistic", "state", "scalar"}
)
"""Roles that stay in the table even if no instruction is left that names them."""


def root_of(buffers: Mapping[str, Buffer], name: str) -> str:
    """Return the buffer whose memory `name` looks into, through any chain of views."""
    buffer = buffers[name]
    while buffer.view is not None:
        buffer = buffers[buffer.view.base]
    return buffer.name
