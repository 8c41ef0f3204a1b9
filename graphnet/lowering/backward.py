"""Derive the backward list from the forward one by the ops' adjoint rules, in reverse order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graphnet.errors import InternalError
from graphnet.ir import GRADIENT_OF, Buffer, Instruction, ParameterRow, View
from graphnet.lowering.join_slices import join_slices
from graphnet.ops import OPS, Adjoint, Emitter, Op, Value

TEMPORARY = f"{GRADIENT_OF}:"
"""What names begin with that are no value's gradient, so that they never meet one."""


def dependent_on(
    instructions: Iterable[Instruction], leaves: Iterable[str], buffers: Mapping[str, Buffer]
) -> set[str]:
    """Return every floating point buffer whose value depends on one of the leaves, these included.

    Whole numbers, such as the positions that a pooling found, are constant almost everywhere.
    """
    found = set(leaves)
    for instruction in instructions:
        if found.intersection(_followed(instruction)):
            found.update(name for name in instruction.writes if buffers[name].type.is_float)
    return found


def _followed(instruction: Instruction) -> list[str]:
    """Return the operands that a gradient can flow back to."""
    op = OPS[instruction.op]
    held = {index for role in op.held for index in _positions(op, role, len(instruction.reads))}
    return [name for index, name in enumerate(instruction.reads) if index not in held]


def _positions(op: Op, role: str, count: int) -> range:
    return range(count)[op.operand_index(role)]


class BackwardLowering:
    """Walks the forward list in reverse and sums what each value contributes to the loss.

    The gradient of value `x` is called `d:x`; what is on the way to one `d::layer/op`. Only values that
    depend on a wanted leaf get one, so gradients nobody needs are never computed.
    """

    def __init__(self, e: Emitter, forward: Sequence[Instruction], wanted: Iterable[str]) -> None:
        """Look at the forward list.

        Args:
            e: Where instructions go; it holds the forward buffers.
            forward: The forward list.
            wanted: Names of the parameters and inputs whose gradients are asked for.
        """
        self._e = e
        self._forward = tuple(forward)
        self._values = {name: Value(name, buffer.type) for name, buffer in e.buffers.items()}
        self._wanted = dependent_on(self._forward, wanted, e.buffers)
        self._contributions: dict[str, list[Value]] = defaultdict(list)
        self._renamed: dict[str, str] = {}

    def lower(self, loss: Value) -> None:
        """Emit the whole backward list, starting from a gradient of 1 for the loss.

        Raises:
            InternalError: When an op has no adjoint rule for an operand that needs one.
        """
        e = self._e
        e.role = "adjoint"
        self._contributions[loss.name].append(e.constant(1.0, loss.dtype))
        for instruction in reversed(self._forward):
            if self._wanted.isdisjoint(instruction.writes):
                continue
            with e.within(instruction.layer, prefix=TEMPORARY):
                gradients = self._gradients_of(instruction)
                if gradients:
                    self._spread(instruction, gradients)

    def gradient(self, name: str) -> Value | None:
        """Return the summed gradient of a leaf, or None where the loss does not depend on it."""
        with self._e.within("sum", prefix=TEMPORARY):
            return self._total(name)

    def write_gradient(self, row: ParameterRow, view: View) -> None:
        """Let the gradient of a parameter land in its place in the flat gradient vector."""
        e, target, kind = self._e, f"{GRADIENT_OF}{row.name}", row.type
        found = self.gradient(row.name)
        if found is not None and found.name == target:
            e.buffers[target] = replace(e.buffers[target], role="gradient", view=view)
            return
        into = e.declare(target, kind, "gradient", view=view)
        with e.within(row.layer, prefix=TEMPORARY):
            if found is None:
                zero, axes = e.constant(0.0, kind.dtype), tuple(range(kind.rank))
                e.emit("expand", zero, into=into, shape=kind.shape, axes=axes, mean=False)
            else:
                e.emit("copy", found, into=into)

    def _gradients_of(self, instruction: Instruction) -> dict[str, Value]:
        """Return the summed gradient of each result that the loss depends on, by role."""
        results = OPS[instruction.op].results
        totals = {
            role: self._total(name) for role, name in zip(results, instruction.writes, strict=False)
        }
        return {role: self._current(g) for role, g in totals.items() if g is not None}

    def _spread(self, instruction: Instruction, gradients: Mapping[str, Value]) -> None:
        """Apply the op's rule for each operand that needs a gradient."""
        op = OPS[instruction.op]
        context = Adjoint(self._e, op, instruction, self._values, gradients)
        for role in op.operands:
            if role.lstrip("*") in op.held:
                continue
            span = op.operand_index(role.lstrip("*"))
            for position, name in enumerate(instruction.reads[span]):
                if name not in self._wanted:
                    continue
                rule = (op.adjoint or {}).get(role.lstrip("*"))
                if rule is None:
                    raise InternalError(
                        "GN901",
                        f"op {op.name!r} has no adjoint rule for operand {role!r}",
                        notes=[f"needed by layer {instruction.layer!r}"],
                    )
                context.position = position
                self._contributions[name].append(rule(context))
        for role in context.ignored():
            raise InternalError(
                "GN901",
                f"no adjoint rule of op {op.name!r} asks for the gradient of its result {role!r}",
                notes=[f"needed by layer {instruction.layer!r}"],
            )

    def _total(self, name: str) -> Value | None:
        """Sum the contributions to a value, and name the sum after it."""
        parts = [self._current(part) for part in self._contributions.pop(name, [])]
        if not parts:
            return None
        parts = join_slices(self._e, parts)
        total = parts[0]
        for part in parts[1:]:
            total = self._e.emit("add", total, part)
        return self._named(total, f"{GRADIENT_OF}{name}")

    def _named(self, value: Value, name: str) -> Value:
        """Rename a gradient that the backward list made and that has no value's name yet."""
        unnamed = value.name.startswith(GRADIENT_OF) and "/" in value.name
        if not unnamed or name in self._e.buffers:
            return value
        self._renamed[value.name] = name
        return self._e.rename(value.name, name)

    def _current(self, value: Value) -> Value:
        name = value.name
        while name in self._renamed:
            name = self._renamed[name]
        return Value(name, value.type)
