"""Losses that pay as ops of their own: fused for precision and speed, element by element."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.elementwise import first_like, same_type
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.softmax import line, reduced

BCE_WITH_LOGITS = Op(
    name="bce_with_logits",
    formula="out = max(x, 0) - x * t + log(1 + exp(-|x|))",
    operands=("x", "t"),
    results=("out",),
    infer=same_type,
    adjoint={"x": lambda c: c.emit("bce_with_logits_gradient", c.g, c["x"], c["t"])},
    scratch=first_like(1),
    elementwise=True,
)

BCE_WITH_LOGITS_GRADIENT = Op(
    name="bce_with_logits_gradient",
    formula="out = g * (1 / (1 + exp(-x)) - t)",
    operands=("g", "x", "t"),
    results=("out",),
    infer=same_type,
    adjoint=None,
    elementwise=True,
)

BCE = Op(
    name="bce",
    formula="out = -(t * max(log p, -100) + (1 - t) * max(log(1 - p), -100)), the logs bounded as in "
    "torch",
    operands=("p", "t"),
    results=("out",),
    infer=same_type,
    adjoint={"p": lambda c: c.emit("bce_gradient", c.g, c["p"], c["t"])},
    scratch=first_like(1),
    elementwise=True,
)

BCE_GRADIENT = Op(
    name="bce_gradient",
    formula="out = g * (p - t) / max(p * (1 - p), 1e-12), the bound as in torch",
    operands=("g", "p", "t"),
    results=("out",),
    infer=same_type,
    adjoint=None,
    scratch=first_like(1),
    elementwise=True,
)


def _classes(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, index, base = types
    axis = options["axis"]
    if (
        base != index
        or index.dtype != "int64"
        or x.shape[:axis] + x.shape[axis + 1 :] != index.shape
    ):
        raise OpError(f"class scores {x} along axis {axis} do not fit class indices {index}")
    return (x.with_shape(*index.shape), x)


def _classes_back(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, probabilities, index, base = types
    axis = options["axis"]
    if g.shape != index.shape:
        raise OpError(f"gradient {g} does not fit class indices {index}")
    return (_classes((probabilities, index, base), {"axis": axis})[1],)


def _reduced_and_picked(types: Types, options: Options) -> tuple[TensorType, ...]:
    # The second workspace holds positions into the flat scores.
    x, axis = types[0], options["axis"]
    return (reduced(x, axis), types[1], line(x, axis))


SOFTMAX_CROSS_ENTROPY = Op(
    name="softmax_cross_entropy",
    formula="out = log sum exp(x) - x[index], along axis; probabilities = softmax(x); base = "
    "base_positions of x",
    operands=("x", "index", "base"),
    results=("out", "probabilities"),
    infer=_classes,
    attributes=("axis",),
    adjoint={
        "x": lambda c: c.emit(
            "softmax_cross_entropy_gradient",
            c.g,
            c["probabilities"],
            c["index"],
            c["base"],
            axis=c.options["axis"],
        )
    },
    scratch=_reduced_and_picked,
    contiguous=("x", "index", "base"),
)

SOFTMAX_CROSS_ENTROPY_GRADIENT = Op(
    name="softmax_cross_entropy_gradient",
    formula="out = g * (probabilities - 1 at index), along axis; base = base_positions of probabilities",
    operands=("g", "probabilities", "index", "base"),
    results=("out",),
    infer=_classes_back,
    attributes=("axis",),
    adjoint=None,
    scratch=lambda types, options: (types[2], types[0]),
    in_place=("probabilities",),
    contiguous=("g", "probabilities", "index", "base"),
)

OPS = (
    BCE_WITH_LOGITS,
    BCE_WITH_LOGITS_GRADIENT,
    BCE,
    BCE_GRADIENT,
    SOFTMAX_CROSS_ENTROPY,
    SOFTMAX_CROSS_ENTROPY_GRADIENT,
)
