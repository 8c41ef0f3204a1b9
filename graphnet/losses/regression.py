"""Losses of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from graphnet.losses.loss import Elements, Loss
from graphnet.ops import Emitter, Value


class MSELoss(Loss):
    """Squared error, `l = (x - t)^2`, reduced over all elements; x and t of one shape."""

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit difference and square."""
        return Elements(e.emit("square", e.emit("sub", inputs[0], targets[0])))


class L1Loss(Loss):
    """Absolute error, `l = |x - t|`, reduced over all elements; the gradient at x = t is 0."""

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit difference and absolute value."""
        return Elements(e.emit("abs", e.emit("sub", inputs[0], targets[0])))
