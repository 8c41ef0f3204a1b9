"""Arithmetic, element by element: on two values, on one, with numbers that the spec gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Flag, Optional, Real, setting
from graphnet.ir import Attribute, TensorType
from graphnet.layers.activation import Elementwise, Pointwise, needs_floats
from graphnet.layers.function import Function, joint_shape
from graphnet.layers.layer import LayerError
from graphnet.layers.rectifier import LARGEST
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class Combine(Function):
    """Base of element by element joins of two or more values of one shape."""

    op: ClassVar[str]
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    broadcast: bool = setting(Flag(), False, doc="let dimensions of size 1 stretch")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, and different shapes unless broadcasting is asked for and possible."""
        needs_floats(inputs)
        joint_shape(inputs, stretch=self.broadcast)

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op per further input, from left to right."""
        result = inputs[0]
        for other in inputs[1:]:
            result = e.emit(self.op, result, other)
        return result


class Add(Combine):
    """Sum of two or more values of one shape, `y = a + b + ...`."""

    op = "add"


class Mul(Combine):
    """Product of two or more values of one shape, `y = a * b * ...`, element by element."""

    op = "mul"


class Sub(Combine):
    """Difference of two values of one shape, `y = a - b`."""

    op = "sub"
    arity = (2, 2)


class Div(Combine):
    """Quotient of two values of one shape, `y = a / b`; where b is 0 it is not finite, as in torch."""

    op = "div"
    arity = (2, 2)


class Maximum(Combine):
    """The greatest of two or more values of one shape, `y = max(a, b, ...)`, element by element.

    Where two are equal each gets half of the gradient, as in torch.
    """

    op = "maximum"


class Minimum(Combine):
    """The least of two or more values of one shape, `y = min(a, b, ...)`, element by element.

    Where two are equal each gets half of the gradient, as in torch.
    """

    op = "minimum"


@dataclass(frozen=True, kw_only=True)
class Pow(Combine):
    """Power, `y = x^exponent`, or `y = a^b` of two values of one shape where no exponent is given.

    The base must be positive unless the exponent is a whole number.
    """

    op = "pow"
    arity = (1, 2)
    exponent: float | None = setting(Optional(Real()), None, doc="exponent of a single input")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what Combine refuses, and an exponent given twice or not at all."""
        super().check(inputs)
        if self.exponent is None and len(inputs) == 1:
            raise LayerError("needs an exponent: as a setting or as a second input")
        if self.exponent is not None and len(inputs) == 2:
            raise LayerError("has two exponents: one as a setting, one as the second input")

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        if self.exponent is None:
            return super().of(e, inputs)
        if self.exponent == 2.0:
            return e.emit("square", inputs[0])
        return e.emit("power", inputs[0], exponent=self.exponent)


@dataclass(frozen=True, kw_only=True)
class Scale(Elementwise):
    """Product with a number, `y = factor * x`, any shape."""

    op = "scale"
    factor: float = setting(Real(), doc="the number")

    def options(self) -> dict[str, Attribute]:
        """Return the factor."""
        return {"factor": self.factor}


@dataclass(frozen=True, kw_only=True)
class Shift(Elementwise):
    """Sum with a number, `y = x + amount`, any shape."""

    op = "shift"
    amount: float = setting(Real(), doc="the number")

    def options(self) -> dict[str, Attribute]:
        """Return the amount."""
        return {"amount": self.amount}


@dataclass(frozen=True, kw_only=True)
class Clamp(Pointwise):
    """Limits, `y = min(max(x, min), max)`, any shape; the gradient at both limits is that within.

    One of the two may be left out.
    """

    min: float | None = setting(Optional(Real()), None, doc="least value")
    max: float | None = setting(Optional(Real()), None, doc="greatest value")

    def conflict(self) -> str:
        """Refuse limits in the wrong order, and none at all."""
        if self.min is None and self.max is None:
            return "needs min, max or both"
        wrong = self.min is not None and self.max is not None and self.min > self.max
        return f"min {self.min} is above max {self.max}" * wrong

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit one op."""
        low = -LARGEST if self.min is None else self.min
        high = LARGEST if self.max is None else self.max
        return e.emit("clamp", x, low=low, high=high, inclusive=True)


class Neg(Pointwise):
    """`y = -x`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a factor."""
        return e.emit("scale", x, factor=-1.0)


class Abs(Elementwise):
    """`y = |x|`, any shape; the gradient at 0 is 0."""

    op = "abs"


class Sign(Pointwise):
    """`y = -1`, 0 or 1 as x is below, at or above 0, any shape; the gradient is 0."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit the sign of what is held fixed."""
        return e.emit("sign", e.emit("detach", x))


class Sqrt(Elementwise):
    """Square root, `y = sqrt(x)`, any shape; where x is 0 the gradient is not finite, as in torch."""

    op = "sqrt"


class Rsqrt(Pointwise):
    """`y = 1 / sqrt(x)`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a quotient."""
        return e.emit("div", e.constant(1.0, x.dtype), e.emit("sqrt", x))


class Square(Elementwise):
    """`y = x^2`, any shape."""

    op = "square"


class Reciprocal(Pointwise):
    """`y = 1 / x`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a quotient."""
        return e.emit("div", e.constant(1.0, x.dtype), x)


class Exp(Elementwise):
    """`y = exp(x)`, any shape."""

    op = "exp"


class Log(Elementwise):
    """Logarithm to base e, `y = log(x)`, any shape; x must be positive."""

    op = "log"


class Sin(Elementwise):
    """`y = sin(x)`, any shape."""

    op = "sin"


class Cos(Elementwise):
    """`y = cos(x)`, any shape."""

    op = "cos"
