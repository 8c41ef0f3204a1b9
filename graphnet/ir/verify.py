"""Verify an instruction list: everything named exists, fits, is written before it is read, and lies apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from graphnet.ir.blocks import block_groups
from graphnet.ir.buffer import REUSED
from graphnet.ir.instruction import Attribute, Instruction
from graphnet.ir.instruction_list import PHASES, InstructionList
from graphnet.ir.places import Places, VerificationError
from graphnet.ir.tensor_type import TensorType


class OpContract(Protocol):
    """What verification needs to know of an op."""

    @property
    def operands(self) -> tuple[str, ...]:
        """Roles of the reads."""

    @property
    def in_place(self) -> tuple[str, ...]:
        """Operands whose memory the first result may take over."""

    @property
    def elementwise(self) -> bool:
        """Whether equal positions belong together."""

    def check_counts(self, reads: int, accumulates: int, options: Mapping[str, Attribute]) -> None:
        """Refuse wrong numbers of operands and wrong attributes."""

    def result_types(
        self, types: Sequence[TensorType], options: Mapping[str, Any]
    ) -> tuple[TensorType, ...]:
        """Return the types of everything written."""


_WRITABLE = {
    "setup": frozenset({"constant", "workspace"}),
    "forward": REUSED | {"statistic"},
    "backward": REUSED | {"gradient"},
    "update": REUSED | {"parameter", "state", "gradient"},
}


def verify(listing: InstructionList, table: Mapping[str, OpContract]) -> None:
    """Check a list completely.

    Args:
        listing: The list.
        table: The ops it may use.

    Raises:
        VerificationError: Naming the instruction and the rule it breaks.
    """
    places = Places(listing)
    current: dict[tuple[str, int], str] = {}
    for phase in PHASES:
        for index, instruction in enumerate(listing.phase(phase)):
            with _told(phase, index, instruction):
                _check_instruction(listing, instruction, phase, table)
        index = 0
        for group in block_groups(listing.phase(phase), listing.buffers):
            # What holds for the first block must hold for the second, after the first has run.
            for offset, instruction in [*enumerate(group)] * (2 if group[0].block else 1):
                with _told(phase, index + offset, instruction):
                    _check_memory(places, instruction, current, table[instruction.op])
            index += len(group)
        if phase == "forward":
            _check_whole(places, current, listing.outputs, "output")
    _check_whole(places, current, listing.keep, "kept value")
    _check_blocks(listing)


@contextmanager
def _told(phase: str, index: int, instruction: Instruction) -> Iterator[None]:
    """Say which instruction an error inside is about, whatever kind of error broken data leads to."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise VerificationError(f"{phase} {index} ({instruction.op}): {error}") from error


def _check_instruction(
    listing: InstructionList, instruction: Instruction, phase: str, table: Mapping[str, OpContract]
) -> None:
    if instruction.op not in table:
        raise VerificationError(f"unknown op {instruction.op!r}")
    missing = [name for name in instruction.touched if name not in listing.buffers]
    if missing:
        raise VerificationError(f"there is no buffer {missing[0]!r}")
    for name in instruction.changed:
        role = listing.buffers[name].role
        if role not in _WRITABLE[phase]:
            raise VerificationError(f"{role} {name!r} may not be written here")
    op = table[instruction.op]
    op.check_counts(len(instruction.reads), len(instruction.accumulates), instruction.options)
    block = instruction.block
    if block and not op.elementwise:
        raise VerificationError("it cannot run in blocks")
    types = [
        _seen(listing.buffers[n].type, block)
        for n in (*instruction.reads, *instruction.accumulates)
    ]
    expected = op.result_types(types, instruction.options)
    actual = tuple(_seen(listing.buffers[name].type, block) for name in instruction.writes)
    if expected != actual:
        told = ", ".join(map(str, expected)), ", ".join(map(str, actual))
        raise VerificationError(f"it gives {told[0]}, not {told[1]}")


def _seen(kind: TensorType, block: int) -> TensorType:
    """Return the type an instruction sees: in a block, vectors are as long as the block."""
    if not block or not kind.shape:
        return kind
    length = kind.shape[0]
    if kind.rank != 1 or not isinstance(length, int) or length < block:
        raise VerificationError(f"{kind} cannot be cut into blocks of {block}")
    return kind.with_shape(block)


def _check_blocks(listing: InstructionList) -> None:
    """Check that a group of blocks cuts vectors of one length, and shares its workspaces with nobody.

    A workspace as long as a block holds the last block only once the group is done.
    """
    groups = [g for phase in PHASES for g in block_groups(listing.phase(phase), listing.buffers)]
    owners: dict[str, int] = {}
    for number, group in enumerate(groups):
        block = group[0].block
        shapes = {name: listing.buffers[name].type.shape for i in group for name in i.touched}
        whole = {shape for shape in shapes.values() if shape not in ((), (block,))}
        if block and len(whole) != 1:
            raise VerificationError(f"blocks of {block} are not all of one vector length")
        for name in [name for name, shape in shapes.items() if block and shape == (block,)]:
            owners[name] = number
    for number, group in enumerate(groups):
        for name in [name for item in group for name in item.touched]:
            if owners.get(name, number) != number:
                raise VerificationError(
                    f"{name!r} holds a single block where it is read or written"
                )


def _check_memory(
    places: Places, instruction: Instruction, current: dict[tuple[str, int], str], op: OpContract
) -> None:
    """Check that reads are defined and that writes destroy nothing the instruction still needs."""
    for name in (*instruction.reads, *instruction.accumulates):
        if places.tracked(name) and not places.written(name, current):
            raise VerificationError(f"{name!r} is read but its content is not there")
    changed = [places.key(name) for name in instruction.changed]
    if len(set(changed)) != len(changed):
        raise VerificationError("two of its results share memory")
    for position, name in enumerate(instruction.reads):
        if places.key(name) in changed and not _takes_over(places, instruction, position, op):
            raise VerificationError(f"it overwrites its operand {name!r}")
    for name in instruction.writes:
        current[places.key(name)] = places.definer(name)


def _takes_over(places: Places, instruction: Instruction, position: int, op: OpContract) -> bool:
    """Tell whether the first result may lie where the operand at a position does."""
    role = op.operands[min(position, len(op.operands) - 1)].lstrip("*")
    name, results = instruction.reads[position], instruction.writes[:1]
    if role not in op.in_place or not results or places.key(results[0]) != places.key(name):
        return False
    return places.same_order(name, results[0])


def _check_whole(
    places: Places, current: Mapping[tuple[str, int], str], names: Sequence[str], what: str
) -> None:
    for name in names:
        if name not in places.buffers:
            raise VerificationError(f"there is no {what} {name!r}")
        if places.tracked(name) and not places.written(name, current):
            raise VerificationError(f"{what} {name!r} is not there in the end")
