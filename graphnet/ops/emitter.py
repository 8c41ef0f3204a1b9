"""Emitter: appends instructions to a list, inferring types and naming results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from graphnet.ir import (
    Attribute,
    Buffer,
    Instruction,
    Role,
    Shape,
    TensorType,
    View,
    freeze,
)
from graphnet.ops.op import Op, OpError
from graphnet.ops.value import Value


class Emitter:
    """Builds an instruction list in which every buffer is written once (but for `into`).

    Names it makes contain `/` or `:`, which users cannot write: `linear1/matmul` is the first matmul of
    layer `linear1`; a layer's result bears the layer's own name (see `rename`).
    """

    def __init__(
        self, table: Mapping[str, Op], role: Role = "activation", floats: str = "float32"
    ) -> None:
        """Start with nothing emitted.

        Args:
            table: The ops that may be used.
            role: Role of the buffers that emitted results get.
            floats: The network's floating point type, for layers that make such numbers of none.
        """
        self.table = table
        self.floats = floats
        self.role: Role = role
        self.buffers: dict[str, Buffer] = {}
        self.instructions: list[Instruction] = []
        self.layer = ""
        self.part = ""
        self._prefix = ""
        # Which instructions name a buffer, so that renaming does not search them all.
        self._naming: dict[str, list[int]] = defaultdict(list)
        self._numbers: dict[str, int] = {}

    @contextmanager
    def within(self, layer: str, prefix: str = "") -> Iterator[None]:
        """Attribute what is emitted inside to `layer`; names start with `prefix` and the layer."""
        outer = self.layer, self._prefix
        self.layer, self._prefix = layer, prefix
        try:
            yield
        finally:
            self.layer, self._prefix = outer

    @contextmanager
    def within_part(self, part: str) -> Iterator[None]:
        """Name the streams of what a part of the layer draws after the part, for parts of one kind."""
        outer = self.part
        self.part = f"{outer}{part}."
        try:
            yield
        finally:
            self.part = outer

    def declare(
        self,
        name: str,
        type: TensorType,  # noqa: A002 - a buffer has a type
        role: Role,
        *,
        view: View | None = None,
        fill: float | None = None,
    ) -> Value:
        """Add a buffer that no instruction writes first: an input, a parameter, a state.

        Raises:
            OpError: When the name is taken.
        """
        if name in self.buffers:
            raise OpError(f"buffer {name!r} is declared twice")
        self.buffers[name] = Buffer(name, type, role, view, fill)
        return Value(name, type)

    def constant(self, fill: float, dtype: str, shape: Shape = ()) -> Value:
        """Return a buffer whose every element is `fill`; the same one for the same arguments."""
        kind = TensorType(shape, dtype)
        short = f"{fill:g}"
        told = short if float(short) == fill else repr(fill)
        extent = "x".join(str(dim) for dim in shape) or "scalar"
        name = f"const:{told}:{dtype}:{extent}"
        if name not in self.buffers:
            self.declare(name, kind, "constant", fill=fill)
        return Value(name, kind)

    def emit(
        self,
        op: str,
        *reads: Value,
        into: Value | None = None,
        accumulates: Sequence[Value] = (),
        **options: Attribute,
    ) -> Value:
        """Emit one instruction and return its first result.

        Raises:
            OpError: When operands or attributes do not fit the op.
        """
        written = self.emit_all(op, *reads, into=into, accumulates=accumulates, **options)
        return written[0] if written else accumulates[0]

    def emit_all(
        self,
        op: str,
        *reads: Value,
        into: Value | None = None,
        accumulates: Sequence[Value] = (),
        **options: Attribute,
    ) -> tuple[Value, ...]:
        """Emit one instruction and return all its results (without its scratch).

        Args:
            op: Name in the table.
            reads: Operands in the op's order.
            into: Existing buffer for the first result, in place of a new one.
            accumulates: Buffers the op changes.
            options: The op's attributes, all of them.

        Raises:
            OpError: When operands or attributes do not fit the op.
        """
        definition = self.table[op]
        definition.check_counts(len(reads), len(accumulates), options)
        types = [value.type for value in (*reads, *accumulates)]
        results = definition.infer(types, options)
        if into is not None and results[:1] != (into.type,):
            raise OpError(f"{into.name} is {into.type}, the result is {results[0]}")
        values = [
            into if into is not None and index == 0 else self._new(op, role, kind)
            for index, (role, kind) in enumerate(zip(definition.results, results, strict=True))
        ]
        scratch = [
            self._fresh(f"{op}.scratch", kind, "workspace")
            for kind in definition.scratch(types, options)
        ]
        self._append(
            Instruction(
                op=op,
                reads=tuple(value.name for value in reads),
                writes=tuple(value.name for value in (*values, *scratch)),
                accumulates=tuple(value.name for value in accumulates),
                attributes=freeze(options),
                layer=self.layer,
            )
        )
        return tuple(values)

    def rename(self, old: str, new: str, role: Role | None = None) -> Value:
        """Give a buffer made by `emit` another name, everywhere it is used so far.

        Raises:
            OpError: When the new name is taken.
        """
        if new in self.buffers:
            raise OpError(f"buffer {new!r} is declared twice")
        buffer = self.buffers.pop(old)
        self.buffers[new] = replace(buffer, name=new, role=role or buffer.role)
        for index in self._naming[old]:
            self.instructions[index] = renamed(self.instructions[index], {old: new})
        self._naming[new] = self._naming.pop(old)
        return Value(new, buffer.type)

    def writer(self, name: str) -> Instruction | None:
        """Return the instruction that an emitted buffer comes from, or None."""
        indices = self._naming.get(name)
        first = self.instructions[indices[0]] if indices else None
        return first if first is not None and name in first.writes else None

    def _append(self, instruction: Instruction) -> None:
        for name in set(instruction.touched):
            self._naming[name].append(len(self.instructions))
        self.instructions.append(instruction)

    def _new(self, op: str, role: str, kind: TensorType) -> Value:
        plain = role == self.table[op].results[0]
        return self._fresh(op if plain else f"{op}.{role}", kind, self.role)

    def _fresh(self, stem: str, kind: TensorType, role: Role) -> Value:
        base = f"{self._prefix}{self.layer}/{stem}"
        # A name is never given twice, even when renaming has freed it: others may still mean the first.
        number = self._numbers.get(base, 1)
        name = base if number == 1 else f"{base}.{number}"
        while name in self.buffers:
            number += 1
            name = f"{base}.{number}"
        self._numbers[base] = number + 1
        return self.declare(name, kind, role)


def renamed(instruction: Instruction, names: Mapping[str, str]) -> Instruction:
    """Return the instruction with buffer names replaced as `names` says."""

    def swap(group: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(name, name) for name in group)

    if not any(name in names for name in instruction.touched):
        return instruction
    return replace(
        instruction,
        reads=swap(instruction.reads),
        writes=swap(instruction.writes),
        accumulates=swap(instruction.accumulates),
    )
