"""Losses of embeddings: what belongs together comes near, what does not goes apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Choice, Flag, Real, setting
from graphnet.ir import TensorType, shape_text
from graphnet.losses.loss import Elements, Loss, LossError
from graphnet.losses.margin import require_same
from graphnet.losses.pieces import below, cosine, distance, dot, over_last
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class _PairLoss(Loss):
    input_roles = ("input1", "input2")

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse vectors of unlike shapes, and targets that are not one number for each pair."""
        require_vectors(inputs, self.input_roles)
        (target,) = targets
        if target.shape != inputs[0].shape[:-1] or target.dtype != inputs[0].dtype:
            raise LossError(
                f"needs a target for each pair, {inputs[0].dtype}{shape_text(inputs[0].shape[:-1])}; "
                f"it is {target.dtype}{shape_text(target.shape)}",
                "declare the target as {shape: []}",
            )


def require_vectors(inputs: Sequence[TensorType], roles: Sequence[str]) -> None:
    """Refuse inputs that are not vectors of one shape.

    Raises:
        LossError: With all shapes.
    """
    require_same(inputs, roles)
    if inputs[0].rank < 2:
        raise LossError(
            f"needs vectors, a dimension beside the batch: {shape_text(inputs[0].shape)}"
        )


@dataclass(frozen=True, kw_only=True)
class CosineEmbeddingLoss(_PairLoss):
    """Turns two vectors in one direction where the target is 1, and apart where it is -1.

    `l = 1 - cos` where t = 1, `max(0, cos - margin)` where t = -1; vectors (N, D), t (N,).
    """

    margin: float = setting(
        Real(low=-1.0, high=1.0), 0.0, doc="cosine below which unlike pairs cost nothing"
    )

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit both cases, each times whether it holds."""
        angle = cosine(e, *inputs)
        half = e.emit("scale", targets[0], factor=0.5)
        like, unlike = e.emit("shift", half, amount=0.5), below(e, 0.5, half)
        near = e.emit("relu", e.emit("shift", angle, amount=-self.margin))
        apart = e.emit("mul", below(e, 1.0, angle), like)
        return Elements(e.emit("add", apart, e.emit("mul", near, unlike)))


@dataclass(frozen=True, kw_only=True)
class ContrastiveLoss(_PairLoss):
    """Brings pairs together where the target is 1, and at least the margin apart where it is 0.

    `l = t d^2 + (1 - t) max(0, margin - d)^2`, d the distance of the vectors (N, D); t (N,). The paper has
    the targets the other way round, and half of this.

    References:
        Hadsell, Chopra and LeCun, "Dimensionality Reduction by Learning an Invariant Mapping", 2006.
    """

    margin: float = setting(
        Real(above=0.0), 1.0, doc="distance beyond which unlike pairs cost nothing"
    )

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit both cases, each times whether it holds."""
        apart, like = distance(e, *inputs), targets[0]
        lacking = e.emit("square", e.emit("relu", below(e, self.margin, apart)))
        near = e.emit("mul", e.emit("square", apart), like)
        return Elements(e.emit("add", near, e.emit("mul", lacking, below(e, 1.0, like))))


@dataclass(frozen=True, kw_only=True)
class _TripletLoss(Loss):
    input_roles = ("anchor", "positive", "negative")
    target_roles = ()

    margin: float = setting(Real(above=0.0), 1.0, doc="how much farther the negative shall be")
    swap: bool = setting(
        Flag(),
        False,
        doc="whether the negative's distance from the positive counts where it is less",
    )

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse vectors of unlike shapes."""
        require_vectors(inputs, self.input_roles)

    def distance(self, e: Emitter, a: Value, b: Value) -> Value:
        """Emit the distance of vectors."""
        return distance(e, a, b)

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit what lacks to the margin."""
        anchor, positive, negative = inputs
        near, far = self.distance(e, anchor, positive), self.distance(e, anchor, negative)
        if self.swap:
            far = e.emit("minimum", far, self.distance(e, positive, negative))
        lacking = e.emit("shift", e.emit("sub", near, far), amount=self.margin)
        return Elements(e.emit("relu", lacking))


@dataclass(frozen=True, kw_only=True)
class TripletMarginLoss(_TripletLoss):
    """Brings an anchor nearer to a positive than to a negative, by a margin; there is no target.

    `l = max(0, d(a, p) - d(a, n) + margin)`, d the p-norm of the difference plus eps; vectors (N, D).

    References:
        Balntas et al., "Learning local feature descriptors with triplets", 2016.
    """

    p: float = setting(Real(above=0.0), 2.0, doc="which norm measures distances")
    eps: float = setting(Real(low=0.0), 1e-6, doc="added to differences, so that none is 0")

    def distance(self, e: Emitter, a: Value, b: Value) -> Value:
        """Emit the p-norm of the difference."""
        return distance(e, a, b, p=self.p, eps=self.eps)


@dataclass(frozen=True, kw_only=True)
class TripletMarginWithDistanceLoss(_TripletLoss):
    """Triplet loss with one of several distances, by name where torch takes a function.

    `l = max(0, d(a, p) - d(a, n) + margin)`; vectors (N, D). Distances: `euclidean` (torch's
    default, 1e-6 added to differences), `squared_euclidean`, `manhattan`, `cosine` (1 - cos).
    """

    distance_function: str = setting(
        Choice(("euclidean", "squared_euclidean", "manhattan", "cosine")),
        "euclidean",
        doc="how distances are measured",
    )

    def distance(self, e: Emitter, a: Value, b: Value) -> Value:
        """Emit the named distance."""
        if self.distance_function == "euclidean":
            return distance(e, a, b)
        if self.distance_function == "cosine":
            return below(e, 1.0, cosine(e, a, b, eps=1e-16))
        op = "abs" if self.distance_function == "manhattan" else "square"
        return over_last(e, "sum", e.emit(op, e.emit("sub", a, b)))


@dataclass(frozen=True, kw_only=True)
class InfoNCELoss(Loss):
    """Finds each sample's partner among all of the batch; there is no target.

    `l_i = -log(exp(s_ii / T) / sum_j exp(s_ij / T))`, s_ij the cosine between query i and key j (or their
    product, without normalize); both (N, D). The other samples of the batch are the negatives, so the loss
    of a sample depends on its batch, and a batch of 1 costs nothing.

    References:
        van den Oord, Li and Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018.
    """

    input_roles = ("query", "key")
    target_roles = ()

    temperature: float = setting(Real(above=0.0), 0.1, doc="what similarities are divided by")
    normalize: bool = setting(Flag(), True, doc="whether vectors are scaled to length 1")
    symmetric: bool = setting(
        Flag(), False, doc="whether keys look for queries too, and both losses are averaged"
    )

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse vectors of unlike shapes."""
        require_vectors(inputs, self.input_roles)
        if inputs[0].rank != 2:
            raise LossError(f"needs one vector a sample, not {shape_text(inputs[0].shape)}")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit all similarities; the logarithm of the sum of their exponentials, less the own one."""
        query, key = (_unit(e, x) if self.normalize else x for x in inputs)
        query = e.emit("scale", query, factor=1.0 / self.temperature)
        every = e.emit("matmul", query, key, transpose_a=False, transpose_b=True)
        sums = _log_sum(e, every, 1)
        if self.symmetric:
            sums = e.emit("scale", e.emit("add", sums, _log_sum(e, every, 0)), factor=0.5)
        return Elements(e.emit("sub", sums, dot(e, query, key)))


def _unit(e: Emitter, x: Value) -> Value:
    size = e.emit("sqrt", e.emit("shift", dot(e, x, x), amount=1e-24))
    return e.emit("div", x, e.emit("reshape", size, shape=(*size.shape, 1)))


def _log_sum(e: Emitter, x: Value, axis: int) -> Value:
    """Emit log sum exp(x) along an axis; x less its log-softmax is that everywhere on the axis."""
    same = e.emit("sub", x, e.emit("log_softmax", x, axis=axis))
    return e.emit("mean", same, axes=(axis,), keepdims=False)
