"""Instruction lists: phases, and which buffers stay in their table."""

from __future__ import annotations

import pytest

from graphnet.ir import (
    PHASES,
    ROLES,
    Buffer,
    Instruction,
    InstructionList,
    Role,
    TensorType,
    View,
    root_of,
)

KIND = TensorType((4,), "float32")


def buffer(name: str, role: Role = "activation", base: str | None = None) -> Buffer:
    return Buffer(name, KIND, role, View(base, "reshape") if base else None)


def listing(*buffers: Buffer, forward: tuple[Instruction, ...] = ()) -> InstructionList:
    return InstructionList({b.name: b for b in buffers}, (), forward, (), (), (), ())


def test_root_through_a_chain_of_views() -> None:
    chain = [buffer("a"), *(buffer(f"v{i}", base=f"v{i - 1}" if i else "a") for i in range(2000))]
    table = {b.name: b for b in chain}
    assert root_of(table, "v1999") == "a"
    assert root_of(table, "a") == "a"


def test_phases_are_in_the_order_of_execution() -> None:
    lists = {phase: (Instruction(phase, (), (), (), (), ""),) for phase in PHASES}
    made = InstructionList(buffers={}, outputs=(), keep=(), **lists)
    assert [item.op for item in made.instructions] == ["setup", "forward", "backward", "update"]
    assert all(made.phase(phase) == lists[phase] for phase in PHASES)


def test_buffers_nobody_names_are_dropped_with_their_bases() -> None:
    copy = Instruction("copy", ("view",), ("result",), (), (), "l")
    made = listing(
        buffer("base"),
        buffer("view", base="base"),
        buffer("result"),
        buffer("idle"),
        buffer("idle view", base="idle"),
        forward=(copy,),
    )
    assert list(made.without_unused_buffers().buffers) == ["base", "view", "result"]
    assert len(made.buffers) == 5, "the list it came from is left as it was"


def test_outputs_and_kept_values_stay() -> None:
    made = listing(buffer("a"), buffer("b"), buffer("c")).replace(outputs=("a",), keep=("c",))
    assert list(made.without_unused_buffers().buffers) == ["a", "c"]


@pytest.mark.parametrize("role", ROLES)
def test_memory_that_lasts_stays_even_where_nothing_names_it(role: Role) -> None:
    kept = bool(listing(buffer("it", role)).without_unused_buffers().buffers)
    assert kept == (role not in {"activation", "adjoint", "workspace", "constant"})
