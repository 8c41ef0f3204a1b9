"""Backward lists: exact ops, fan-out summed once per edge, and nothing that nobody needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from examples import NETWORKS, compiled, linear, network, started
from lists import lines, lowered, ops

from graphnet.errors import InternalError
from graphnet.ir import Batch, TensorType
from graphnet.lowering import BackwardLowering
from graphnet.ops import OPS, Emitter, Value

GOAL = {"y": {"shape": [3]}}


def trained(layers: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return network(layers, **{"targets": GOAL, "loss": "MSELoss", **rest})


def test_a_small_network() -> None:
    assert lines(lowered(NETWORKS["tanh"]).backward) == [
        "d:loss:loss/square = expand(const:1:float32:scalar)",
        "d::loss:loss/scale = scale(loss:loss/sub)",
        "d:linear2 = mul(d:loss:loss/square, d::loss:loss/scale)",
        "d:linear2.bias = sum(d:linear2)",
        "d:tanh1 = matmul(d:linear2, linear2.weight)",
        "d:linear2.weight = matmul(d:linear2, tanh1)",
        "d:linear1 = tanh_gradient(d:tanh1, tanh1)",
        "d:linear1.bias = sum(d:linear1)",
        "d:linear1.weight = matmul(d:linear1, x)",
    ]


def test_the_gradient_of_the_first_layers_input_is_not_computed() -> None:
    for name, plain in NETWORKS.items():
        if "loss" in plain:
            assert not [
                text for text in lines(lowered(plain).backward) if text.startswith("d:x ")
            ], name


def test_input_gradients_are_kept() -> None:
    listing = lowered(NETWORKS["tanh"], input_gradients=True)
    assert lines(listing.backward)[-3:] == [
        "d:linear1.bias = sum(d:linear1)",
        "d:x = matmul(d:linear1, linear1.weight)",
        "d:linear1.weight = matmul(d:linear1, x)",
    ]
    assert listing.keep == (":loss", "d:x")
    words = lowered(NETWORKS["words"], input_gradients=True)
    assert words.keep == (":loss", "d:x"), "whole numbers have no gradient"


def test_the_gradient_of_an_input_the_loss_does_not_depend_on_is_zero() -> None:
    plain = trained(
        {"a": linear(3, inputs="x"), "b": {"type": "Tanh", "inputs": "z"}},
        inputs={"x": {"shape": [3]}, "z": {"shape": [2]}},
        outputs=["a", "b"],
    )
    listing = lowered(plain, input_gradients=True)
    assert "d:z = expand(const:0:float32:scalar)" in lines(listing.backward)
    executable = started(compiled(plain, input_gradients=True))
    executable.memory.poison()
    routine = executable.routine("train", 2)
    routine.forward()
    routine.backward()
    np.testing.assert_array_equal(routine.array("d:z"), np.zeros((2, 2)))


def test_an_input_that_is_its_own_output_gets_the_losss_gradient() -> None:
    plain = trained({"same": "Identity"})
    executable = started(compiled(plain, input_gradients=True))
    routine = executable.routine("train", 1)
    routine.inputs["x"][...], routine.targets["y"][...] = [[3.0, 0.0, -3.0]], 0.0
    routine.forward()
    routine.backward()
    np.testing.assert_array_equal(routine.array("d:x"), [[2.0, 0.0, -2.0]])


@pytest.mark.parametrize("readers", [1, 2, 5])
def test_fan_out_is_summed_once_per_edge(readers: int) -> None:
    layers: dict[str, Any] = {"body": linear(3)}
    layers |= {f"t{i}": {"type": "Tanh", "inputs": "body"} for i in range(readers)}
    layers["sum"] = {"type": "Add", "inputs": [f"t{i}" for i in range(readers)] + ["body"]}
    made = ops(lowered(trained(layers)).backward)
    # One contribution per tanh and one from the sum itself: as many additions as tanhs.
    assert made.count("tanh_gradient") == readers
    assert made.count("add") == readers


def test_a_value_read_twice_by_one_layer_gets_both_shares() -> None:
    plain = trained({"a": linear(3), "double": {"type": "Add", "inputs": ["a", "a"]}})
    assert "d:a = add(d:double, d:double)" in lines(lowered(plain).backward)
    squared = trained({"a": linear(3), "square": {"type": "Mul", "inputs": ["a", "a"]}})
    assert lines(lowered(squared).backward)[3:6] == [
        "d::square/mul = mul(d:square, a)",
        "d::square/mul.2 = mul(d:square, a)",
        "d:a = add(d::square/mul, d::square/mul.2)",
    ]


def test_frozen_layers_get_no_gradient_and_stop_it_where_nothing_lies_below() -> None:
    first = lowered(trained({"a": linear(3, trainable=False), "t": "Tanh", "b": linear(3)}))
    assert lines(first.backward)[3:] == ["d:b.bias = sum(d:b)", "d:b.weight = matmul(d:b, t)"]
    last = lowered(trained({"a": linear(3), "t": "Tanh", "b": linear(3, trainable=False)}))
    assert [text for text in lines(last.backward) if "b.bias" in text or "d:b.weight" in text] == []
    assert lines(last.backward)[3:] == [
        "d:t = matmul(d:b, b.weight)",
        "d:a = tanh_gradient(d:t, t)",
        "d:a.bias = sum(d:a)",
        "d:a.weight = matmul(d:a, x)",
    ]


def test_a_network_frozen_whole_has_neither_backward_nor_update_list() -> None:
    listing = lowered(trained({"a": linear(3, trainable=False)}, optimizer="SGD"))
    assert (listing.backward, listing.update) == ((), ())
    assert ":gradients" not in listing.buffers


def test_shared_parameters_gather_the_gradients_of_all_who_use_them() -> None:
    made = lines(lowered(NETWORKS["shared"]).backward)
    assert made[-2:] == [
        "d:linear1.weight = add(d::linear2/matmul.2, d::linear1/matmul)",
        "d:linear1.bias = add(d::linear2/sum, d::linear1/sum)",
    ]
    assert sum("linear2.weight" in text for text in made) == 0


def test_a_parameter_the_loss_does_not_depend_on_has_the_gradient_zero() -> None:
    plain = trained(
        {"a": linear(3), "b": linear(3, inputs="x")},
        outputs=["a", "b"],
        loss={"only": {"type": "MSELoss", "input": "a"}},
    )
    made = lines(lowered(plain).backward)
    assert "d:b.weight = expand(const:0:float32:scalar)" in made
    assert "d:b.bias = expand(const:0:float32:scalar)" in made


def test_no_gradient_flows_to_a_mask_that_is_drawn() -> None:
    made = lines(lowered(NETWORKS["dropout"]).backward)
    assert "d:linear1 = mul(d:drop1, drop1/dropout_mask)" in made
    assert not any("dropout_mask = " in text for text in made)


def test_slices_of_one_value_come_back_as_a_concatenation() -> None:
    e = Emitter(OPS)
    x = e.declare("x", TensorType((Batch(), 7), "float32"), "input")
    with e.within("parts"):
        parts = [
            e.emit("slice", x, axis=1, start=start, stop=stop)
            for start, stop in ((0, 2), (3, 5), (5, 7))
        ]
        both = e.emit("concat", *(e.emit("tanh", part) for part in parts), axis=1)
        loss = e.emit("mean", both, axes=(0, 1), keepdims=False)
    count = len(e.instructions)
    lowering = BackwardLowering(e, e.instructions, ["x"])
    lowering.lower(loss)
    assert lowering.gradient("x") == Value("d:x", x.type)
    made = ops(e.instructions[count:])
    assert made.count("unslice") <= 3
    assert made[-1] == "concat"
    last = e.instructions[-1]
    sizes = [e.buffers[name].type.shape[1] for name in last.reads]
    assert sizes == [2, 1, 2, 2], "the gap is filled with zeros"
    assert "add" not in made


def test_overlapping_slices_are_summed() -> None:
    e = Emitter(OPS)
    x = e.declare("x", TensorType((4,), "float32"), "input")
    with e.within("parts"):
        parts = [e.emit("slice", x, axis=0, start=start, stop=start + 3) for start in (0, 1)]
        loss = e.emit("sum", e.emit("mul", *parts), axes=(0,), keepdims=False)
    lowering = BackwardLowering(e, e.instructions, ["x"])
    lowering.lower(loss)
    lowering.gradient("x")
    assert ops(e.instructions)[-1] == "add"


def joined(*slices: tuple[int, int]) -> tuple[list[str], list[int]]:
    """Return the last backward ops of slices start:stop of a vector of 9, and the sizes that are joined."""
    e = Emitter(OPS)
    x = e.declare("x", TensorType((9,), "float32"), "input")
    with e.within("parts"):
        parts = [e.emit("slice", x, axis=0, start=start, stop=stop) for start, stop in slices]
        sums = [e.emit("sum", part, axes=(0,), keepdims=False) for part in parts]
        loss = sums[0]
        for other in sums[1:]:
            loss = e.emit("add", loss, other)
    count = len(e.instructions)
    lowering = BackwardLowering(e, e.instructions, ["x"])
    lowering.lower(loss)
    lowering.gradient("x")
    last = [item for item in e.instructions[count:] if item.op == "concat"]
    sizes = [e.buffers[name].type.size_at(1) for item in last for name in item.reads]
    return ops(e.instructions[count:]), sizes


@pytest.mark.parametrize(
    ("slices", "sizes"),
    [
        ([(0, 4), (4, 9)], [4, 5]),
        ([(4, 9), (0, 4)], [4, 5]),
        ([(2, 4), (6, 7)], [2, 2, 2, 1, 2]),
        ([(2, 4)], []),
    ],
)
def test_gaps_between_slices_are_zeros(slices: list[tuple[int, int]], sizes: list[int]) -> None:
    made, found = joined(*slices)
    assert found == sizes
    assert "add" not in made
    assert (made[-1] == "unslice") == (not sizes)


def test_slices_along_an_inner_axis_are_joined_there() -> None:
    e = Emitter(OPS)
    x = e.declare("x", TensorType((Batch(), 5, 3), "float32"), "input")
    with e.within("steps"):
        parts = [e.emit("slice", x, axis=1, start=at, stop=at + 1) for at in (0, 2, 3)]
        total = parts[0]
        for part in parts[1:]:
            total = e.emit("add", total, part)
        loss = e.emit("mean", total, axes=(0, 1, 2), keepdims=False)
    lowering = BackwardLowering(e, e.instructions, ["x"])
    lowering.lower(loss)
    lowering.gradient("x")
    last = e.instructions[-1]
    assert (last.op, last.options) == ("concat", {"axis": 1})
    assert [e.buffers[name].type.shape for name in last.reads] == [(Batch(), 1, 3)] * 5


def test_of_three_slices_two_that_do_not_overlap_are_joined() -> None:
    made, sizes = joined((0, 4), (2, 6), (4, 9))
    assert sizes == [4, 5]
    assert made.count("add") == 1
    assert made[-1] == "add"


def test_a_result_whose_gradient_no_rule_asks_for_is_named() -> None:
    e = Emitter(OPS)
    x = e.declare("x", TensorType((4,), "float32"), "input")
    with e.within("odd"):
        _, mean, *_ = e.emit_all("normalize", x, axes=(0,), eps=1e-5)
        loss = e.emit("sum", mean, axes=(0,), keepdims=False)
    with pytest.raises(InternalError) as caught:
        BackwardLowering(e, e.instructions, ["x"]).lower(loss)
    assert caught.value.code == "GN901"
    assert "asks for the gradient of its result 'mean'" in caught.value.message


def test_an_op_without_a_rule_is_named() -> None:
    e = Emitter(OPS)
    x = e.declare("x", TensorType((4,), "float32"), "input")
    with e.within("odd"):
        loss = e.emit("sum", e.emit("sign", x), axes=(0,), keepdims=False)
    with pytest.raises(InternalError) as caught:
        BackwardLowering(e, e.instructions, ["x"]).lower(loss)
    assert caught.value.code == "GN901"
    assert caught.value.message == "op 'sign' has no adjoint rule for operand 'x'"
    assert caught.value.notes == ("needed by layer 'odd'",)
