"""Losses of two-class problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Either, Listed, Optional, Real, setting
from graphnet.ir import TensorType, shape_text
from graphnet.losses.loss import Elements, Loss, LossError
from graphnet.losses.pieces import softplus
from graphnet.ops import Emitter, Value

WEIGHTS = Optional(Either((Real(low=0.0), Listed(Real(low=0.0)))))
Weights = float | tuple[float, ...] | None


@dataclass(frozen=True, kw_only=True)
class _BinaryLoss(Loss):
    weight: Weights = setting(
        WEIGHTS, None, doc="factor on the losses, one or one for each place on the last dimension"
    )

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse unlike shapes, and weights that are not as many as the last dimension has places."""
        super().check(inputs, targets)
        check_places("weight", self.weight, inputs[0])

    def weighted(self, e: Emitter, losses: Value) -> Elements:
        """Emit the product with the weights; a mean still divides by the number of elements."""
        if self.weight is None:
            return Elements(losses)
        if isinstance(self.weight, float):
            return Elements(e.emit("scale", losses, factor=self.weight))
        table = e.emit("literal", dtype=losses.dtype, values=self.weight)
        return Elements(e.emit("mul", losses, table))


def check_places(name: str, weights: Weights, source: TensorType) -> None:
    """Refuse a list that has not one number for each place on the last dimension.

    Raises:
        LossError: With both numbers.
    """
    places = source.shape[-1] if source.rank > 1 else 1
    if isinstance(weights, tuple) and len(weights) != places:
        raise LossError(
            f"{name} has {len(weights)} numbers, the output {shape_text(source.shape)} has {places} "
            f"on its last dimension",
            f"give {name} one number, or a list of {places}",
        )


@dataclass(frozen=True, kw_only=True)
class BCEWithLogitsLoss(_BinaryLoss):
    """Binary cross-entropy of logits, stable for any size of them.

    `l = w (max(x, 0) - x t + log(1 + exp(-|x|)))`, reduced over all elements; x and t of one shape. With
    pos_weight q the loss of a yes counts q times: `l = w ((1 - t) x + (1 + (q - 1) t) log(1 + exp(-x)))`.
    """

    decision = "logit"

    pos_weight: Weights = setting(
        WEIGHTS, None, doc="weight of a yes, one or one for each place on the last dimension"
    )

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse unlike shapes, and weights that are not as many as the last dimension has places."""
        super().check(inputs, targets)
        check_places("pos_weight", self.pos_weight, inputs[0])

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit one fused op, or a composition where a yes has a weight of its own."""
        (x,), (t,) = inputs, targets
        if self.pos_weight is None:
            return self.weighted(e, e.emit("bce_with_logits", x, t))
        no = e.emit("shift", e.emit("scale", t, factor=-1.0), amount=1.0)
        yes = self._yes(e, t)
        soft = softplus(e, e.emit("scale", x, factor=-1.0))
        losses = e.emit("add", e.emit("mul", no, x), e.emit("mul", yes, soft))
        return self.weighted(e, losses)

    def _yes(self, e: Emitter, t: Value) -> Value:
        """Emit 1 + (q - 1) t."""
        if isinstance(self.pos_weight, float):
            more = e.emit("scale", t, factor=self.pos_weight - 1.0)
        else:
            table = tuple(weight - 1.0 for weight in self.pos_weight or ())
            more = e.emit("mul", t, e.emit("literal", dtype=t.dtype, values=table))
        return e.emit("shift", more, amount=1.0)


class BCELoss(_BinaryLoss):
    """Binary cross-entropy of probabilities.

    `l = -w (t log p + (1 - t) log(1 - p))`, the logarithms bounded below by -100 as in torch, reduced over
    all elements; p and t of one shape.
    """

    decision = "probability"

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit one op."""
        return self.weighted(e, e.emit("bce", inputs[0], targets[0]))
