"""Sink permutes: what lies between convolutions works on the order of axes that these have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from graphnet.ir import REUSED, Buffer, Instruction, InstructionList, Shape, TensorType, freeze
from graphnet.ops import OPS, Op, renamed
from graphnet.ops.reorder import Order, elementwise, inverse
from graphnet.passes.axis_order import keeps_order, permuted, regrouped
from graphnet.passes.base import Pass

STEADY = REUSED | {"input", "target", "parameter", "constant"}
"""Roles of buffers whose content is the same wherever the forward and backward lists read it."""


@dataclass(frozen=True)
class SinkPermutes(Pass):
    """Move permutations behind the instructions that read them, until two undo each other.

    An elementwise instruction, or one whose op says how (`Op.reorder`), works on the values that its operands
    are permutations of, and its result is permuted; so normalisation, activations and pooling between two
    convolutions leave the samples last. What is not read any more is for `dead_code` to drop.
    """

    name = "sink_permutes"

    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the list with permutations as late as they can be."""
        if not any(item.op == "permute" for item in listing.forward + listing.backward):
            return listing
        sinker = _Sinker(listing)
        changed = {
            phase: tuple(sinker.sunk(listing.phase(phase))) for phase in ("forward", "backward")
        }
        return listing.replace(buffers=sinker.buffers, **changed).without_unused_buffers()


def _given(item: Instruction, op: Op) -> set[str]:
    """Return the operands whose axes are not those of the others: constants of ops that say so."""
    if op.elementwise:
        return set()
    return {name for role in op.held for name in item.reads[op.operand_index(role)]}


class _Sinker:
    """Goes through the lists once, knowing which values are permutations of which."""

    def __init__(self, listing: InstructionList) -> None:
        self.buffers = dict(listing.buffers)
        self._made: list[Instruction] = []
        # What a value is a permutation of, and in which order.
        self._turned: dict[str, tuple[str, Order]] = {}
        # Values that are the same as an earlier one.
        self._same: dict[str, str] = {}
        self._spread: dict[str, Instruction] = {}
        self._lifted: dict[tuple[str, Order], str] = {}

    def sunk(self, instructions: Iterable[Instruction]) -> list[Instruction]:
        """Return instructions in the place of some others."""
        self._made = []
        for original in instructions:
            instruction = renamed(original, self._same)
            if instruction.op == "permute":
                self._permute(instruction)
            elif not (instruction.op == "reshape" and self._reshape(instruction)):
                self._other(instruction)
        return self._made

    def _shape(self, name: str) -> Shape:
        return self.buffers[name].type.shape

    def _permute(self, item: Instruction) -> None:
        """Join a permutation with the one before; what is in its first order again is the same value."""
        (name,), (result,) = item.reads, item.writes
        order: Any = item.options["axes"]
        if name in self._turned:
            name, first = self._turned[name]
            order = tuple(first[axis] for axis in order)
        if order != tuple(range(len(order))):
            self._emit(replace(item, reads=(name,), attributes=freeze({"axes": order})))
            self._note(result, name, order)
            return
        self._emit(item)
        if self.buffers[name].role in STEADY and self.buffers[result].role in REUSED:
            self._same[result] = name

    def _note(self, result: str, source: str, order: Order) -> None:
        """Remember that a value is a permutation of another one."""
        if self.buffers[source].role in STEADY:
            self._turned[result] = source, order

    def _reshape(self, item: Instruction) -> bool:
        """Reshape the value that the operand is a permutation of, where elements stay together."""
        (name,), (result,) = item.reads, item.writes
        if name not in self._turned or self.buffers[result].role not in REUSED:
            return False
        source, order = self._turned[name]
        found = regrouped(self._shape(source), order, self._shape(result))
        if found is None:
            return False
        shape, back = found
        inner = self._new(result, self.buffers[result].type.with_shape(*shape))
        self._emit(
            replace(item, reads=(source,), writes=(inner,), attributes=freeze({"shape": shape}))
        )
        self._turn(inner, result, back, item.layer)
        return True

    def _other(self, item: Instruction) -> None:
        op = OPS[item.op]
        order = self._order_of(item, op)
        rule = elementwise if op.elementwise else op.reorder
        reordered = rule(item.options, order) if order is not None and rule is not None else None
        if order is None or reordered is None:
            if item.op == "expand":
                self._spread[item.writes[0]] = item
            self._emit(item)
            return
        options, after = reordered
        given = _given(item, op)
        reads = tuple(
            name if name in given else self._lift(name, order, item.layer) for name in item.reads
        )
        types = op.result_types([self.buffers[name].type for name in reads], options)
        inner = [
            self._inner(name, kind, index, len(op.results), after)
            for index, (name, kind) in enumerate(zip(item.writes, types, strict=True))
        ]
        self._emit(replace(item, reads=reads, writes=tuple(inner), attributes=freeze(options)))
        for name, result in zip(inner, item.writes[: len(op.results)], strict=False):
            if name != result:
                self._turn(name, result, after, item.layer)

    def _order_of(self, item: Instruction, op: Op) -> Order | None:
        """Return the order of the first operand as large as the result (or the only one) that has one."""
        if item.accumulates or not item.writes or not (op.elementwise or op.reorder):
            return None
        rank = len(self._shape(item.writes[0]))
        whole = self._shape(item.writes[0]) if op.elementwise else self._shape(item.reads[0])
        moving = [name for name in item.reads if name not in _given(item, op)]
        if not op.elementwise and any(len(self._shape(n)) != len(whole) for n in moving):
            return None
        if op.elementwise and any(len(self._shape(n)) > rank for n in item.reads):
            return None
        for name in item.reads:
            if name in self._turned and (not op.elementwise or self._shape(name) == whole):
                return self._turned[name][1]
        return None

    def _lift(self, name: str, order: Order, layer: str) -> str:
        """Return an operand with its axes in the order in which an instruction is to work."""
        shape = self._shape(name)
        if not shape:
            return name
        if self._turned.get(name, ("", ()))[1] == order:
            return self._turned[name][0]
        if (name, order) not in self._lifted:
            self._lifted[name, order] = self._lift_anew(name, order, layer)
        return self._lifted[name, order]

    def _lift_anew(self, name: str, order: Order, layer: str) -> str:
        back = inverse(order)
        kind = self.buffers[name].type
        if name in self._spread and kind.rank == len(order):
            return self._spread_anew(self._spread[name], order)
        if name in self._turned and kind.rank == len(order):
            name, first = self._turned[name]
            return self._moved(name, tuple(first[axis] for axis in back), layer)
        wide = (1,) * (len(order) - kind.rank) + kind.shape
        if keeps_order(wide, back):
            return self._shaped(name, permuted(wide, back), layer)
        if wide != kind.shape:
            name = self._shaped(name, wide, layer)
        return self._moved(name, back, layer)

    def _spread_anew(self, item: Instruction, order: Order) -> str:
        """Stretch a value to another order of axes, rather than turning the stretched one."""
        (name,), axes, shape = item.reads, item.options["axes"], self._shape(item.writes[0])
        kind = self.buffers[name].type
        if kind.rank not in (0, len(order)):
            kept = iter(kind.shape)
            narrow = tuple(1 if axis in axes else next(kept) for axis in range(len(order)))  # type: ignore[operator]
            name = self._shaped(name, narrow, item.layer)
        name = self._lift(name, order, item.layer)
        changed = {
            **item.options,
            "axes": tuple(sorted(order[axis] for axis in axes)),  # type: ignore[union-attr,index]
            "shape": permuted(shape, inverse(order)),
        }
        result = self._new(item.writes[0], kind.with_shape(*permuted(shape, inverse(order))))
        self._emit(replace(item, reads=(name,), writes=(result,), attributes=freeze(changed)))
        return result

    def _moved(self, name: str, order: Order, layer: str) -> str:
        """Emit a permutation."""
        kind = self.buffers[name].type
        if order == tuple(range(kind.rank)):
            return name
        result = self._new(name, kind.with_shape(*permuted(kind.shape, order)))
        self._emit(Instruction("permute", (name,), (result,), (), freeze({"axes": order}), layer))
        return result

    def _shaped(self, name: str, shape: Shape, layer: str) -> str:
        """Emit a reshape."""
        kind = self.buffers[name].type
        if kind.shape == shape:
            return name
        result = self._new(name, kind.with_shape(*shape))
        self._emit(Instruction("reshape", (name,), (result,), (), freeze({"shape": shape}), layer))
        return result

    def _turn(self, inner: str, result: str, order: Order, layer: str) -> None:
        """Emit the permutation after an instruction, which gives its result in the first order."""
        shape = self._shape(inner)
        if keeps_order(shape, order):
            attributes = freeze({"shape": permuted(shape, order)})
            self._emit(Instruction("reshape", (inner,), (result,), (), attributes, layer))
        else:
            self._emit(
                Instruction("permute", (inner,), (result,), (), freeze({"axes": order}), layer)
            )
        self._note(result, inner, order)

    def _inner(self, name: str, kind: TensorType, index: int, results: int, order: Order) -> str:
        """Return the buffer that takes the place of one written; the same where nothing is turned."""
        if index < results and order == tuple(range(kind.rank)):
            return name
        return self._new(name, kind)

    def _new(self, like: str, kind: TensorType) -> str:
        """Declare a buffer for another order or shape of a value."""
        role = self.buffers[like].role
        number, name = 1, f"{like}:turned"
        while name in self.buffers:
            number += 1
            name = f"{like}:turned.{number}"
        self.buffers[name] = Buffer(name, kind, role if role in REUSED else "adjoint")
        return name

    def _emit(self, instruction: Instruction) -> None:
        self._made.append(instruction)
