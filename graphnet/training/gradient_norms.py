"""Gradient norms: how large the gradient of every layer is, on average over an epoch."""

from __future__ import annotations

import math

import numpy as np

from graphnet.backend import Array, NumpyExecutable
from graphnet.ir import GRADIENT_OF
from graphnet.training.progress import Progress


class GradientNorms:
    """Sums of the gradients' Euclidean norms by layer; they are kept in the progress of the run."""

    def __init__(self, executable: NumpyExecutable, progress: Progress) -> None:
        """Look the gradients up once.

        Args:
            executable: Holds them after the backward pass.
            progress: Takes the sums, so that a run resumed within an epoch has them.
        """
        self._progress = progress
        self._parts: dict[str, list[Array]] = {}
        for row in executable.program.parameters:
            if row.trained and row.trainable:
                gradient = executable.gradients[GRADIENT_OF + row.name]
                self._parts.setdefault(row.layer, []).append(gradient.reshape(-1))

    def add(self) -> None:
        """Add the norms of an update."""
        sums = self._progress.gradient_sums
        for layer, parts in self._parts.items():
            square = sum(float(np.dot(part, part)) for part in parts)
            sums[layer] = sums.get(layer, 0.0) + math.sqrt(square)

    def take(self, updates: int) -> dict[str, float]:
        """Return the mean norm of every layer over an epoch, and begin a new one."""
        means = {layer: total / updates for layer, total in self._progress.gradient_sums.items()}
        self._progress.gradient_sums = {}
        return means
