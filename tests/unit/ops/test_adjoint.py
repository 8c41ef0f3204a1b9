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
