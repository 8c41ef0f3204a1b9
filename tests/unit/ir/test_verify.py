"""Verification: every rule, broken by hand in a list that is otherwise right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from handmade import N, item, listing, of, table

from graphnet.ir import (
    ROLES,
    Batch,
    Buffer,
    Instruction,
    InstructionList,
    Role,
    TensorType,
    VerificationError,
    View,
    verify,
)
from graphnet.ops import OPS

VECTOR = TensorType((8,), "float32")
MATRIX = TensorType((4, 4), "float32")
NUMBER = TensorType((), "float32")


def refuse(bad: InstructionList, *words: str) -> None:
    with pytest.raises(VerificationError) as caught:
        verify(bad, OPS)
    for word in words:
        assert word in str(caught.value)


def good() -> InstructionList:
    """A forward list of two instructions: y = tanh(x), z = y + x."""
    return listing(
        table(
            x=(VECTOR, "input"),
            y=(VECTOR, "activation"),
            z=(VECTOR, "activation"),
            weights=(VECTOR, "parameter"),
        ),
        forward=(item("tanh", "x", "y"), item("add", "y x", "z")),
        outputs=("z",),
        keep=("z",),
    )


def test_what_is_right_passes() -> None:
    verify(good(), OPS)


def with_forward(*forward: Instruction) -> InstructionList:
    return good().replace(forward=forward)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (item("tahn", "x", "y"), "forward 0 (tahn): unknown op 'tahn'"),
        (item("tanh", "nothing", "y"), "there is no buffer 'nothing'"),
        (item("tanh", "x", "nothing"), "there is no buffer 'nothing'"),
        (item("tanh", "x x", "y"), "tanh reads 1 buffers, not 2"),
        (item("tanh", "", "y"), "tanh reads 1 buffers, not 0"),
        (item("concat", "", "y", axis=0), "concat reads 1 buffers, not 0"),
        (item("tanh", "x", "y", factor=2.0), "tanh has attributes [], not ['factor']"),
        (item("scale", "x", "y"), "scale has attributes ['factor'], not []"),
        (item("tanh", "x", "y", "weights"), "parameter 'weights' may not be written here"),
        (item("tanh", "x", "y z"), "it gives float32[8], not float32[8], float32[8]"),
        (item("tanh", "x", ""), "it gives float32[8], not "),
    ],
)
def test_names_counts_and_attributes(bad: Instruction, words: str) -> None:
    refuse(with_forward(bad, item("add", "x x", "z")), words)


def test_the_place_is_named() -> None:
    second = item("add", "y nothing", "z")
    refuse(with_forward(item("tanh", "x", "y"), second), "forward 1 (add): ")
    update = good().replace(update=(item("tanh", "x", "nothing"),))
    refuse(update, "update 0 (tanh): ")
    unread = with_forward(item("tanh", "x", "z"), item("add", "y x", "z"))
    refuse(unread, "forward 1 (add): 'y' is read but")


def test_types_must_be_those_of_the_op() -> None:
    named = {**good().buffers, "m": Buffer("m", MATRIX, "activation")}
    bad = good().replace(buffers=named, forward=(item("tanh", "x", "m"), item("add", "x x", "z")))
    refuse(bad, "it gives float32[8], not float32[4, 4]")
    broadcast = good().replace(buffers=named, forward=(item("add", "m x", "z"),))
    refuse(broadcast, "do not fit")


WRITABLE = {
    "setup": {"constant", "workspace"},
    "forward": {"activation", "adjoint", "workspace", "statistic"},
    "backward": {"activation", "adjoint", "workspace", "gradient"},
    "update": {"activation", "adjoint", "workspace", "gradient", "parameter", "state"},
}


@pytest.mark.parametrize("phase", list(WRITABLE))
@pytest.mark.parametrize("role", ROLES)
def test_each_list_writes_only_what_is_its_own(phase: str, role: Role) -> None:
    named = table(a=(VECTOR, "constant"), b=(VECTOR, role))
    made = listing(named, **{phase: (item("tanh", "a", "b"),)})
    if role in WRITABLE[phase]:
        verify(made, OPS)
    else:
        refuse(made, f"{role} 'b' may not be written here")


@pytest.mark.parametrize("role", ["activation", "adjoint", "workspace"])
def test_reused_memory_is_written_before_it_is_read(role: Role) -> None:
    named = {**good().buffers, "early": Buffer("early", VECTOR, role)}
    bad = good().replace(buffers=named, forward=(item("add", "early x", "z"),))
    refuse(bad, "'early' is read but its content is not there")


def test_a_gradient_is_written_before_it_is_read_but_the_whole_vector_is_not_followed() -> None:
    named = table(
        g=(VECTOR, "gradient"),
        part=Buffer("part", VECTOR.with_shape(4), "gradient", View("g", "span", (0,))),
        w=(VECTOR, "workspace"),
        short=(VECTOR.with_shape(4), "workspace"),
    )
    verify(listing(named, update=(item("tanh", "g", "w"),)), OPS)
    refuse(listing(named, update=(item("tanh", "part", "short"),)), "'part' is read but")
    written = (item("scale", "short", "part", factor=2.0),)
    named["short"] = Buffer("short", VECTOR.with_shape(4), "constant")
    verify(listing(named, backward=written, keep=("part",)), OPS)


def test_what_accumulates_needs_its_old_content() -> None:
    named = table(count=(TensorType((), "float64"), "state"))
    verify(listing(named, update=(item("increment", accumulates="count"),)), OPS)
    named["count"] = replace(named["count"], role="workspace")
    refuse(listing(named, update=(item("increment", accumulates="count"),)), "its content is not")


def test_two_results_may_not_share_memory() -> None:
    kind = TensorType((8, 4), "float32")
    named = table(g=(kind, "input"), y=(kind, "input"), out=(kind, "activation"))
    named["scratch"] = Buffer("scratch", kind, "workspace", View("out", "reshape"))
    refuse(listing(named, forward=(item("tanh_gradient", "g y", "out scratch"),)), "share memory")
    refuse(listing(named, forward=(item("tanh_gradient", "g y", "out out"),)), "share memory")


def taken_over(op: str, operands: int, position: int, **options: Any) -> InstructionList:
    """Return a list in which the result of an op lies where one of its operands does."""
    names = [f"x{i}" for i in range(operands)]
    named = table(start=(MATRIX, "input"), **dict.fromkeys(names, (MATRIX, "activation")))
    forward = [item("copy", "start", name) for name in names]
    named["out"] = Buffer("out", MATRIX, "activation", View(names[position], "reshape"))
    forward.append(item(op, " ".join(names), "out", **options))
    return listing(named, forward=tuple(forward), outputs=("out",))


def test_a_result_takes_over_only_operands_that_the_op_allows() -> None:
    verify(taken_over("add", 2, 0), OPS)
    verify(taken_over("add", 2, 1), OPS)
    options = {"transpose_a": False, "transpose_b": False}
    for position in (0, 1):
        refuse(
            taken_over("matmul", 2, position, **options), f"overwrites its operand 'x{position}'"
        )
    refuse(taken_over("concat", 1, 0, axis=0), "overwrites its operand 'x0'")


def test_an_operand_written_by_its_own_name_is_no_exception() -> None:
    named = table(w=(MATRIX, "parameter"))
    verify(listing(named, update=(item("add", "w w", "w"),)), OPS)
    options: dict[str, Any] = {"transpose_a": False, "transpose_b": False}
    refuse(
        listing(named, update=(item("matmul", "w w", "w", **options),)), "overwrites its operand"
    )


def test_a_result_may_not_take_over_an_operand_in_another_order() -> None:
    bad = taken_over("tanh", 1, 0)
    turned = replace(bad.buffers["out"], view=View("x0", "permute", (1, 0)))
    refuse(bad.replace(buffers={**bad.buffers, "out": turned}), "overwrites its operand 'x0'")


def test_scratch_may_not_lie_where_an_operand_does() -> None:
    named = table(start=(VECTOR, "input"), g=(VECTOR, "activation"), out=(VECTOR, "activation"))
    named["t"] = Buffer("t", VECTOR, "workspace", View("g", "reshape"))
    forward = (item("copy", "start", "g"), item("tanh_gradient", "g start", "out t"))
    refuse(listing(named, forward=forward), "overwrites its operand 'g'")


def test_what_was_taken_over_cannot_be_read_any_more() -> None:
    made = taken_over("tanh", 1, 0)
    named = {**made.buffers, "late": Buffer("late", MATRIX, "activation")}
    forward = (*made.forward, item("tanh", "x0", "late"))
    refuse(
        made.replace(buffers=named, forward=forward), "'x0' is read but its content is not there"
    )
    verify(made.replace(buffers=named, forward=(*made.forward, item("tanh", "out", "late"))), OPS)


def test_outputs_are_whole_after_the_forward_list_and_kept_values_after_the_last() -> None:
    refuse(good().replace(outputs=("nothing",)), "there is no output 'nothing'")
    refuse(good().replace(keep=("nothing",)), "there is no kept value 'nothing'")
    refuse(with_forward(item("tanh", "x", "y")), "output 'z' is not there in the end")
    named = {**good().buffers, "over": Buffer("over", VECTOR, "adjoint", View("z", "reshape"))}
    late = good().replace(buffers=named, backward=(item("tanh", "z", "over"),))
    refuse(late, "kept value 'z' is not there in the end")
    verify(late.replace(keep=()), OPS)


def test_blocks() -> None:
    long = TensorType((100,), "float32")
    named = table(
        p=(long, "parameter"),
        g=(long, "gradient"),
        rate=(NUMBER, "workspace"),
        w=(long.with_shape(32), "workspace"),
    )
    start = item("affine", "lr", "rate", factor=1.0, offset=0.0, dtype="float32")
    named["lr"] = Buffer("lr", TensorType((), "float64"), "scalar")
    run = (item("mul", "g rate", "w", block=32), item("sub", "p w", "p", block=32))
    verify(listing(named, update=(start, *run)), OPS)
    halves = tuple(replace(instruction, block=16) for instruction in run)
    refuse(listing(named, update=(start, *halves)), "blocks of 16 are not all of one vector length")
    refuse(listing(named, update=(start, replace(run[0], block=16), run[1])), "not all of one")
    late = item("sum", "w", "rate", axes=(0,), keepdims=False)
    refuse(listing(named, update=(start, *run, late)), "'w' holds a single block where it is read")
    between = (run[0], start, run[1])
    refuse(listing(named, update=(start, *between)), "'w' holds a single block where it is read")
    larger = tuple(replace(instruction, block=128) for instruction in run)
    refuse(listing(named, update=(start, *larger)), "cannot be cut into blocks of 128")
    whole = item("sum", "g", "rate", axes=(0,), keepdims=False, block=32)
    refuse(listing(named, update=(whole,)), "it cannot run in blocks")
    alone = item("tanh", "p", "p", block=100)
    refuse(listing(named, update=(alone,)), "blocks of 100 are not all of one vector length")
    named["m"] = Buffer("m", MATRIX, "parameter")
    refuse(listing(named, update=(item("tanh", "m", "m", block=4),)), "cannot be cut into blocks")


VIEWS: dict[str, tuple[TensorType, TensorType, View]] = {
    "another element type": (MATRIX, MATRIX.with_dtype("int32"), View("base", "reshape")),
    "too few elements": (MATRIX, of(15), View("base", "reshape")),
    "reshape with arguments": (MATRIX, of(16), View("base", "reshape", (1,))),
    "another batch": (of(N, 4), of(4), View("base", "reshape")),
    "an axis twice": (MATRIX, MATRIX, View("base", "permute", (0, 0))),
    "an axis too few": (MATRIX, MATRIX, View("base", "permute", (0,))),
    "permuted to another shape": (of(2, 3), of(2, 3), View("base", "permute", (1, 0))),
    "slice without step": (MATRIX, of(2, 4), View("base", "slice", (0, 0, 2))),
    "slice of an axis outside": (MATRIX, MATRIX, View("base", "slice", (2, 0, 4, 1))),
    "slice of a negative axis": (MATRIX, MATRIX, View("base", "slice", (-1, 0, 4, 1))),
    "slice beyond the end": (MATRIX, of(5, 4), View("base", "slice", (0, 0, 5, 1))),
    "slice from before the start": (MATRIX, MATRIX, View("base", "slice", (0, -1, 3, 1))),
    "empty slice": (MATRIX, of(0, 4), View("base", "slice", (0, 2, 2, 1))),
    "slice with step 0": (MATRIX, MATRIX, View("base", "slice", (0, 0, 4, 0))),
    "slice of the batch": (of(N, 4), of(2, 4), View("base", "slice", (0, 0, 2, 1))),
    "slice of another size": (MATRIX, of(3, 4), View("base", "slice", (0, 0, 4, 2))),
    "span of a matrix": (MATRIX, of(4), View("base", "span", (0,))),
    "span beyond the end": (VECTOR, of(4), View("base", "span", (5,))),
    "span from before the start": (VECTOR, of(4), View("base", "span", (-1,))),
    "span without start": (VECTOR, of(4), View("base", "span", ())),
    "span of a batch": (of(N), of(1), View("base", "span", (0,))),
    "a base that is not there": (MATRIX, MATRIX, View("nothing", "reshape")),
    "itself": (MATRIX, MATRIX, View("view", "reshape")),
}


@pytest.mark.parametrize("case", list(VIEWS))
def test_views_that_do_not_fit(case: str) -> None:
    base, inner, view = VIEWS[case]
    named = table(base=(base, "input"), view=Buffer("view", inner, "activation", view))
    refuse(listing(named), "'view'")


RIGHT_VIEWS: list[tuple[TensorType, TensorType, View]] = [
    (MATRIX, of(16), View("base", "reshape")),
    (of(N, 4), of(Batch(4)), View("base", "reshape")),
    (of(2, 3), of(3, 2), View("base", "permute", (1, 0))),
    (MATRIX, of(4, 2), View("base", "slice", (1, 1, 4, 2))),
    (MATRIX, of(2, 4), View("base", "slice", (0, 0, 2, 1))),
    (VECTOR, of(8), View("base", "span", (0,))),
    (VECTOR, of(2, 2), View("base", "span", (4,))),
    (VECTOR, of(), View("base", "span", (7,))),
]


@pytest.mark.parametrize(("base", "inner", "view"), RIGHT_VIEWS)
def test_views_that_fit(base: TensorType, inner: TensorType, view: View) -> None:
    named = table(base=(base, "input"), view=Buffer("view", inner, "activation", view))
    verify(listing(named), OPS)


def test_regrouping_elements_that_are_not_in_a_row_would_need_a_copy() -> None:
    turned = Buffer("turned", MATRIX, "activation", View("base", "permute", (1, 0)))
    named = table(base=(MATRIX, "input"), turned=turned)
    verify(listing(named), OPS)
    named["flat"] = Buffer("flat", of(16), "activation", View("turned", "reshape"))
    refuse(listing(named), "'flat' regroups elements that are not in a row")


def test_views_in_a_circle() -> None:
    a, b = View("b", "reshape"), View("a", "reshape")
    named = table(a=Buffer("a", MATRIX, "activation", a), b=Buffer("b", MATRIX, "activation", b))
    refuse(listing(named), "looks at nothing")


@pytest.mark.parametrize("wrong", ["text", None, (1, "a"), 3.5, Batch(), (0, 0), (9,), (-1,)])
def test_attributes_of_a_wrong_kind_are_refused_not_crashed_on(wrong: object) -> None:
    made = item("sum", "x", "y", axes=wrong, keepdims=False)
    refuse(with_forward(made), "forward 0 (sum): ")
