"""Dropout: elements that become zero at random while training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.ir import TensorType
from graphnet.layers.activation import needs_floats
from graphnet.layers.layer import Layer
from graphnet.ops import Emitter, Value


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
        mask = e.emit("dropout_mask", x, p=self.p, stream=f"dropout:{e.layer}")
        return e.emit("mul", x, mask)
