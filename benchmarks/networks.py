"""The networks that are measured, each as a spec and as the same thing in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Workload:
    """One training step to measure.

    Attributes:
        name: As in the results.
        about: The network in a few words.
        sizes: Features of the input and of every Linear layer.
        activation: Layer type between them.
        batch: Samples per step.
        classes: Whether targets are class indices (cross-entropy) or one label (logits).
        steps: Steps per measured block.
    """

    name: str
    about: str
    sizes: tuple[int, ...]
    activation: str
    batch: int
    classes: bool
    steps: int

    def spec(self) -> dict[str, Any]:
        """Return the spec."""
        layers: dict[str, Any] = {}
        for index, size in enumerate(self.sizes[1:], 1):
            layers[f"linear{index}"] = {"type": "Linear", "out_features": size}
            if index < len(self.sizes) - 1:
                layers[f"act{index}"] = self.activation
        last = self.sizes[-1]
        target: dict[str, Any] = (
            {"shape": [], "dtype": "int64", "classes": last} if self.classes else {"shape": [1]}
        )
        return {
            "name": self.name,
            "inputs": {"x": {"shape": [self.sizes[0]]}},
            "targets": {"t": target},
            "layers": layers,
            "loss": "CrossEntropyLoss" if self.classes else "BCEWithLogitsLoss",
            "optimizer": {"type": "AdamW", "lr": 0.001},
            "training": {"batch_size": self.batch},
        }

    def data(self) -> tuple[Arrays, Arrays]:
        """Return one batch of inputs and targets."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal((self.batch, self.sizes[0]), np.float32)
        if self.classes:
            return {"x": x}, {"t": rng.integers(0, self.sizes[-1], self.batch)}
        return {"x": x}, {"t": rng.integers(0, 2, (self.batch, 1)).astype(np.float32)}


WORKLOADS = (
    Workload(
        "seed_mlp", "2-5-3-1 tanh, batch 50, BCE with logits", (2, 5, 3, 1), "Tanh", 50, False, 400
    ),
    Workload(
        "mnist_mlp",
        "784-256-128-10 ReLU, batch 64, cross-entropy",
        (784, 256, 128, 10),
        "ReLU",
        64,
        True,
        60,
    ),
    Workload(
        "big_mlp",
        "1024-2048-2048-10 ReLU, batch 256, cross-entropy",
        (1024, 2048, 2048, 10),
        "ReLU",
        256,
        True,
        3,
    ),
)
