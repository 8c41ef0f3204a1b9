"""Feeding: how samples are drawn and changed while training; nothing of it touches evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from graphnet.recipe import Augmentation


@dataclass(frozen=True, eq=False)
class Feeding:
    """How an epoch's samples come about.

    Attributes:
        weights: How often each sample is drawn, with replacement; None: each once.
        augment: How samples are changed, in this order.
        prefetch: Batches that a thread prepares ahead.
    """

    weights: NDArray[Any] | None = None
    augment: tuple[Augmentation, ...] = ()
    prefetch: int = 0
