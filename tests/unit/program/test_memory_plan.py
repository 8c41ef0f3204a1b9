"""Memory plans: no two live buffers overlap, arenas are close to the least possible, bytes are exact."""

from __future__ import annotations

import random
from typing import Any

import pytest
from examples import NETWORKS, compiled, linear, network, started
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.ir import (
    ALIGNMENT,
    Batch,
    Buffer,
    Instruction,
    InstructionList,
    Role,
    TensorType,
    VerificationError,
    View,
)
from graphnet.program import MemoryPlan, Routine, aligned, lifetimes, plan_memory
from graphnet.program.check_plan import check_plan


def buffer(name: str, size: int, role: Role = "activation", base: str | None = None) -> Buffer:
    view = View(base, "reshape") if base else None
    return Buffer(name, TensorType((Batch(size),), "uint8"), role, view)


def touching(*names: str) -> Instruction:
    return Instruction("touch", names, (), (), (), "")


def lived(spans: list[tuple[int, int, int]]) -> InstructionList:
    """Return a list in which buffer i of a size lives from a first to a last instruction."""
    buffers = {f"b{i}": buffer(f"b{i}", size) for i, (size, _, _) in enumerate(spans)}
    length = 1 + max((last for _, _, last in spans), default=0)
    forward = [
        touching(*(f"b{i}" for i, (_, first, last) in enumerate(spans) if at in (first, last)))
        for at in range(length)
    ]
    return InstructionList(buffers, (), tuple(forward), (), (), (), ())


SPANS = st.lists(
    st.tuples(st.integers(1, 5000), st.integers(0, 30), st.integers(0, 20)).map(
        lambda span: (span[0], span[1], span[1] + span[2])
    ),
    min_size=1,
    max_size=40,
)


def overlaps(listing: InstructionList, plan: MemoryPlan, batch: int) -> list[tuple[str, str]]:
    """Compare every pair: the plain way of finding what the check finds by a sweep."""
    spans = lifetimes(listing, batch)
    return [
        (one.name, other.name)
        for at, one in enumerate(spans)
        for other in spans[:at]
        if one.first <= other.last
        and other.first <= one.last
        and plan.offsets[one.name] < plan.offsets[other.name] + other.size
        and plan.offsets[other.name] < plan.offsets[one.name] + one.size
    ]


def most_alive(listing: InstructionList, batch: int) -> int:
    spans = lifetimes(listing, batch)
    return max(
        sum(span.size for span in spans if span.first <= at <= span.last)
        for at in range(len(listing.instructions))
    )


@given(SPANS, st.integers(1, 3))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_random_lifetimes(spans: list[tuple[int, int, int]], batch: int) -> None:
    listing = lived(spans)
    plan = plan_memory(listing, batch)
    assert overlaps(listing, plan, batch) == []
    check_plan(Routine(listing, plan), batch)
    assert plan.lower_bound == most_alive(listing, batch) <= plan.arena_bytes
    tops = [plan.offsets[f"b{i}"] + aligned(size * batch) for i, (size, _, _) in enumerate(spans)]
    assert plan.arena_bytes == max(tops)
    assert all(offset % ALIGNMENT == 0 for offset in plan.offsets.values())
    assert plan == plan_memory(listing, batch), "the same list gives the same plan"


@given(SPANS, st.data())
@settings(derandomize=True, max_examples=200, deadline=None)
def test_the_check_finds_exactly_the_overlaps(
    spans: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    listing = lived(spans)
    plan = plan_memory(listing, 1)
    moved = data.draw(st.sampled_from(sorted(plan.offsets)))
    offset = data.draw(st.integers(0, 40)) * ALIGNMENT
    size = aligned(listing.buffers[moved].type.bytes_at(1))
    other = MemoryPlan(
        {**plan.offsets, moved: offset},
        max(plan.arena_bytes, offset + size),
        plan.lower_bound,
        plan.peak,
    )
    if overlaps(listing, other, 1):
        with pytest.raises(VerificationError, match="share memory"):
            check_plan(Routine(listing, other), 1)
    else:
        check_plan(Routine(listing, other), 1)


def nested(sizes: list[int]) -> InstructionList:
    """Return lifetimes like those of a deep network: what is made first is needed last."""
    count = len(sizes)
    long = [(size, at, 2 * count - at) for at, size in enumerate(sizes)]
    short = [(size // 2 + 1, at, at + 1) for at, size in enumerate(sizes)]
    return lived(long + short)


@pytest.mark.parametrize("seed", range(3))
def test_long_lists_come_close_to_the_least_possible_too(seed: int) -> None:
    """More buffers than the search is for: the sweep alone must do."""
    chooser = random.Random(seed)
    listing = nested([chooser.randrange(64, 20_000) for _ in range(300)])
    plan = plan_memory(listing, 1)
    assert overlaps(listing, plan, 1) == []
    assert plan.arena_bytes <= 1.05 * plan.lower_bound


def test_gaps_are_used_again_in_parts_and_joined() -> None:
    """Two buffers in the place of one, and one in the place of two, again and again."""
    spans: list[tuple[int, int, int]] = []
    for turn in range(250):
        spans += [(1024, 4 * turn, 4 * turn + 1)]
        spans += [(512, 4 * turn + 2, 4 * turn + 3), (512, 4 * turn + 2, 4 * turn + 3)]
    plan = plan_memory(lived(spans), 1)
    assert plan.arena_bytes == plan.lower_bound == 1024


def test_lifetimes_reach_from_the_first_to_the_last_touch_through_views() -> None:
    buffers = {
        b.name: b
        for b in (
            buffer("x", 64, "input"),
            buffer("a", 64),
            buffer("view", 64, base="a"),
            buffer("out", 64),
            buffer("kept", 64),
            buffer("w", 64, "parameter"),
        )
    }
    lists = {
        "setup": (),
        "forward": (touching("x", "a"), touching("w", "out"), touching("kept")),
        "backward": (touching("view"), touching("x")),
        "update": (touching("w"),),
    }
    listing = InstructionList(buffers=buffers, outputs=("out",), keep=("kept",), **lists)
    found = {span.name: (span.first, span.last, span.size) for span in lifetimes(listing, 2)}
    assert found == {"a": (0, 3, 128), "out": (1, 2, 128), "kept": (2, 5, 128)}


def test_a_list_without_reused_buffers_needs_no_arena() -> None:
    listing = InstructionList({"x": buffer("x", 64, "input")}, (), (touching("x"),), (), (), (), ())
    assert plan_memory(listing, 4) == MemoryPlan({}, 0, 0, 0)


@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize("batch", [1, 64])
def test_example_networks_come_within_five_percent_of_the_least_possible(
    name: str, batch: int
) -> None:
    for routine in compiled(NETWORKS[name], batch_size=batch).routines.values():
        plan = routine.plan
        assert plan.lower_bound == most_alive(routine.listing, batch)
        assert plan.lower_bound <= plan.arena_bytes <= 1.05 * plan.lower_bound


def mlp(sizes: list[int], activation: str, **rest: Any) -> dict[str, Any]:
    layers: dict[str, Any] = {}
    for index, size in enumerate(sizes[1:], 1):
        layers[f"linear{index}"] = linear(size)
        layers[f"act{index}"] = activation
    return network(
        layers,
        inputs={"x": {"shape": [sizes[0]]}},
        targets={"y": {"shape": [sizes[-1]]}},
        loss="MSELoss",
        **rest,
    )


@pytest.mark.parametrize(
    "sizes",
    [
        [2, 5, 3, 1],
        [784, 256, 128, 10],
        [16] * 12,
        [512, 256, 128, 64, 32, 64, 128, 256, 512],
        [8, 512, 8, 512, 8],
        [1, 2, 4, 8, 16, 32, 64, 128, 256],
        [4] + [32] * 60,
    ],
    ids=lambda sizes: f"{sizes[0]}-{len(sizes) - 1}-{sizes[-1]}",
)
@pytest.mark.parametrize("activation", ["Tanh", "ReLU"])
@pytest.mark.parametrize("batch", [1, 50])
def test_dense_networks_come_within_five_percent(
    sizes: list[int], activation: str, batch: int
) -> None:
    for routine in compiled(mlp(sizes, activation), batch_size=batch).routines.values():
        assert routine.plan.arena_bytes <= 1.05 * routine.plan.lower_bound


@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize("batch", [1, 7, 64])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bytes_told_are_the_bytes_allocated(name: str, batch: int, dtype: str) -> None:
    program = compiled({**NETWORKS[name], "dtype": dtype}, batch_size=batch)
    parts = program.memory_by_category()
    assert sum(parts.values()) == program.memory_bytes
    executable = started(program)
    assert executable.memory.nbytes == program.memory_bytes
    for routine in program.routines:
        executable.routine(routine, batch)
        executable.routine(routine, 1)
    assert executable.memory.nbytes == program.memory_bytes, "binding allocates nothing more"


def test_bytes_by_category_worked_out_by_hand() -> None:
    plain = network(
        {"linear1": linear(5), "norm": "BatchNorm1d"},
        targets={"y": {"shape": [5]}},
        loss="MSELoss",
        optimizer="Adam",
    )
    parts = compiled(plain, batch_size=10).memory_by_category()
    # 15, 5, 5 and 5 elements, each padded to 16: a vector of 64 float32.
    assert parts["parameters"] == parts["gradients"] == 256
    assert parts["optimizer state"] == 2 * 256 + 64
    assert parts["statistics"] == 3 * 64
    # x: 120 bytes, y: 200, the learning rate: 8, each on cache lines of its own.
    assert parts["inputs and targets"] == 128 + 256 + 64
    assert parts["constants"] >= 64


def test_memory_of_in_place_chains_does_not_grow_with_depth() -> None:
    shallow, deep = (
        compiled(network({f"t{i}": "Tanh" for i in range(depth)}), batch_size=16).arena_bytes
        for depth in (2, 200)
    )
    assert shallow == deep == 16 * 3 * 4
