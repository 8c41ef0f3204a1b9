"""Losses of numbers."""

from __future__ import annotations

from graphnet.losses.loss import Loss
from graphnet.ops import Emitter, Value


class MSELoss(Loss):
    """Squared error, `l = (x - t)^2`, reduced over all elements; x and t of one shape."""

    def emit(self, e: Emitter, input: Value, target: Value) -> Value:  # noqa: A002 - torch's word
        """Emit difference, square and reduction."""
        return self.reduce(e, e.emit("square", e.emit("sub", input, target)))


class L1Loss(Loss):
    """Absolute error, `l = |x - t|`, reduced over all elements; the gradient at x = t is 0."""

    def emit(self, e: Emitter, input: Value, target: Value) -> Value:  # noqa: A002 - torch's word
        """Emit difference, absolute value and reduction."""
        return self.reduce(e, e.emit("abs", e.emit("sub", input, target)))
