"""What wrong adjoint rules are made of; `controls` lists them."""

from __future__ import annotations

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
        return {
            **OPS,
            self.op: replace(right, adjoint={**(right.adjoint or {}), self.role: self.rule}),
        }


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
    return Control(
        "factor 1/2", op, role, lambda c: c.emit("scale", right(op, role)(c), factor=0.5)
    )


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


def chosen(c: Adjoint, branch: str) -> Value:
    """Return the gradient where the condition chooses the branch."""
    zero = c.constant(0.0)
    sides = (c.g, zero) if branch == "a" else (zero, c.g)
    return c.emit("where", c["condition"], *sides)


def shared(c: Adjoint, one: str, other: str) -> Value:
    """Return the gradient's share of one operand where it is larger than the other."""
    return c.emit("mul", c.g, c.emit("maximum_share", c[one], c[other]))
