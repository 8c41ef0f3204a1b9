"""Sum rows: sums over the rows of a matrix become products."""

from __future__ import annotations

from typing import Any

import pytest
from handmade import N, after, item, listing, of, table
from lists import ops

from graphnet.ir import Batch, InstructionList, TensorType, root_of
from graphnet.passes import SumRows


def summed(shape: TensorType, result: TensorType, **options: Any) -> InstructionList:
    buffers = table(x=(shape, "input"), s=(result, "adjoint"))
    return listing(buffers, backward=(item("sum", "x", "s", **options),), keep=("s",))


def test_a_sum_over_rows_becomes_a_product() -> None:
    made = after(SumRows(), summed(of(Batch(5), 3), of(3), axes=(0,), keepdims=False))
    assert ops(made.backward) == ["vecmat"]
    ones = made.buffers[made.backward[0].reads[0]]
    assert (ones.type, ones.role, ones.fill) == (of(Batch(5)), "constant", 1.0)
    assert made.backward[0].attributes == ()


@pytest.mark.parametrize(
    ("axes", "result", "rows"),
    [((0, 1), of(4), of(Batch(3), 4)), ((1, 2), of(N), of(12, N))],
    ids=["first", "last"],
)
def test_sums_over_several_axes_look_at_a_matrix(
    axes: tuple[int, ...], result: TensorType, rows: TensorType
) -> None:
    buffers = table(x=(of(N, 3, 4), "input"), y=(of(N, 3, 4), "adjoint"), s=(result, "adjoint"))
    made = after(
        SumRows(),
        listing(
            buffers,
            backward=(
                item("scale", "x", "y", factor=2.0),
                item("sum", "y", "s", axes=axes, keepdims=False),
            ),
            keep=("s",),
        ),
    )
    assert ops(made.backward) == ["scale", "vecmat"]
    ones, matrix = (made.buffers[name] for name in made.backward[1].reads)
    assert (ones.type, ones.fill) == (rows.with_shape(rows.shape[0]), 1.0)
    assert matrix.type == rows
    assert root_of(made.buffers, matrix.name) == "y"


@pytest.mark.parametrize(
    ("shape", "result", "options"),
    [
        (of(N, 3), of(N), {"axes": (1,), "keepdims": False}),
        (of(N, 3), of(1, 3), {"axes": (0,), "keepdims": True}),
        (of(N, 3), of(), {"axes": (0, 1), "keepdims": False}),
        (of(N, 3, 4), of(3, 4), {"axes": (0,), "keepdims": False}),
    ],
)
def test_other_sums_stay(shape: TensorType, result: TensorType, options: dict[str, Any]) -> None:
    before = summed(shape, result, **options)
    assert after(SumRows(), before) == before


def test_means_stay() -> None:
    buffers = table(x=(of(N, 3), "input"), s=(of(3), "adjoint"))
    before = listing(
        buffers, backward=(item("mean", "x", "s", axes=(0,), keepdims=False),), keep=("s",)
    )
    assert after(SumRows(), before) == before


def test_two_sums_share_their_ones() -> None:
    buffers = table(
        x=(of(N, 3), "input"), y=(of(N, 2), "input"), s=(of(3), "adjoint"), t=(of(2), "adjoint")
    )
    sums = tuple(item("sum", a, b, axes=(0,), keepdims=False) for a, b in (("x", "s"), ("y", "t")))
    made = after(SumRows(), listing(buffers, backward=sums, keep=("s", "t")))
    assert made.backward[0].reads[0] == made.backward[1].reads[0]
    assert len(made.buffers) == 5
