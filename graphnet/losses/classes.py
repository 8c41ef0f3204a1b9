"""Losses of class indices."""

from __future__ import annotations

from graphnet.losses.loss import ClassLoss
from graphnet.ops import Emitter, Value


class CrossEntropyLoss(ClassLoss):
    """Cross-entropy of class scores and class indices.

    `l = log sum_c exp(x_c) - x_t`, reduced over all samples (and positions); x (N, C, ...), t (N, ...)
    with values in [0, C).
    """

    def emit(self, e: Emitter, input: Value, target: Value) -> Value:  # noqa: A002 - torch's word
        """Emit one fused op and the reduction."""
        axis = self.class_axis(input.type)
        base = e.emit("base_positions", shape=input.shape, axis=axis)
        losses = e.emit("softmax_cross_entropy", input, target, base, axis=axis)
        return self.reduce(e, losses)


class NLLLoss(ClassLoss):
    """Negative log-likelihood of class indices, for an output that holds log-probabilities.

    `l = -x_t`, reduced over all samples (and positions); x (N, C, ...), t (N, ...) in [0, C).
    """

    def emit(self, e: Emitter, input: Value, target: Value) -> Value:  # noqa: A002 - torch's word
        """Emit a selection, a sign and the reduction."""
        axis = self.class_axis(input.type)
        base = e.emit("base_positions", shape=input.shape, axis=axis)
        picked = e.emit("pick", input, target, base, axis=axis)
        return e.emit("scale", self.reduce(e, picked), factor=-1.0)
