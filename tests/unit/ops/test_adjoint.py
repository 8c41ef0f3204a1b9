"""The view of adjoint rules: operands by role, and sums that undo broadcasting."""

from __future__ import annotations

import pytest

from graphnet.ir import Batch, Dim, TensorType
from graphnet.ops import OPS, Adjoint, Emitter, Value

N = Batch()


def adjoint(
    *shapes: tuple[Dim, ...], op: str = "add", **options: object
) -> tuple[Adjoint, Emitter]:
    """Emit an op on inputs of the given shapes and return the view of it, its gradient being g."""
    e = Emitter(OPS)
    reads = [e.declare(f"x{i}", TensorType(s, "float32"), "input") for i, s in enumerate(shapes)]
    out = e.emit(op, *reads, **options)  # type: ignore[arg-type]
    values = {name: Value(name, buffer.type) for name, buffer in e.buffers.items()}
    g = e.declare("g", out.type, "adjoint")
    return Adjoint(e, OPS[op], e.instructions[0], values, {OPS[op].results[0]: g}), e


def test_operands_and_results_by_role() -> None:
    c, _ = adjoint((N, 3), (3,))
    assert (c["a"].name, c["b"].name, c["out"].shape, c.g.name) == ("x0", "x1", (N, 3), "g")
    c, _ = adjoint((N, 3), (N, 4), op="concat", axis=1)
    assert [value.name for value in c.every("xs")] == ["x0", "x1"]
    assert c.options == {"axis": 1}


@pytest.mark.parametrize(
    ("wide", "narrow", "axes", "reshaped"),
    [
        ((N, 3), (N, 3), None, False),
        ((N, 3), (3,), (0,), False),
        ((N, 3), (), (0, 1), False),
        ((N, 3), (1, 3), (0,), True),
        ((N, 4, 3), (4, 1), (0, 2), True),
        ((N, 1, 3), (1, 1, 1), (0, 2), True),
    ],
)
def test_a_broadcast_operand_gets_the_sum_over_what_it_was_repeated_along(
    wide: tuple[Dim, ...], narrow: tuple[Dim, ...], axes: tuple[int, ...] | None, reshaped: bool
) -> None:
    c, e = adjoint(wide, narrow)
    result = c.like(c.g, c["b"].type)
    assert result.shape == narrow
    emitted = e.instructions[1:]
    if axes is None:
        assert emitted == []
        assert result == c.g
        return
    assert emitted[0].options == {"axes": axes, "keepdims": False}
    assert [item.op for item in emitted] == ["sum", "reshape"] if reshaped else ["sum"]


def test_rules_emit_what_their_formulas_say() -> None:
    rules = OPS["mul"].adjoint or {}
    c, e = adjoint((N, 3), (3,), op="mul")
    made = rules["b"](c)
    assert made.shape == (3,)
    assert [(item.op, item.reads) for item in e.instructions[1:]] == [
        ("mul", ("g", "x0")),
        ("sum", (e.instructions[1].writes[0],)),
    ]


def normalized() -> tuple[Adjoint, Emitter]:
    """Return the view of a normalization, of whose four results the loss depends on the variance only."""
    e = Emitter(OPS)
    x = e.declare("x", TensorType((N, 3), "float32"), "input")
    results = e.emit_all("normalize", x, axes=(0,), eps=1e-5)
    values = {name: Value(name, buffer.type) for name, buffer in e.buffers.items()}
    g = e.declare("g", results[2].type, "adjoint")
    return Adjoint(e, OPS["normalize"], e.instructions[0], values, {"variance": g}), e


def test_a_result_the_loss_does_not_depend_on_has_the_gradient_zero() -> None:
    c, e = normalized()
    assert c.gradient("variance").name == "g"
    assert len(e.instructions) == 1
    zeros = c.g
    assert zeros.shape == (N, 3)
    assert [item.op for item in e.instructions[1:]] == ["expand"]
    assert e.instructions[1].reads == (e.constant(0.0, "float32").name,)
    assert c.g == zeros, "made once"
    assert len(e.instructions) == 2


def test_gradients_that_no_rule_asks_for_are_known() -> None:
    c, _ = normalized()
    assert c.ignored() == ["variance"]
    c.gradient("variance")
    assert c.ignored() == []


def test_what_several_operands_need_is_emitted_once() -> None:
    c, e = normalized()
    x = c["x"]
    first = c.once("normalize", x, axes=(0,), eps=1e-5)
    assert c.once("normalize", x, axes=(0,), eps=1e-5) == first
    assert len(first) == 4
    assert len(e.instructions) == 2
