"""Losses of class scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.ir import TensorType
from graphnet.losses.class_loss import ClassLoss, along, weigh
from graphnet.losses.loss import DecisionKind, Elements, LossError
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class CrossEntropyLoss(ClassLoss):
    """Cross-entropy of class scores and class indices, or probabilities of the classes.

    `l = w_t (log sum_c exp(x_c) - x_t)`, averaged by the weights w_t of the targets' classes (each 1 by
    default); x (N, C, ...), t (N, ...) with values in [0, C), or ignore_index, which has weight 0. With
    targets p (N, C, ...) in the network's own type `l = -sum_c w_c p_c log softmax(x)_c`, averaged over
    samples and positions. label_smoothing s replaces p by `(1 - s) p + s / C`, indices counting as
    certain; their l is `(1 - s) w_t (-y_t) + s / C sum_c w_c (-y_c)`, y = log softmax(x), averaged by
    w_t.

    Departures from torch: ignore_index is not set by default, so that a target of -100 is an error in the
    data unless the spec says otherwise; a mean over nothing (all targets ignored, or of weight 0) is 0 with
    gradients 0, not NaN.

    References:
        Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016, section 7.
    """

    label_smoothing: float = setting(
        Real(low=0.0, high=1.0), 0.0, doc="share of each target spread evenly over all classes"
    )

    def decides(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> DecisionKind:
        """Return that the class with the greatest score is meant, if targets are indices."""
        return "none" if targets[0].is_float else "argmax"

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse targets that are neither indices nor probabilities of the classes."""
        (source,), (target,) = inputs, targets
        if target.dtype != source.dtype or target.shape != source.shape:
            super().check(inputs, targets)
            return
        self.check_classes(source, target)
        if self.ignore_index is not None:
            raise LossError(
                "ignore_index means nothing for targets that are probabilities", "remove it"
            )

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit one fused op, or a composition where smoothing or probabilities ask for it."""
        (x,), (t,) = inputs, targets
        if t.type.is_float:
            return Elements(self._of_probabilities(e, x, t))
        if self.label_smoothing:
            return self._smoothed(e, x, t)
        axis = self.class_axis(x.type)
        read = self.read_target(e, x, t)
        losses = e.emit("softmax_cross_entropy", x, read.index, read.base, axis=axis)
        return Elements(weigh(e, losses, read.weight), read.weight)

    def _of_probabilities(self, e: Emitter, x: Value, t: Value) -> Value:
        axis = self.class_axis(x.type)
        if self.label_smoothing:
            share = self.label_smoothing / int(x.shape[axis])  # type: ignore[arg-type]
            t = e.emit("shift", e.emit("scale", t, factor=1.0 - self.label_smoothing), amount=share)
        products = e.emit("mul", e.emit("log_softmax", x, axis=axis), t)
        return self._over_classes(e, products, axis, -1.0)

    def _over_classes(self, e: Emitter, values: Value, axis: int, factor: float) -> Value:
        """Emit the weighted sum over classes, times a factor."""
        if self.weight is not None:
            table = along(e, self.weight_table(e, values.dtype), values, axis)
            values = e.emit("mul", values, table)
        summed = e.emit("sum", values, axes=(axis,), keepdims=False)
        return e.emit("scale", summed, factor=factor)

    def _smoothed(self, e: Emitter, x: Value, t: Value) -> Elements:
        axis, smoothing = self.class_axis(x.type), self.label_smoothing
        read = self.read_target(e, x, t)
        logs = e.emit("log_softmax", x, axis=axis)
        picked = e.emit("pick", logs, read.index, read.base, axis=axis)
        sure = e.emit("scale", weigh(e, picked, read.weight), factor=smoothing - 1.0)
        share = -smoothing / int(x.shape[axis])  # type: ignore[arg-type]
        evenly = weigh(e, self._over_classes(e, logs, axis, share), read.kept)
        return Elements(e.emit("add", sure, evenly), read.weight)


class NLLLoss(ClassLoss):
    """Negative log-likelihood of class indices, for an output that holds log-probabilities.

    `l = -w_t x_t`, averaged by the weights w_t of the targets' classes (each 1 by default); x (N, C, ...),
    t (N, ...) in [0, C), or ignore_index, which has weight 0. Departures from torch as CrossEntropyLoss.
    """

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit a selection and a sign."""
        (x,), (t,) = inputs, targets
        read = self.read_target(e, x, t)
        picked = e.emit("pick", x, read.index, read.base, axis=self.class_axis(x.type))
        losses = e.emit("scale", picked, factor=-1.0)
        return Elements(weigh(e, losses, read.weight), read.weight)
