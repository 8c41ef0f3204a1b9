"""Connectionist temporal classification: the likelihood of labels over all their alignments with time."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.value import Value


def _places(labels: TensorType) -> int:
    """Return how many places a sample's labels have with blanks before, between and after them."""
    size = labels.shape[1]
    if not isinstance(size, int):
        raise OpError(f"the number of labels is not known: {labels}")
    return 2 * size + 1


def _check(x: TensorType, labels: TensorType, ends: Types, base: TensorType, blank: int) -> None:
    whole = all(kind.dtype == "int64" for kind in (labels, *ends, base))
    single = all(kind.shape == x.shape[:1] for kind in ends)
    if x.rank != 3 or labels.rank != 2 or not (whole and single and base.shape == x.shape[:2]):
        raise OpError(f"cannot align {labels} with {x}")
    if not isinstance(x.shape[2], int) or not 0 <= blank < x.shape[2]:
        raise OpError(f"there is no class {blank} in {x}")


def _loss(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, labels, steps, lengths, base = types
    _check(x, labels, (steps, lengths), base, options["blank"])
    n, time = x.shape[:2]
    return (x.with_shape(n), x.with_shape(n, time, _places(labels)))


def _scratch(
    types: Types, labels: TensorType, x: TensorType, floats: int
) -> tuple[TensorType, ...]:
    row = x.with_shape(x.shape[0], _places(labels))
    whole = row.with_dtype("int64")
    return (whole, whole, labels.with_dtype("bool"), *(row,) * floats)


def _gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, x, alpha, labels, steps, lengths, base = types
    _check(x, labels, (steps, lengths), base, options["blank"])
    if g.shape != x.shape[:1] or alpha.shape != (*x.shape[:2], _places(labels)):
        raise OpError(f"gradient {g} and alignments {alpha} do not fit {x}")
    return (x,)


def _back(c: Adjoint) -> Value:
    reads = [c[role] for role in ("x", "alpha", "labels", "steps", "lengths", "base")]
    return c.emit("ctc_loss_gradient", c.g, *reads, **c.options)


CTC_LOSS = Op(
    name="ctc_loss",
    formula="alpha[n, t, l] = log of the sum, over all paths through the first t + 1 steps that end at "
    "place l of blank, labels[n, 0], blank, ..., of the product of exp(x); out = -log of the sum of "
    "exp(alpha) at step steps[n] - 1 over the places 2 lengths[n] and 2 lengths[n] - 1; 0 for infinity if "
    "zero_infinity; base = base_positions of x along its last axis",
    operands=("x", "labels", "steps", "lengths", "base"),
    results=("out", "alpha"),
    infer=_loss,
    attributes=("blank", "zero_infinity"),
    adjoint={"x": _back},
    scratch=lambda types, options: _scratch(types, types[1], types[0], 3),
    contiguous=("x", "labels", "steps", "lengths", "base"),
)

CTC_LOSS_GRADIENT = Op(
    name="ctc_loss_gradient",
    formula="out[n, t, c] = -g[n] times the share, in the likelihood of labels[n], of paths at class c at "
    "step t; 0 for infinite losses if zero_infinity",
    operands=("g", "x", "alpha", "labels", "steps", "lengths", "base"),
    results=("out",),
    infer=_gradient,
    attributes=("blank", "zero_infinity"),
    adjoint=None,
    scratch=lambda types, options: (*_scratch(types, types[3], types[1], 4), types[0]),
    contiguous=("g", "x", "alpha", "labels", "steps", "lengths", "base"),
)

OPS = (CTC_LOSS, CTC_LOSS_GRADIENT)
