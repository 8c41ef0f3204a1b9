"""In place: results take over operands that die."""

from __future__ import annotations

import pytest
from handmade import N, after, item, listing, of, table
from lists import lines

from graphnet.ir import Batch, Buffer, InstructionList, Role, View
from graphnet.passes import InPlace


def forward_chain(last: str = "c") -> InstructionList:
    names = ("a", "b", "c")
    return listing(
        table(x=(of(N, 3), "input"), **{n: (of(N, 3), "activation") for n in names}),
        forward=(
            item("tanh", "x", "a"),
            item("relu", "a", "b"),
            item("scale", "b", "c", factor=2.0),
        ),
        outputs=(last,),
    )


def test_results_take_over_operands_that_die() -> None:
    made = after(InPlace(), forward_chain())
    assert lines(made.forward) == lines(forward_chain().forward)
    views = {name: made.buffers[name].view for name in "abc"}
    assert views == {"a": None, "b": View("a", "reshape"), "c": View("a", "reshape")}


def test_operands_that_are_needed_later_are_left_alone() -> None:
    before = forward_chain()
    before = listing(
        {**before.buffers, "d": Buffer("d", of(N, 3), "adjoint")},
        forward=before.forward,
        backward=(item("mul", "a b", "d"),),
        outputs=("c",),
        keep=("d",),
    )
    made = after(InPlace(), before)
    assert [made.buffers[name].view for name in "abc"] == [None] * 3
    assert made.buffers["d"].view == View("a", "reshape")


def test_outputs_are_whole_until_the_forward_list_ends_and_free_afterwards() -> None:
    before = forward_chain("a")
    made = after(InPlace(), before)
    assert made.buffers["b"].view is None
    later = listing(
        {**before.buffers, "d": Buffer("d", of(N, 3), "adjoint")},
        forward=before.forward[:1],
        backward=(item("tanh", "a", "d"),),
        outputs=("a",),
    )
    assert after(InPlace(), later).buffers["d"].view == View("a", "reshape")
    assert after(InPlace(), later.replace(keep=("a",))).buffers["d"].view is None


@pytest.mark.parametrize(
    "role", ["input", "target", "parameter", "statistic", "constant", "scalar"]
)
def test_memory_that_lasts_is_never_taken_over(role: Role) -> None:
    before = listing(
        table(x=(of(N, 3), role), a=(of(N, 3), "activation")),
        forward=(item("tanh", "x", "a"),),
        outputs=("a",),
    )
    assert after(InPlace(), before) == before


def test_ops_that_cannot_work_in_place_do_not() -> None:
    before = listing(
        table(x=(of(3, 3), "input"), a=(of(3, 3), "activation"), b=(of(3, 3), "activation")),
        forward=(
            item("tanh", "x", "a"),
            item("matmul", "a x", "b", transpose_a=False, transpose_b=False),
        ),
        outputs=("b",),
    )
    assert after(InPlace(), before) == before


def test_a_smaller_operand_is_not_taken_over() -> None:
    before = listing(
        table(x=(of(N, 3), "input"), s=(of(N, 1), "activation"), a=(of(N, 3), "activation")),
        forward=(item("mean", "x", "s", axes=(1,), keepdims=True), item("add", "s x", "a")),
        outputs=("a",),
    )
    assert after(InPlace(), before) == before


def test_part_of_a_buffer_or_another_order_is_not_taken_over() -> None:
    for view in (View("a", "permute", (1, 0)), View("a", "slice", (0, 0, 3, 1))):
        before = listing(
            table(
                x=(of(3, 3), "input"),
                a=(of(3, 3), "activation"),
                v=Buffer("v", of(3, 3), "activation", view),
                b=(of(3, 3), "activation"),
            ),
            forward=(item("tanh", "x", "a"), item("tanh", "v", "b")),
            outputs=("b",),
        )
        assert after(InPlace(), before) == before


def test_an_operand_another_operand_looks_into_is_not_taken_over() -> None:
    before = listing(
        table(
            x=(of(3, 3), "input"),
            a=(of(3, 3), "activation"),
            turned=Buffer("turned", of(3, 3), "activation", View("a", "permute", (1, 0))),
            b=(of(3, 3), "activation"),
        ),
        forward=(item("tanh", "x", "a"), item("add", "a turned", "b")),
        outputs=("b",),
    )
    assert after(InPlace(), before) == before
    same = before.replace(forward=(before.forward[0], item("mul", "a a", "b")))
    assert after(InPlace(), same).buffers["b"].view == View("a", "reshape")


def test_a_result_that_others_look_into_keeps_its_memory_alive() -> None:
    before = listing(
        table(
            x=(of(N, 4), "input"),
            a=(of(N, 4), "activation"),
            b=(of(N, 4), "activation"),
            look=Buffer("look", of(Batch(4)), "activation", View("b", "reshape")),
            c=(of(N, 4), "activation"),
            d=(of(Batch(4)), "activation"),
        ),
        forward=(
            item("tanh", "x", "a"),
            item("relu", "a", "b"),
            item("tanh", "b", "c"),
            item("tanh", "look", "d"),
        ),
        outputs=("c", "d"),
    )
    made = after(InPlace(), before)
    assert made.buffers["b"].view == View("a", "reshape")
    assert made.buffers["c"].view is None, "look is read afterwards"
