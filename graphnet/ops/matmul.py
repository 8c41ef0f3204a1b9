"""Matrix products."""

from __future__ import annotations

from graphnet.ir import Dim, TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.value import Value


def _matmul(types: Types, options: Options) -> tuple[TensorType, ...]:
    a, b = types
    if a.rank != b.rank or a.rank < 2 or a.shape[:-2] != b.shape[:-2]:
        raise OpError(f"cannot multiply {a} by {b}: leading dimensions differ")
    rows, inner = _turned(a, options["transpose_a"])
    other, columns = _turned(b, options["transpose_b"])
    if inner != other or a.dtype != b.dtype:
        raise OpError(f"cannot multiply {a} by {b}: {inner} is not {other}")
    return (a.with_shape(*a.shape[:-2], rows, columns),)


def _turned(kind: TensorType, transpose: bool) -> tuple[Dim, Dim]:
    last = kind.shape[-2], kind.shape[-1]
    return (last[1], last[0]) if transpose else last


def _adjoint_a(c: Adjoint) -> Value:
    flipped = bool(c.options["transpose_b"])
    if c.options["transpose_a"]:
        return c.emit("matmul", c["b"], c.g, transpose_a=flipped, transpose_b=True)
    return c.emit("matmul", c.g, c["b"], transpose_a=False, transpose_b=not flipped)


def _adjoint_b(c: Adjoint) -> Value:
    flipped = bool(c.options["transpose_a"])
    if c.options["transpose_b"]:
        return c.emit("matmul", c.g, c["a"], transpose_a=True, transpose_b=flipped)
    return c.emit("matmul", c["a"], c.g, transpose_a=not flipped, transpose_b=False)


MATMUL = Op(
    name="matmul",
    formula="out = a @ b, each turned first where transpose_a or transpose_b says so",
    operands=("a", "b"),
    results=("out",),
    infer=_matmul,
    attributes=("transpose_a", "transpose_b"),
    adjoint={"a": _adjoint_a, "b": _adjoint_b},
)


def _vecmat(types: Types, options: Options) -> tuple[TensorType, ...]:
    v, m = types
    if v.rank != 1 or m.rank != 2 or v.shape[0] != m.shape[0] or v.dtype != m.dtype:
        raise OpError(f"cannot multiply the vector {v} by {m}")
    return (m.with_shape(m.shape[1]),)


VECMAT = Op(
    name="vecmat",
    formula="out[j] = sum_i v[i] m[i, j]",
    operands=("v", "m"),
    results=("out",),
    infer=_vecmat,
    adjoint=None,
    contiguous=("v",),
)

OPS = (MATMUL, VECMAT)
