"""Sink permutes: what lies between two convolutions keeps the samples last."""

from __future__ import annotations

from typing import Any

import pytest
from building import compiled
from handmade import N, after, item, listing, of, table
from lists import lines

from graphnet.ir import Batch, Instruction, InstructionList, TensorType
from graphnet.passes import DeadCode, SinkPermutes
from graphnet.passes.axis_order import keeps_order, regrouped

FIRST, LAST = (3, 0, 1, 2), (1, 2, 3, 0)
INNER, OUTER = of(3, 4, 5, N), of(N, 3, 4, 5)


def sunk(instructions: list[Instruction], outputs: str, **kinds: TensorType) -> InstructionList:
    """Return what becomes of instructions after `x` (C, H, W, N) is permuted to `a` (N, C, H, W)."""
    before = listing(
        table(
            x=(INNER, "input"),
            a=(OUTER, "activation"),
            **{
                name: (kind, {"w": "parameter", "y": "input"}.get(name, "activation"))
                for name, kind in kinds.items()
            },
        ),
        forward=(item("permute", "x", "a", axes=FIRST), *instructions),
        outputs=tuple(outputs.split()),
    )
    return DeadCode().apply(after(SinkPermutes(), before))


def test_permutations_that_undo_each_other_are_gone() -> None:
    made = sunk(
        [
            item("relu", "a", "b"),
            item("permute", "b", "c", axes=LAST),
            item("tanh", "c", "d"),
        ],
        "d",
        b=OUTER,
        c=INNER,
        d=INNER,
    )
    assert lines(made.forward) == ["b:turned = relu(x)", "d = tanh(b:turned)"]


def test_an_output_is_permuted_in_the_end() -> None:
    made = sunk([item("relu", "a", "b"), item("tanh", "b", "c")], "c", b=OUTER, c=OUTER)
    assert [i.op for i in made.forward] == ["relu", "tanh", "permute"]
    assert made.forward[-1].options == {"axes": FIRST}


def test_what_is_broadcast_along_channels_is_reshaped_not_moved() -> None:
    made = sunk([item("add", "a w", "b")], "b", w=of(3, 1, 1), b=OUTER)
    assert [i.op for i in made.forward] == ["reshape", "add", "permute"]
    assert made.forward[0].options == {"shape": (3, 1, 1, 1)}


def test_operands_in_another_order_are_turned() -> None:
    made = sunk([item("add", "a y", "b")], "b", y=OUTER, b=OUTER).replace(outputs=())
    assert [(i.op, i.options) for i in made.forward[:1]] == [("permute", {"axes": LAST})]


@pytest.mark.parametrize(
    ("op", "options", "result", "expected"),
    [
        ("concat", {"axis": 1}, OUTER, {"axis": 0}),
        (
            "slice",
            {"axis": 2, "start": 0, "stop": 2},
            of(N, 3, 2, 5),
            {"axis": 1, "start": 0, "stop": 2},
        ),
        (
            "mean",
            {"axes": (2, 3), "keepdims": True},
            of(N, 3, 1, 1),
            {"axes": (1, 2), "keepdims": True},
        ),
        (
            "sum",
            {"axes": (0, 2, 3), "keepdims": False},
            of(3),
            {"axes": (1, 2, 3), "keepdims": False},
        ),
    ],
)
def test_axes_are_renumbered(
    op: str, options: dict[str, Any], result: TensorType, expected: dict[str, Any]
) -> None:
    made = sunk([item(op, "a", "b", **options)], "b", b=result)
    assert (made.forward[0].op, made.forward[0].options) == (op, expected)
    assert made.forward[0].reads == ("x",)


def test_flattening_joins_what_lies_together() -> None:
    made = sunk([item("reshape", "a", "b", shape=(N, 60))], "b", b=of(N, 60))
    assert [(i.op, i.options) for i in made.forward] == [
        ("reshape", {"shape": (60, N)}),
        ("permute", {"axes": (1, 0)}),
    ]


@pytest.mark.parametrize(
    ("shape", "order", "target", "found"),
    [
        ((3, 4, 5, N), FIRST, (N, 60), ((60, N), (1, 0))),
        ((3, 4, 5, N), FIRST, (N, 3, 20), ((3, 20, N), (2, 0, 1))),
        ((4, 2, 2, N), FIRST, (N, 2, 2, 2, 2), ((2, 2, 2, 2, N), (4, 0, 1, 2, 3))),
        ((3, 4, 5, N), FIRST, (Batch(3), 20), None),
        ((3, 1, 1, N), FIRST, (N, 3), ((3, N), (1, 0))),
        ((2, 3, 4), (1, 0, 2), (3, 8), None),
    ],
)
def test_regrouped(shape: Any, order: Any, target: Any, found: Any) -> None:
    assert regrouped(shape, order, target) == found


def test_moving_axes_of_one_element_is_a_reshape() -> None:
    assert keeps_order((1, 3, 1, 1), LAST)
    assert not keeps_order((2, 3, 1, 1), LAST)


def test_between_two_convolutions_nothing_is_moved() -> None:
    program = compiled(
        {
            "inputs": {"x": {"shape": [1, 8, 8]}},
            "targets": {"t": {"shape": [], "dtype": "int64", "classes": 3}},
            "layers": {
                "conv1": {"type": "Conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1},
                "norm": "BatchNorm2d",
                "relu": "ReLU",
                "pool": {"type": "MaxPool2d", "kernel_size": 2},
                "conv2": {"type": "Conv2d", "out_channels": 2, "kernel_size": 3},
                "flat": "Flatten",
                "scores": {"type": "Linear", "out_features": 3},
            },
            "loss": "CrossEntropyLoss",
            "training": {"batch_size": 4},
        }
    )
    listing = program.routines["train"].listing
    moves = {"permute", "reshape", "copy"}
    moved = [(i.op, i.layer) for i in listing.forward + listing.backward if i.op in moves]
    # The input is given with its samples first, and so is the gradient that Linear gives.
    assert moved == [("permute", "conv1"), ("permute", "conv2")]
