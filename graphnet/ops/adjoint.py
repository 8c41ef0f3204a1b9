"""Adjoint: what an adjoint rule sees, and how rules undo broadcasting."""

from __future__ import annotations

from collections.abc import Mapping

from graphnet.ir import Attribute, Instruction, TensorType
from graphnet.ops.emitter import Emitter
from graphnet.ops.op import Op
from graphnet.ops.value import Value


class Adjoint:
    """The point of view of an instruction's adjoint rules: gradients in, values by role, gradients out.

    Attributes:
        options: The forward instruction's attributes.
        position: Which operand of a variadic role is asked for.
    """

    def __init__(
        self,
        emitter: Emitter,
        op: Op,
        instruction: Instruction,
        values: Mapping[str, Value],
        gradients: Mapping[str, Value],
    ) -> None:
        """Look at one forward instruction.

        Args:
            emitter: Where the backward instructions go.
            op: Definition of the forward op.
            instruction: The forward instruction.
            values: All forward values by buffer name.
            gradients: Gradient of each result that the loss depends on, by role.
        """
        self.options: dict[str, Attribute] = instruction.options
        self.position = 0
        self._emitter = emitter
        self._op = op
        self._instruction = instruction
        self._values = values
        self._gradients = dict(gradients)
        self._asked: set[str] = set()
        self._shared: dict[str, tuple[Value, ...]] = {}

    @property
    def g(self) -> Value:
        """Gradient of the loss with respect to the op's first result."""
        return self.gradient(self._op.results[0])

    def gradient(self, role: str) -> Value:
        """Return the gradient of a result; zeros where the loss does not depend on it."""
        self._asked.add(role)
        if role not in self._gradients:
            kind = self[role].type
            zero, axes = self._emitter.constant(0.0, kind.dtype), tuple(range(kind.rank))
            self._gradients[role] = self.emit(
                "expand", zero, shape=kind.shape, axes=axes, mean=False
            )
        return self._gradients[role]

    def ignored(self) -> list[str]:
        """Return the results whose gradient no rule has asked for, though the loss depends on them."""
        return [role for role in self._gradients if role not in self._asked]

    def constant(self, fill: float) -> Value:
        """Return a single number of the gradient's element type."""
        return self._emitter.constant(fill, self.g.dtype)

    def once(self, op: str, *reads: Value, **options: Attribute) -> tuple[Value, ...]:
        """Emit an instruction whose results serve several operands; later calls return the same."""
        if op not in self._shared:
            self._shared[op] = self._emitter.emit_all(
                op, *reads, into=None, accumulates=(), **options
            )
        return self._shared[op]

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
