"""Deliberately wrong adjoint rules: what one gets wrong when writing them. The gradient check must refuse all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphnet.ops import OPS, Adjoint, Op, Value
from graphnet.ops.op import AdjointRule


@dataclass(frozen=True)
class Control:
    """One wrong rule.

    Attributes:
        mistake: What is wrong with it.
        op: The op whose rule it takes the place of.
        role: The operand whose rule it is.
        rule: The wrong rule.
    """

    mistake: str
    op: str
    role: str
    rule: AdjointRule

    def table(self) -> dict[str, Op]:
        """Return a copy of the op table with the wrong rule in it."""
        right = OPS[self.op]
        return {**OPS, self.op: replace(right, adjoint={**(right.adjoint or {}), self.role: self.rule})}


def negative(c: Adjoint, value: Value) -> Value:
    return c.emit("scale", value, factor=-1.0)


def right(op: str, role: str) -> AdjointRule:
    """Return the rule as the table has it."""
    return (OPS[op].adjoint or {})[role]


def flipped(op: str, role: str) -> Control:
    """Return the rule with its sign turned round."""
    return Control("sign flipped", op, role, lambda c: negative(c, right(op, role)(c)))


def halved(op: str, role: str) -> Control:
    """Return the rule with half its size."""
    return Control("factor 1/2", op, role, lambda c: c.emit("scale", right(op, role)(c), factor=0.5))


def dropped(op: str, role: str) -> Control:
    """Return a rule that passes the gradient on as if the op were not there."""
    return Control("the op forgotten", op, role, lambda c: c.g)


def options(c: Adjoint, **changes: Any) -> dict[str, Any]:
    return {**c.options, **changes}


def rows(c: Adjoint) -> Any:
    return c["weight"].shape[0]


def product(c: Adjoint, one: Value, other: Value, turn_one: bool, turn_other: bool) -> Value:
    return c.emit("matmul", one, other, transpose_a=turn_one, transpose_b=turn_other)


def spread(c: Adjoint, mean: bool) -> Value:
    return c.emit("expand", c.g, axes=c.options["axes"], mean=mean, shape=c["x"].shape)


def fold(c: Adjoint, op: str) -> Value:
    keepdims = c["x"].rank == c["out"].rank
    return c.emit(op, c.g, axes=c.options["axes"], keepdims=keepdims)


def neighbour(c: Adjoint, **changes: int) -> Value:
    """Slice the gradient of `unslice` at another place."""
    axis, start = int(str(c.options["axis"])), int(str(c.options["start"]))
    start = max(0, start + changes["by"])
    return c.emit("slice", c.g, axis=axis, start=start, stop=start + int(str(c["x"].shape[axis])))


def unsliced(c: Adjoint, by: int) -> Value:
    """Put the gradient of `slice` back at another place."""
    axis = int(str(c.options["axis"]))
    start = max(0, int(str(c.options["start"])) + by)
    return c.emit("unslice", c.g, axis=axis, start=start, size=c["x"].shape[axis])


def first_part(c: Adjoint) -> Value:
    """Give every operand of `concat` the beginning of the gradient."""
    axis = int(str(c.options["axis"]))
    size = int(str(c.every("xs")[c.position].shape[axis]))
    return c.emit("slice", c.g, axis=axis, start=0, stop=size)


def shifted_part(c: Adjoint) -> Value:
    """Give every operand of `concat` what lies one element further."""
    axis = int(str(c.options["axis"]))
    sizes = [int(str(value.shape[axis])) for value in c.every("xs")]
    start = min(sum(sizes[: c.position]) + 1, sum(sizes) - sizes[c.position])
    return c.emit("slice", c.g, axis=axis, start=start, stop=start + sizes[c.position])


def rows_back(c: Adjoint, padding: Any) -> Value:
    return c.emit("scatter_rows", c.g, c["index"], rows=rows(c), padding_index=padding)


def without_product(c: Adjoint) -> Value:
    """Leave the third term out of the gradient of `normalize`."""
    axes = c.options["axes"]
    middle = c.emit("mean", c.g, axes=axes, keepdims=True)
    return c.emit("mul", c.emit("sub", c.g, middle), c["inverse_deviation"])


def without_mean(c: Adjoint) -> Value:
    """Leave the second term out of the gradient of `normalize`."""
    both = c.emit("mul", c.g, c["normalized"])
    middle = c.emit("mean", both, axes=c.options["axes"], keepdims=True)
    rest = c.emit("sub", c.g, c.emit("mul", c["normalized"], middle))
    return c.emit("mul", rest, c["inverse_deviation"])


def softmax_diagonal(c: Adjoint) -> Value:
    """Take softmax for a function of each element alone: y (1 - y)."""
    return c.emit("sigmoid_gradient", c.g, c["y"])


def like(c: Adjoint, value: Value, role: str) -> Value:
    return c.like(value, c[role].type)


CONTROLS: tuple[Control, ...] = (
    # Every rule there is, turned round, halved and forgotten.
    *(flipped(name, role) for name, op in OPS.items() for role in op.adjoint or {}),
    *(halved(name, role) for name, op in OPS.items() for role in op.adjoint or {}),
    dropped("sub", "b"),
    dropped("mul", "a"),
    dropped("scale", "x"),
    dropped("square", "x"),
    dropped("tanh", "x"),
    dropped("relu", "x"),
    dropped("softmax", "x"),
    dropped("log_softmax", "x"),
    dropped("normalize", "x"),
    dropped("sum", "x"),
    dropped("slice", "x"),
    dropped("permute", "x"),
    # Broadcasting not undone, or undone wrongly.
    Control("missing sum over the stretched axes", "add", "b", lambda c: c.g),
    Control("missing sum over the stretched axes", "sub", "a", lambda c: c.g),
    Control("missing sum over the stretched axes", "mul", "b", lambda c: c.emit("mul", c.g, c["a"])),
    Control("missing sum over the stretched axes", "div", "a", lambda c: c.emit("div", c.g, c["b"])),
    Control("stretched to the other operand's shape", "add", "a", lambda c: like(c, c.g, "b")),
    # The wrong operand, or the result in place of an operand.
    Control("own operand", "mul", "a", lambda c: like(c, c.emit("mul", c.g, c["a"]), "a")),
    Control("own operand", "mul", "b", lambda c: like(c, c.emit("mul", c.g, c["b"]), "b")),
    Control("result for operand", "mul", "a", lambda c: like(c, c.emit("mul", c.g, c["out"]), "a")),
    Control("result for operand", "square", "x", lambda c: c.emit("mul", c.g, c.emit("scale", c["out"], factor=2.0))),
    Control("operand for result", "sqrt", "x", lambda c: c.emit("scale", c.emit("div", c.g, c["x"]), factor=0.5)),
    Control("operand for result", "tanh", "x", lambda c: c.emit("tanh_gradient", c.g, c["x"])),
    Control("operand for result", "sigmoid", "x", lambda c: c.emit("sigmoid_gradient", c.g, c["x"])),
    Control("operand for result", "softmax", "x", lambda c: c.emit("softmax_gradient", c.g, c["x"], axis=c.options["axis"])),
    Control("operand for result", "log_softmax", "x", lambda c: c.emit("log_softmax_gradient", c.g, c["x"], axis=c.options["axis"])),
    Control("swapped operands", "maximum", "a", lambda c: c.emit("mul", c.g, c.emit("maximum_share", c["b"], c["a"]))),
    Control("swapped operands", "bce_with_logits", "x", lambda c: c.emit("bce_with_logits_gradient", c.g, c["t"], c["x"])),
    Control("swapped operands", "bce", "p", lambda c: c.emit("bce_gradient", c.g, c["t"], c["p"])),
    Control("logits for probabilities", "bce", "p", lambda c: c.emit("bce_with_logits_gradient", c.g, c["p"], c["t"])),
    Control("numerator for denominator", "div", "a", lambda c: like(c, c.emit("div", c.g, c["out"]), "a")),
    Control("one denominator missing", "div", "b", lambda c: like(c, negative(c, c.emit("mul", c.g, c["out"])), "b")),
    Control("value in place of sign", "abs", "x", lambda c: c.emit("mul", c.g, c["x"])),
    Control("sign of the result", "abs", "x", lambda c: c.emit("mul", c.g, c.emit("sign", c["out"]))),
    # A missing factor, or one too many.
    Control("missing factor 2", "square", "x", lambda c: c.emit("mul", c.g, c["x"])),
    Control("missing factor 1/2", "sqrt", "x", lambda c: c.emit("div", c.g, c["out"])),
    Control("factor applied twice", "scale", "x", lambda c: c.emit("scale", right("scale", "x")(c), factor=c.options["factor"])),
    Control("amount taken for a factor", "shift", "x", lambda c: c.emit("scale", c.g, factor=c.options["amount"])),
    Control("missing 1/n", "mean", "x", lambda c: spread(c, mean=False)),
    Control("1/n too many", "sum", "x", lambda c: spread(c, mean=True)),
    Control("missing 1/n", "expand", "x", lambda c: fold(c, "sum")),
    Control("1/n too many", "expand", "x", lambda c: fold(c, "mean")),
    # Products.
    Control("missing transpose", "matmul", "a", lambda c: product(c, c.g, c["b"], False, False)),
    Control("missing transpose", "matmul", "b", lambda c: product(c, c["a"], c.g, False, False)),
    Control("transpose_b ignored", "matmul", "a", lambda c: product(c, c.g, c["b"], False, True)),
    Control("transpose_a ignored", "matmul", "b", lambda c: product(c, c["a"], c.g, True, False)),
    Control("swapped operands", "matmul", "a", lambda c: product(c, c["b"], c.g, False, True)),
    Control("swapped operands", "matmul", "b", lambda c: product(c, c.g, c["a"], True, False)),
    # Places.
    Control("same order instead of back", "permute", "x", lambda c: c.emit("permute", c.g, axes=c.options["axes"])),
    Control("off by one", "slice", "x", lambda c: unsliced(c, -1)),
    Control("start forgotten", "slice", "x", lambda c: unsliced(c, -99)),
    Control("off by one", "unslice", "x", lambda c: neighbour(c, by=-1)),
    Control("start forgotten", "unslice", "x", lambda c: neighbour(c, by=-99)),
    Control("always the first part", "concat", "xs", first_part),
    Control("off by one", "concat", "xs", shifted_part),
    Control("forgotten padding row", "gather_rows", "weight", lambda c: rows_back(c, -1)),
    Control("wrong padding row", "gather_rows", "weight", lambda c: rows_back(c, 0)),
    # Sums inside a rule, along the wrong axis or missing.
    Control("element by element", "softmax", "x", softmax_diagonal),
    Control("wrong axis", "softmax", "x", lambda c: c.emit("softmax_gradient", c.g, c["y"], axis=0)),
    Control("wrong axis", "log_softmax", "x", lambda c: c.emit("log_softmax_gradient", c.g, c["y"], axis=0)),
    Control("rule of log_softmax", "softmax", "x", lambda c: c.emit("log_softmax_gradient", c.g, c["y"], axis=c.options["axis"])),
    Control("rule of softmax", "log_softmax", "x", lambda c: c.emit("softmax_gradient", c.g, c["y"], axis=c.options["axis"])),
    Control("only the scale", "normalize", "x", lambda c: c.emit("mul", c.g, c["inverse_deviation"])),
    Control("missing mean", "normalize", "x", without_mean),
    Control("missing product", "normalize", "x", without_product),
    Control("variance for deviation", "normalize", "x", lambda c: c.emit("normalize_gradient", c.g, c["normalized"], c["variance"], axes=c.options["axes"])),
    Control("operand for normalized", "normalize", "x", lambda c: c.emit("normalize_gradient", c.g, c["x"], c["inverse_deviation"], axes=c.options["axes"])),
    Control("missing one at the class", "softmax_cross_entropy", "x",
            lambda c: c.emit("mul", c.emit("expand", c.g, axes=(c.options["axis"],), mean=False, shape=c["x"].shape), c["probabilities"])),
    Control("scores for probabilities", "softmax_cross_entropy", "x",
            lambda c: c.emit("softmax_cross_entropy_gradient", c.g, c["x"], c["index"], c["base"], axis=c.options["axis"])),
)  # fmt: skip
"""All wrong rules."""
