"""Adjoint: what an adjoint rule sees, and how rules undo broadcasting."""

from __future__ import annotations

from collections.abc import Mapping

from graphnet.ir import Attribute, Instruction, TensorType
from graphnet.ops.emitter import Emitter
from graphnet.ops.op import Op
from graphnet.ops.value import Value


class Adjoint:
    """The point of view of one adjoint rule: gradient in, operands and results by role, gradient out.

    Attributes:
        g: Gradient of the loss with respect to the op's first result.
    """

    def __init__(
        self,
        emitter: Emitter,
        op: Op,
        instruction: Instruction,
        values: Mapping[str, Value],
        g: Value,
    ) -> None:
        """Look at one forward instruction.

        Args:
            emitter: Where the backward instructions go.
            op: Definition of the forward op.
            instruction: The forward instruction.
            values: All forward values by buffer name.
            g: Gradient of its first result.
        """
        self.g = g
        self.options: dict[str, Attribute] = instruction.options
        self._emitter = emitter
        self._op = op
        self._instruction = instruction
        self._values = values
        self.position = 0

    def __getitem__(self, role: str) -> Value:
        """Return the operand or result with this role."""
        if role in self._op.results:
            return self._values[self._instruction.writes[self._op.results.index(role)]]
        return self._values[self._instruction.reads[self._op.operand_index(role)][0]]

    def every(self, role: str) -> list[Value]:
        """Return all operands of a variadic role."""
        names = self._instruction.reads[self._op.operand_index(role)]
        return [self._values[name] for name in names]

    def emit(self, op: str, *reads: Value, **options: Attribute) -> Value:
        """Emit one backward instruction."""
        return self._emitter.emit(op, *reads, into=None, accumulates=(), **options)

    def like(self, gradient: Value, target: TensorType) -> Value:
        """Sum a gradient over the axes along which an operand of type `target` was broadcast."""
        if gradient.shape == target.shape:
            return gradient
        extra = gradient.rank - target.rank
        inner = tuple(
            extra + axis
            for axis, dim in enumerate(target.shape)
            if dim == 1 and gradient.shape[extra + axis] != 1
        )
        summed = self.emit("sum", gradient, axes=(*range(extra), *inner), keepdims=False)
        if summed.shape == target.shape:
            return summed
        return self.emit("reshape", summed, shape=target.shape)
