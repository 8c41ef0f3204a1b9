"""Names of buffers that a Program's users look for: the runner, backends, checkpoints."""

from __future__ import annotations

LOSS = ":loss"
"""The loss, a single number of the network's element type."""
LOSS_TERM, LOSS_WEIGHT = ":loss.", ":weight."
"""What the names of single terms of the loss begin with, and of what their means were divided by."""
LEARNING_RATE = ":lr"
"""Learning rate of an update, a single float64 set by the runner."""
PARAMETERS, FROZEN, GRADIENTS = ":parameters", ":frozen", ":gradients"
"""The flat vectors: trainable parameters, frozen ones, and the gradients of the former."""
STATE = ":state."
"""What names of optimizer states begin with."""
GRADIENT_OF = "d:"
"""What the name of a value's gradient begins with."""
