"""Blocks: which instructions run block by block together, and what that means for lifetimes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphnet.ir.buffer import Buffer
from graphnet.ir.instruction import Instruction
from graphnet.ir.instruction_list import InstructionList, root_of


def block_groups(
    instructions: Sequence[Instruction], buffers: Mapping[str, Buffer]
) -> Iterator[list[Instruction]]:
    """Give instructions one by one, and neighbours that run in blocks together.

    A group is run for the first block of its vectors, then for the second, and so on.
    """
    group: list[Instruction] = []
    for instruction in instructions:
        if group and not _belongs(instruction, group[0], buffers):
            yield group
            group = []
        group.append(instruction)
    if group:
        yield group


def vector_length(instruction: Instruction, buffers: Mapping[str, Buffer]) -> int:
    """Return the length of a blocked instruction's vectors; that of a block if all are workspaces."""
    return max(buffers[name].type.size_at(1) for name in instruction.touched)


def _belongs(instruction: Instruction, first: Instruction, buffers: Mapping[str, Buffer]) -> bool:
    if not instruction.block or instruction.block != first.block:
        return False
    length = vector_length(first, buffers)
    return vector_length(instruction, buffers) in (instruction.block, length)


def uses_of(listing: InstructionList) -> dict[str, tuple[int, int]]:
    """Return the first and the last instruction that use each root, by their index through all lists.

    Every block of a group runs all of it. So what the group reads from before it is needed until its end,
    and what it leaves behind is there from its beginning.
    """
    buffers = listing.buffers
    uses: dict[str, tuple[int, int]] = {}
    index = 0
    for group in _all_groups(listing):
        end = index + len(group) - 1
        for offset, instruction in enumerate(group):
            for name in instruction.touched:
                root = root_of(buffers, name)
                first, last = uses.get(root, (index + offset, 0))
                reach = end if first < index else index + offset
                uses[root] = (first, max(last, reach))
        index += len(group)
    for first_of_group, end in _blocked_ranges(listing):
        for root, (first, last) in uses.items():
            if first_of_group < first <= end < last:
                uses[root] = (first_of_group, last)
    return uses


def _blocked_ranges(listing: InstructionList) -> Iterator[tuple[int, int]]:
    index = 0
    for group in _all_groups(listing):
        if group[0].block:
            yield index, index + len(group) - 1
        index += len(group)


def _all_groups(listing: InstructionList) -> Iterator[list[Instruction]]:
    for phase in (listing.setup, listing.forward, listing.backward, listing.update):
        yield from block_groups(phase, listing.buffers)
