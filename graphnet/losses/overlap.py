"""Losses for unequal classes and for regions: focal losses and overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Flag, Optional, Real, setting
from graphnet.ir import TensorType
from graphnet.losses.class_loss import ClassLoss, weigh
from graphnet.losses.loss import DecisionKind, Elements, Loss
from graphnet.losses.pieces import below, negative, per_sample, power
from graphnet.ops import Emitter, Value

GAMMA = Real(low=0.0)


@dataclass(frozen=True, kw_only=True)
class FocalLoss(ClassLoss):
    """Cross-entropy that counts what is already right less.

    `l = -w_t (1 - p_t)^gamma log p_t`, p = softmax(x), averaged by the weights w_t of the targets' classes.
    With gamma 0 it is CrossEntropyLoss.

    References:
        Lin et al., "Focal Loss for Dense Object Detection", 2017, equation 5.
    """

    gamma: float = setting(GAMMA, 2.0, doc="how much less; 0 for not at all")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit the fused cross-entropy, and a factor made of it."""
        (x,), (t,) = inputs, targets
        read = self.read_target(e, x, t)
        axis = self.class_axis(x.type)
        losses = e.emit("softmax_cross_entropy", x, read.index, read.base, axis=axis)
        if self.gamma:
            wrong = below(e, 1.0, e.emit("exp", negative(e, losses)))
            losses = e.emit("mul", power(e, wrong, self.gamma), losses)
        return Elements(weigh(e, losses, read.weight), read.weight)


@dataclass(frozen=True, kw_only=True)
class SigmoidFocalLoss(Loss):
    """Binary cross-entropy of logits that counts what is already right less.

    `l = a_t (1 - p_t)^gamma b`, b the cross-entropy, p_t the probability given to the truth, a_t = alpha
    where t = 1 and 1 - alpha where t = 0; reduced over all elements; x and t of one shape. As torchvision's
    sigmoid_focal_loss.

    References:
        Lin et al., "Focal Loss for Dense Object Detection", 2017, equation 5.
    """

    decision = "logit"

    alpha: float | None = setting(
        Optional(Real(low=0.0, high=1.0)), 0.25, doc="weight of a yes, that of a no being the rest"
    )
    gamma: float = setting(GAMMA, 2.0, doc="how much less; 0 for not at all")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit the fused cross-entropy and its factors."""
        (x,), (t,) = inputs, targets
        losses = e.emit("bce_with_logits", x, t)
        if self.gamma:
            p = e.emit("sigmoid", x)
            yes, no = e.emit("mul", below(e, 1.0, p), t), e.emit("mul", p, below(e, 1.0, t))
            losses = e.emit("mul", power(e, e.emit("add", yes, no), self.gamma), losses)
        if self.alpha is not None:
            slope = e.emit("scale", t, factor=2.0 * self.alpha - 1.0)
            losses = e.emit("mul", e.emit("shift", slope, amount=1.0 - self.alpha), losses)
        return Elements(losses)


@dataclass(frozen=True, kw_only=True)
class _OverlapLoss(Loss):
    decision = "probability"

    smooth: float = setting(Real(low=0.0), 1.0, doc="added above and below the line")
    from_logits: bool = setting(Flag(), False, doc="whether the output holds logits")

    def decides(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> DecisionKind:
        """Return how a yes is read off the output."""
        return "logit" if self.from_logits else "probability"

    def sums(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> list[Value]:
        """Emit, for each sample, the sums of products, of probabilities and of targets."""
        p = e.emit("sigmoid", inputs[0]) if self.from_logits else inputs[0]
        products = e.emit("mul", p, targets[0])
        return [per_sample(e, value) for value in (products, p, targets[0])]

    def one_less(self, e: Emitter, above: Value, under: Value) -> Elements:
        """Emit 1 - (above + smooth) / (under + smooth)."""
        over, line = (e.emit("shift", value, amount=self.smooth) for value in (above, under))
        return Elements(below(e, 1.0, e.emit("div", over, line)))


class DiceLoss(_OverlapLoss):
    """Twice the overlap of prediction and truth over the sum of their sizes, taken from 1.

    `l = 1 - (2 sum p t + smooth) / (sum p + sum t + smooth)` for each sample, sums over all its elements;
    p and t of one shape.

    References:
        Milletari, Navab and Ahmadi, "V-Net", 2016, without the squares below the line.
    """

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit three sums and a quotient."""
        both, said, wanted = self.sums(e, inputs, targets)
        return self.one_less(e, e.emit("scale", both, factor=2.0), e.emit("add", said, wanted))


@dataclass(frozen=True, kw_only=True)
class TverskyLoss(_OverlapLoss):
    """Overlap of prediction and truth with weights for both kinds of error, taken from 1.

    `l = 1 - (TP + smooth) / (TP + alpha FP + beta FN + smooth)` for each sample, TP = sum p t,
    FP = sum p (1 - t), FN = sum (1 - p) t. With alpha = beta = 1/2 it is DiceLoss with half of its smooth.

    References:
        Salehi, Erdogmus and Gholipour, "Tversky loss function for image segmentation", 2017.
    """

    alpha: float = setting(Real(low=0.0), 0.5, doc="weight of what is said wrongly")
    beta: float = setting(Real(low=0.0), 0.5, doc="weight of what is missed")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit three sums and a quotient."""
        both, said, wanted = self.sums(e, inputs, targets)
        false = e.emit("scale", e.emit("sub", said, both), factor=self.alpha)
        missed = e.emit("scale", e.emit("sub", wanted, both), factor=self.beta)
        return self.one_less(e, both, e.emit("add", both, e.emit("add", false, missed)))
