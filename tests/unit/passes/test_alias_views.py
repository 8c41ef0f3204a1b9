"""Alias views: what only looks elsewhere is no instruction."""

from __future__ import annotations

from typing import Any

import pytest
from handmade import N, after, item, listing, of, table
from lists import lines, ops

from graphnet.ir import Batch, Buffer, InstructionList, TensorType, View
from graphnet.passes import AliasViews


def regrouping(op: str, result: TensorType, **options: Any) -> InstructionList:
    return listing(
        table(
            x=(of(N, 3, 4), "input"),
            a=(of(N, 3, 4), "activation"),
            b=(result, "activation"),
            c=(result, "activation"),
        ),
        forward=(item("tanh", "x", "a"), item(op, "a", "b", **options), item("tanh", "b", "c")),
        outputs=("c",),
    )


@pytest.mark.parametrize(
    ("op", "result", "options", "view"),
    [
        ("reshape", of(N, 12), {"shape": (N, 12)}, View("a", "reshape")),
        ("reshape", of(Batch(12)), {"shape": (Batch(12),)}, View("a", "reshape")),
        ("permute", of(4, N, 3), {"axes": (2, 0, 1)}, View("a", "permute", (2, 0, 1))),
        (
            "slice",
            of(N, 3, 2),
            {"axis": 2, "start": 1, "stop": 3},
            View("a", "slice", (2, 1, 3, 1)),
        ),
    ],
)
def test_what_only_looks_elsewhere_becomes_a_view(
    op: str, result: TensorType, options: dict[str, Any], view: View
) -> None:
    made = after(AliasViews(), regrouping(op, result, **options))
    assert lines(made.forward) == ["a = tanh(x)", "c = tanh(b)"]
    assert made.buffers["b"].view == view


def test_inputs_and_parameters_may_be_looked_into_but_not_statistics() -> None:
    for role, views in (("input", 1), ("parameter", 1), ("constant", 1), ("statistic", 0)):
        before = listing(
            table(x=(of(2, 3), role), b=(of(6), "activation")),  # type: ignore[arg-type]
            forward=(item("reshape", "x", "b", shape=(6,)),),
            outputs=("b",),
        )
        assert len(after(AliasViews(), before).forward) == 1 - views


def test_elements_that_are_not_in_a_row_are_copied_before_they_are_regrouped() -> None:
    before = listing(
        table(x=(of(N, 3, 4), "input"), a=(of(N, 4, 3), "activation"), b=(of(N, 12), "activation")),
        forward=(
            item("permute", "x", "a", axes=(0, 2, 1)),
            item("reshape", "a", "b", shape=(N, 12)),
        ),
        outputs=("b",),
    )
    made = after(AliasViews(), before)
    assert lines(made.forward) == ["b = reshape(a)"]
    assert made.buffers["b"].view is None


def test_operands_that_an_op_needs_in_one_piece_stay_copies() -> None:
    before = listing(
        table(
            x=(of(4, 9), "input"),
            index=(of(N, dtype="int64"), "input"),
            a=(of(9, 4), "activation"),
            b=(of(N, 4), "activation"),
        ),
        forward=(
            item("permute", "x", "a", axes=(1, 0)),
            item("gather_rows", "a index", "b", padding_index=-1),
        ),
        outputs=("b",),
    )
    assert ops(after(AliasViews(), before).forward) == ["permute", "gather_rows"]


def test_a_gradient_is_written_straight_into_its_place() -> None:
    before = listing(
        table(
            x=(of(N, 3), "input"),
            g=(of(16), "gradient"),
            s=(of(1, 3), "adjoint"),
            part=Buffer("part", of(3), "gradient", View("g", "span", (0,))),
        ),
        backward=(
            item("sum", "x", "s", axes=(0,), keepdims=True),
            item("reshape", "s", "part", shape=(3,)),
        ),
    )
    made = after(AliasViews(), before)
    assert lines(made.backward) == ["s = sum(x)"]
    assert made.buffers["s"].view == View("part", "reshape")
