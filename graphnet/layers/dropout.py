"""Dropout: elements that become zero at random while training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.ir import TensorType
from graphnet.layers.activation import needs_floats
from graphnet.layers.layer import Layer
from graphnet.ops import Emitter, Value


def keep_mask(e: Emitter, like: TensorType, p: float, purpose: str = "dropout") -> Value:
    """Emit a random mask: 0 with probability p, else 1 / (1 - p).

    Args:
        e: Where the draw goes.
        like: Shape (1 where a draw serves a whole dimension) and element type of the mask.
        p: Probability of a zero.
        purpose: What the numbers are for; a layer that draws twice needs two.
    """
    stream = f"{e.part}{purpose}:{e.layer}"
    return e.emit("dropout_mask", dtype=like.dtype, p=p, shape=like.shape, stream=stream)


@dataclass(frozen=True, kw_only=True)
class Dropout(Layer):
    """Set elements to zero at random while training; do nothing when judging or predicting.

    `y = x * m / (1 - p)`, each element of m being 0 with probability p, else 1. Any shape. The numbers
    come from a stream named after the layer, so that no other layer changes them.

    References:
        Srivastava et al., "Dropout", JMLR 15 (2014), section 4; scaled while training, as in torch.
    """

    p: float = setting(
        Real(low=0.0, below=1.0), 0.5, doc="probability that an element becomes zero"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers."""
        needs_floats(inputs)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a random mask and a product while training, else nothing."""
        (x,) = inputs
        if not training or self.p == 0.0:
            return x
        return e.emit("mul", x, keep_mask(e, x.type, self.p))
