"""Loss of label sequences whose places in time are not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Flag, Integer, setting
from graphnet.ir import Dim, TensorType, shape_text
from graphnet.losses.class_loss import NOTHING_IGNORED
from graphnet.losses.loss import Elements, Limit, Loss, LossError, require_float
from graphnet.ops import Emitter, Value

MOST_LABELS = 2**20


@dataclass(frozen=True, kw_only=True)
class CTCLoss(Loss):
    """Connectionist temporal classification: likelihood of labels, whenever each of them occurs.

    `l = -log p(labels)`, p summed over all alignments; log_probs (N, T, C) from a LogSoftmax over the
    last dimension, labels (N, S) without blanks, input_lengths (N,) up to T, target_lengths (N,) up to S,
    all int64; labels after their length may be any class. A mean first divides each loss by
    its target length (at least 1), as in torch.

    Departures from torch: the sample comes first (torch has time first); gradients are those of the
    log-probabilities as they are, where torch's hold only behind a log-softmax, before which both are equal.

    References:
        Graves et al., "Connectionist Temporal Classification", 2006.
    """

    input_roles = ("log_probs",)
    target_roles = ("labels", "input_lengths", "target_lengths")

    blank: int = setting(Integer(0), 0, doc="class that stands for no label")
    zero_infinity: bool = setting(
        Flag(),
        False,
        doc="whether labels that do not fit into their time cost nothing, not infinity",
    )

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse shapes that do not belong together."""
        x, (labels, *ends) = inputs[0], targets
        require_float(x)
        if x.rank != 3 or labels.rank != 2 or any(end.shape != x.shape[:1] for end in ends):
            told = ", ".join(shape_text(kind.shape) for kind in (x, *targets))
            raise LossError(
                f"needs log_probs [N, T, C], labels [N, S] and lengths [N] twice: {told}",
                "declare labels as {shape: [S], dtype: int64}, lengths as {shape: [], dtype: int64}",
            )
        if any(kind.dtype != "int64" for kind in targets):
            raise LossError("needs whole numbers as targets", "declare them with dtype: int64")
        if _whole(labels.shape[1]) > MOST_LABELS:
            raise LossError(
                f"has {labels.shape[1]} labels a sample, at most {MOST_LABELS} are supported"
            )
        if self.blank >= _whole(x.shape[2]):
            raise LossError(f"blank {self.blank} is none of the {x.shape[2]} classes")

    def limits(
        self, inputs: Sequence[TensorType], targets: Sequence[TensorType]
    ) -> Mapping[int, Limit]:
        """Keep labels below the number of classes, and lengths within what there is."""
        _, time, classes = inputs[0].shape
        most = _whole(targets[0].shape[1])
        return {0: Limit(_whole(classes)), 1: Limit(_whole(time) + 1), 2: Limit(most + 1)}

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit one op, and for a mean the division by the labels' number."""
        (x,), (labels, steps, lengths) = inputs, targets
        base = e.emit("base_positions", shape=x.shape, axis=2)
        reads, zero = (x, labels, steps, lengths, base), self.zero_infinity
        losses = e.emit("ctc_loss", *reads, blank=self.blank, zero_infinity=zero)
        if self.reduction == "sum":
            return Elements(losses)
        shares = tuple(1.0 / max(k, 1) for k in range(_whole(labels.shape[1]) + 1))
        table = e.emit("literal", dtype=x.dtype, values=shares)
        share = e.emit("class_weights", table, lengths, ignore_index=NOTHING_IGNORED)
        return Elements(e.emit("mul", losses, share))


def _whole(size: Dim) -> int:
    """Return a dimension that is not the batch.

    Raises:
        LossError: When it is.
    """
    if isinstance(size, int):
        return size
    raise LossError("needs the batch on the first dimension only")
