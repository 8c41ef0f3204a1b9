"""The emitter: names, types, renaming, and refusals."""

from __future__ import annotations

import pytest

from graphnet.ir import Batch, Instruction, TensorType, View
from graphnet.ops import OPS, Emitter, OpError, Value, renamed

KIND = TensorType((Batch(), 3), "float32")


def emitter() -> tuple[Emitter, Value]:
    e = Emitter(OPS)
    return e, e.declare("x", KIND, "input")


def test_names_tell_layer_and_op_and_are_numbered() -> None:
    e, x = emitter()
    with e.within("tanh1"):
        names = [e.emit("tanh", x).name for _ in range(3)]
    with e.within("tanh1", prefix="d:"):
        names.append(e.emit("tanh", x).name)
    assert names == ["tanh1/tanh", "tanh1/tanh.2", "tanh1/tanh.3", "d:tanh1/tanh"]
    assert [item.layer for item in e.instructions] == ["tanh1"] * 4
    assert e.layer == ""


def test_further_results_and_scratch_are_named_by_their_role() -> None:
    e, x = emitter()
    with e.within("norm1"):
        results = e.emit_all("normalize", x, axes=(0,), eps=1e-5)
    assert [value.name for value in results] == [
        "norm1/normalize",
        "norm1/normalize.mean",
        "norm1/normalize.variance",
        "norm1/normalize.inverse_deviation",
    ]
    scratch = e.buffers["norm1/normalize.scratch"]
    assert e.instructions[0].writes == (*(value.name for value in results), scratch.name)
    assert (scratch.role, scratch.type) == ("workspace", KIND)
    assert e.buffers["norm1/normalize.mean"].type == KIND.with_shape(1, 3)


def test_results_get_the_role_of_the_moment() -> None:
    e, x = emitter()
    first = e.emit("tanh", x)
    e.role = "adjoint"
    second = e.emit("tanh", x)
    assert [e.buffers[value.name].role for value in (first, second)] == ["activation", "adjoint"]


def test_into_an_existing_buffer() -> None:
    e, _ = emitter()
    p = e.declare("p", TensorType((4,), "float32"), "parameter")
    made = e.emit("scale", p, into=p, factor=2.0)
    assert made == p
    assert e.instructions[0].writes == ("p",)
    assert list(e.buffers) == ["x", "p"]
    with pytest.raises(OpError, match=r"p is float32\[4\], the result is float32\[N, 3\]"):
        e.emit("tanh", Value("x", KIND), into=p)


def test_what_only_accumulates_returns_what_it_changes() -> None:
    e, _ = emitter()
    count = e.declare("count", TensorType((), "float64"), "state", fill=0.0)
    assert e.emit("increment", accumulates=(count,)) == count
    assert e.instructions[0].accumulates == ("count",)


def test_equal_constants_are_one() -> None:
    e, _ = emitter()
    one, same = e.constant(1.0, "float32"), e.constant(1.0, "float32")
    others = [
        e.constant(2.0, "float32"),
        e.constant(1.0, "float64"),
        e.constant(1.0, "float32", (3,)),
    ]
    assert one == same
    assert len({one.name, *(other.name for other in others)}) == 4
    assert e.buffers[one.name].fill == 1.0
    assert e.buffers[one.name].role == "constant"


def test_renaming_reaches_every_instruction() -> None:
    e, x = emitter()
    with e.within("layer"):
        y = e.emit("tanh", x)
        z = e.emit("add", y, y)
        e.emit("mul", z, y)
    new = e.rename(y.name, "layer", role="adjoint")
    assert new == Value("layer", KIND)
    assert y.name not in e.buffers
    assert (e.buffers["layer"].name, e.buffers["layer"].role) == ("layer", "adjoint")
    assert [item.reads for item in e.instructions[1:]] == [("layer", "layer"), (z.name, "layer")]
    assert e.instructions[0].writes == ("layer",)
    again = e.rename("layer", "twice")
    assert e.instructions[2].reads == (z.name, again.name)
    e.emit("tanh", again)
    e.rename("twice", "thrice")
    assert [item.reads[-1] for item in e.instructions[1:]] == ["thrice"] * 3


def test_taken_names_are_refused() -> None:
    e, x = emitter()
    y = e.emit("tanh", x)
    with pytest.raises(OpError, match="'x' is declared twice"):
        e.declare("x", KIND, "input")
    with pytest.raises(OpError, match="'x' is declared twice"):
        e.rename(y.name, "x")


def test_declared_views_and_fills_are_kept() -> None:
    e, _ = emitter()
    e.declare("flat", TensorType((8,), "float32"), "parameter")
    view = View("flat", "span", (0,))
    e.declare("w", TensorType((2, 2), "float32"), "parameter", view=view, fill=0.5)
    assert (e.buffers["w"].view, e.buffers["w"].fill) == (view, 0.5)


def test_what_does_not_fit_is_refused() -> None:
    e, x = emitter()
    with pytest.raises(OpError, match="add reads 2 buffers, not 1"):
        e.emit("add", x)
    with pytest.raises(OpError, match=r"has attributes \['factor'\], not \[\]"):
        e.emit("scale", x)
    with pytest.raises(OpError, match="running_average accumulates into 1, not 0"):
        e.emit("running_average", x, x, momentum=0.1, unbiased=False)
    with pytest.raises(KeyError):
        e.emit("no such op", x)
    assert e.instructions == []


def test_an_instruction_without_the_name_is_not_touched() -> None:
    item = Instruction("tanh", ("x",), ("y",), ("s",), (), "l")
    assert renamed(item, {"z": "a"}) is item
    changed = renamed(item, {"x": "a", "s": "b"})
    assert (changed.reads, changed.writes, changed.accumulates) == (("a",), ("y",), ("b",))
