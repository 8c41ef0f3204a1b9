"""Identity: what of a spec must stay the same for a checkpoint to be resumed."""

from __future__ import annotations

import hashlib
from typing import Any

from graphnet.program import Program, canonical

FREE = ("name", "description", "metrics")
FREE_IN_TRAINING = ("epochs", "checkpoint", "threshold")


def training_identity(program: Program) -> str:
    """Return a digest of all that decides the bits of a training.

    More epochs, other checkpoints, metrics and descriptions do not; everything else does, the compiled
    batch size included, because random streams and sums depend on it.
    """
    spec: dict[str, Any] = {key: value for key, value in program.spec.items() if key not in FREE}
    training = spec.get("training", {})
    spec["training"] = {k: v for k, v in training.items() if k not in FREE_IN_TRAINING}
    spec["batch_size"] = program.batch_size
    return hashlib.sha256(canonical(spec).encode("ascii")).hexdigest()
