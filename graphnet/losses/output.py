"""A loss that the network works out by itself."""

from __future__ import annotations

from collections.abc import Sequence

from graphnet.losses.loss import Elements, Loss
from graphnet.ops import Emitter, Value


class OutputLoss(Loss):
    """The output itself, `l = x`, reduced over all elements; compared with nothing.

    For what layers work out: a divergence of a latent distribution, the score of a critic. With a negative
    `scale` the output is made large.
    """

    target_roles = ()

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit nothing: the elements are there."""
        return Elements(inputs[0])
