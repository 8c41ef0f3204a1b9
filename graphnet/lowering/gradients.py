"""What is done to all gradients before an update: gathered over batches, clipped by norm and value."""

from __future__ import annotations

from graphnet.ir import SAMPLES, TensorType
from graphnet.ops import Emitter, Value
from graphnet.optimizers import ParameterVector, Tuning

_NORM_SHIFT = 1e-6
"""What torch.nn.utils.clip_grad_norm_ adds to the norm before it divides by it."""

_LEAST = 1e-30


def clip_gradients(e: Emitter, g: Value, tuning: Tuning) -> None:
    """Emit the clipping of all gradients, in place, as torch.nn.utils.clip_grad_norm_ and clip_grad_value_.

    Norm: `g = g * min(1, clip_grad_norm / (|g| + 1e-6))`; value: `g = min(max(g, -c), c)`; in this order.

    Args:
        e: Where instructions go.
        g: All gradients, (P,).
        tuning: Its `clip_grad_norm` and `clip_grad_value`.
    """
    if tuning.clip_grad_norm is not None:
        length = e.emit("sqrt", e.emit("dot", g, g))
        below = e.emit("shift", length, amount=_NORM_SHIFT)
        share = e.emit("div", e.constant(tuning.clip_grad_norm, g.dtype), below)
        e.emit("mul", g, e.emit("clamp", share, low=0.0, high=1.0, inclusive=True), into=g)
    if tuning.clip_grad_value is not None:
        most = tuning.clip_grad_value
        e.emit("clamp", g, into=g, low=-most, high=most, inclusive=True)


def gather_into(e: Emitter, whole: ParameterVector, *, mean: bool) -> None:
    """Emit `gathered = gathered + n g; samples = samples + n`, n being the samples of the batch.

    Args:
        e: Where instructions go.
        whole: All parameters.
        mean: Whether the loss is a mean over samples; otherwise gradients only add up.
    """
    gathered = whole.state("gathered")
    if not mean:
        e.emit("add", gathered, whole.g, into=gathered)
        return
    samples = whole.counter("gathered_samples")
    n = e.declare(SAMPLES, TensorType((), "float64"), "scalar", fill=1.0)
    e.emit("add", samples, n, into=samples)
    weight = e.emit("affine", n, factor=1.0, offset=0.0, dtype=whole.g.dtype)
    e.emit("add", gathered, e.emit("mul", whole.g, weight), into=gathered)


def take_gathered(e: Emitter, whole: ParameterVector, *, mean: bool) -> None:
    """Emit `g = gathered / samples`, or `g = gathered` where the loss is no mean, and set both back to 0."""
    gathered = whole.state("gathered")
    if mean:
        samples = whole.counter("gathered_samples")
        # Where all weights are 0, so are all gradients.
        count = e.emit("maximum", samples, e.constant(_LEAST, "float64"))
        share = e.emit("quotient", e.constant(1.0, "float64"), count, dtype=whole.g.dtype)
        e.emit("mul", gathered, share, into=whole.g)
        e.emit("scale", samples, into=samples, factor=0.0)
    else:
        e.emit("copy", gathered, into=whole.g)
    e.emit("scale", gathered, into=gathered, factor=0.0)
