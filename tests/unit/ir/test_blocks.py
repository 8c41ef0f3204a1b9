"""Blocks: which instructions run together, and how long what they read is needed."""

from __future__ import annotations

from graphnet.ir import Buffer, Instruction, InstructionList, TensorType
from graphnet.ir.blocks import block_groups, uses_of


def vector(name: str, length: int) -> Buffer:
    return Buffer(name, TensorType((length,), "float32"), "workspace")


BUFFERS = {
    buffer.name: buffer
    for buffer in (vector("a", 100), vector("b", 100), vector("short", 10), vector("other", 50))
}


def copy(source: str, target: str, block: int = 10) -> Instruction:
    return Instruction("copy", (source,), (target,), (), (), "l", block)


def test_neighbours_of_one_length_run_together() -> None:
    items = [copy("a", "b"), copy("b", "short"), copy("short", "a"), copy("a", "b", 0)]
    items += [copy("a", "b", 0), copy("a", "b"), copy("other", "other"), copy("a", "b", 20)]
    groups = list(block_groups(items, BUFFERS))
    assert [len(group) for group in groups] == [3, 1, 1, 1, 1, 1]
    assert [item for group in groups for item in group] == items


def test_what_a_group_reads_from_before_is_needed_until_its_end() -> None:
    items = (copy("a", "b", 0), copy("b", "short"), copy("short", "other"), copy("a", "a", 0))
    table = {**BUFFERS, "other": vector("other", 100)}
    listing = InstructionList(table, (), (), (), items, (), ())
    assert uses_of(listing) == {"a": (0, 3), "b": (0, 2), "short": (1, 2), "other": (2, 2)}


def test_what_a_group_leaves_behind_is_there_from_its_beginning() -> None:
    """The first block of `b` is written while later blocks of the group have yet to run."""
    items = (copy("a", "other", 0), copy("a", "short"), copy("short", "b"), copy("b", "a", 0))
    table = {**BUFFERS, "other": vector("other", 100)}
    listing = InstructionList(table, (), (), (), items, (), ())
    assert uses_of(listing) == {"a": (0, 3), "other": (0, 0), "short": (1, 2), "b": (1, 3)}


def test_unblocked_instructions_use_what_they_touch_and_no_longer() -> None:
    items = tuple(copy(a, b, 0) for a, b in (("a", "b"), ("b", "short"), ("short", "other")))
    listing = InstructionList(BUFFERS, (), items[:1], items[1:2], items[2:], (), ())
    assert uses_of(listing) == {"a": (0, 0), "b": (0, 1), "short": (1, 2), "other": (2, 2)}
