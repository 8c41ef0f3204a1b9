"""Losses of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Either, Listed, Real, setting
from graphnet.ir import TensorType
from graphnet.losses.binary import check_places
from graphnet.losses.loss import Elements, Loss
from graphnet.losses.pieces import at_least, negative, softplus
from graphnet.ops import Emitter, Value


def _difference(e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Value:
    return e.emit("sub", inputs[0], targets[0])


class _NumberLoss(Loss):
    zero_where_alike: ClassVar[bool] = True


class MSELoss(_NumberLoss):
    """Squared error, `l = (x - t)^2`, reduced over all elements; x and t of one shape."""

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit difference and square."""
        return Elements(e.emit("square", _difference(e, inputs, targets)))


class L1Loss(_NumberLoss):
    """Absolute error, `l = |x - t|`, reduced over all elements; the gradient at x = t is 0."""

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit difference and absolute value."""
        return Elements(e.emit("abs", _difference(e, inputs, targets)))


def huber(e: Emitter, difference: Value, delta: float) -> Value:
    """Emit `d^2 / 2` where |d| < delta, else `delta (|d| - delta / 2)`."""
    size = e.emit("abs", difference)
    beyond = e.emit("relu", e.emit("shift", size, amount=-delta))
    near = e.emit("scale", e.emit("square", e.emit("sub", size, beyond)), factor=0.5)
    return e.emit("add", near, e.emit("scale", beyond, factor=delta))


@dataclass(frozen=True, kw_only=True)
class HuberLoss(_NumberLoss):
    """Squared error of small differences, absolute error of large ones.

    `l = d^2 / 2` where |d| < delta, else `delta (|d| - delta / 2)`, d = x - t; reduced over all elements.

    References:
        Huber, "Robust Estimation of a Location Parameter", 1964.
    """

    delta: float = setting(Real(above=0.0), 1.0, doc="difference from which the loss is linear")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit what lies within delta and what beyond."""
        return Elements(huber(e, _difference(e, inputs, targets), self.delta))


@dataclass(frozen=True, kw_only=True)
class SmoothL1Loss(_NumberLoss):
    """Huber's loss divided by beta; with beta 0 the absolute error.

    `l = d^2 / (2 beta)` where |d| < beta, else `|d| - beta / 2`, d = x - t; reduced over all elements.
    """

    beta: float = setting(Real(low=0.0), 1.0, doc="difference from which the loss is linear")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit Huber's loss and a factor."""
        difference = _difference(e, inputs, targets)
        if self.beta == 0.0:
            return Elements(e.emit("abs", difference))
        return Elements(e.emit("scale", huber(e, difference, self.beta), factor=1.0 / self.beta))


class LogCoshLoss(_NumberLoss):
    """Logarithm of the hyperbolic cosine: squared error for small differences, absolute for large ones.

    `l = log cosh d = d + log(1 + exp(-2 d)) - log 2`, d = x - t; reduced over all elements, finite for any
    d. As Keras' LogCosh.
    """

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit the stable form."""
        difference = _difference(e, inputs, targets)
        soft = softplus(e, e.emit("scale", difference, factor=-2.0))
        return Elements(e.emit("shift", e.emit("add", difference, soft), amount=-math.log(2.0)))


@dataclass(frozen=True, kw_only=True)
class QuantileLoss(_NumberLoss):
    """Pinball loss, made least by a quantile of the target.

    `l = max(q d, (q - 1) d)`, d = t - x; reduced over all elements. With a list of quantiles, one for each
    place on the last dimension, the target may have 1 there: all outputs are then compared with it.

    References:
        Koenker and Bassett, "Regression Quantiles", 1978.
    """

    quantile: float | tuple[float, ...] = setting(
        Either((Real(above=0.0, below=1.0), Listed(Real(above=0.0, below=1.0)))),
        0.5,
        doc="the quantile, or one for each place on the last dimension",
    )

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse unlike shapes, and quantiles that are not as many as the last dimension has places."""
        (source,), (target,) = inputs, targets
        many = isinstance(self.quantile, tuple)
        if many and source.rank > 1 and target.shape == (*source.shape[:-1], 1):
            target = target.with_shape(*source.shape)
        super().check([source], [target])
        check_places("quantile", self.quantile, source)

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit q d + max(-d, 0)."""
        difference = e.emit("sub", targets[0], inputs[0])
        short = e.emit("relu", negative(e, difference))
        if isinstance(self.quantile, float):
            share = e.emit("scale", difference, factor=self.quantile)
        else:
            table = e.emit("literal", dtype=difference.dtype, values=self.quantile)
            share = e.emit("mul", difference, table)
        return Elements(e.emit("add", share, short))


@dataclass(frozen=True, kw_only=True)
class MAPELoss(_NumberLoss):
    """Mean absolute percentage error, as a fraction.

    `l = |x - t| / max(|t|, eps)`, reduced over all elements. As scikit-learn's
    mean_absolute_percentage_error, which is a fraction too.
    """

    eps: float = setting(Real(above=0.0), 2.0**-52, doc="least size of a target that is divided by")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit a quotient."""
        size = at_least(e, e.emit("abs", targets[0]), self.eps)
        error = e.emit("abs", _difference(e, inputs, targets))
        return Elements(e.emit("div", error, size))


class MSLELoss(_NumberLoss):
    """Mean squared logarithmic error.

    `l = (log(1 + max(x, 0)) - log(1 + max(t, 0)))^2`, reduced over all elements. As scikit-learn's
    mean_squared_log_error, but values below 0 count as 0, as in Keras.
    """

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit the square of a difference of logarithms."""
        logs = [
            e.emit("log", e.emit("shift", e.emit("relu", value), amount=1.0))
            for value in (inputs[0], targets[0])
        ]
        return Elements(e.emit("square", e.emit("sub", *logs)))
