"""Losses of two-class problems."""

from __future__ import annotations

from graphnet.losses.loss import Loss
from graphnet.ops import Emitter, Value


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of logits, stable for any size of them.

    `l = max(x, 0) - x t + log(1 + exp(-|x|))`, reduced over all elements; x and t of one shape.
    """

    decision = "logit"

    def emit(self, e: Emitter, input: Value, target: Value) -> Value:  # noqa: A002 - torch's word
        """Emit one fused op and the reduction."""
        return self.reduce(e, e.emit("bce_with_logits", input, target))


class BCELoss(Loss):
    """Binary cross-entropy of probabilities.

    `l = -(t log p + (1 - t) log(1 - p))`, the logarithms bounded below by -100 as in torch, reduced over
    all elements; p and t of one shape.
    """

    decision = "probability"

    def emit(self, e: Emitter, input: Value, target: Value) -> Value:  # noqa: A002 - torch's word
        """Emit one op and the reduction."""
        return self.reduce(e, e.emit("bce", input, target))
