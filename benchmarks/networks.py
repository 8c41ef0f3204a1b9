"""The networks that are measured, each as a spec and as the same thing in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
Plain = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """One training step to measure.

    Attributes:
        name: As in the results.
        about: The network in a few words.
        shape: Shape of an input sample.
        layers: The layers of the spec.
        module: Makes the same network from the torch package.
        batch: Samples per step.
        classes: Number of classes (cross-entropy), or 0 for a label of 0 or 1 (logits).
        steps: Steps per measured block.
        words: Inputs are sequences of that many words, and every step is classified; 0 for numbers.
    """

    name: str
    about: str
    shape: tuple[int, ...]
    layers: Plain
    module: Callable[[Any], Any]
    batch: int
    classes: int
    steps: int
    words: int = 0

    def spec(self) -> Plain:
        """Return the spec."""
        target: Plain = (
            {"shape": self._target_shape, "dtype": "int64", "classes": self.classes}
            if self.classes
            else {"shape": [1]}
        )
        return {
            "name": self.name,
            "inputs": {
                "x": {"shape": list(self.shape), "dtype": "int64" if self.words else "float32"}
            },
            "targets": {"t": target},
            "layers": self.layers,
            "loss": self._loss,
            "optimizer": {"type": "AdamW", "lr": 0.001},
            "training": {"batch_size": self.batch},
        }

    @property
    def _target_shape(self) -> list[int]:
        return list(self.shape) if self.words else []

    @property
    def _loss(self) -> Any:
        if self.words:
            return {"type": "CrossEntropyLoss", "dim": -1}
        return "CrossEntropyLoss" if self.classes else "BCEWithLogitsLoss"

    def data(self) -> tuple[Arrays, Arrays]:
        """Return one batch of inputs and targets."""
        rng = np.random.default_rng(0)
        if self.words:
            whole = (self.batch, *self.shape)
            t = rng.integers(0, self.classes, whole)
            return {"x": rng.integers(0, self.words, whole)}, {"t": t}
        x = rng.standard_normal((self.batch, *self.shape), np.float32)
        if self.classes:
            return {"x": x}, {"t": rng.integers(0, self.classes, self.batch)}
        return {"x": x}, {"t": rng.integers(0, 2, (self.batch, 1)).astype(np.float32)}


def mlp(sizes: tuple[int, ...], activation: str) -> tuple[Plain, Callable[[Any], Any]]:
    """Return Linear layers with an activation between them, as layers of a spec and in PyTorch."""
    layers: Plain = {}
    for index, size in enumerate(sizes[1:], 1):
        layers[f"linear{index}"] = {"type": "Linear", "out_features": size}
        if index < len(sizes) - 1:
            layers[f"act{index}"] = activation

    def module(torch: Any) -> Any:
        nn, parts = torch.nn, []
        for size, following in pairwise(sizes):
            parts += [nn.Linear(size, following), getattr(nn, activation)()]
        return nn.Sequential(*parts[:-1])

    return layers, module


def conv(channels: int, kernel: int, **keys: Any) -> Plain:
    """Return a Conv2d layer of a spec."""
    return {"type": "Conv2d", "out_channels": channels, "kernel_size": kernel, **keys}


POOL = {"type": "MaxPool2d", "kernel_size": 2}
LENET: Plain = {
    "conv1": conv(6, 5, padding=2),
    "relu1": "ReLU",
    "pool1": POOL,
    "conv2": conv(16, 5),
    "relu2": "ReLU",
    "pool2": POOL,
    "flat": "Flatten",
    **{
        f"{name}{index}": layer
        for index, size in ((3, 120), (4, 84))
        for name, layer in (
            ("linear", {"type": "Linear", "out_features": size}),
            ("relu", "ReLU"),
        )
    },
    "scores": {"type": "Linear", "out_features": 10},
}


def lenet(torch: Any) -> Any:
    """Return LENET in PyTorch."""
    nn = torch.nn
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


STAGES = ((32, 32), (64, 64), (128,))
"""Channels of the convolutions of cnn_bn; the largest of 2 x 2 is taken between the stages."""


def cnn_layers() -> Plain:
    """Return convolution, normalisation and ReLU five times, as layers of a spec."""
    layers: Plain = {}
    for stage, channels in enumerate(STAGES):
        if stage:
            layers[f"pool{stage}"] = POOL
        for index, count in enumerate(channels):
            layers[f"conv{stage}{index}"] = conv(count, 3, padding=1, bias=False)
            layers[f"norm{stage}{index}"] = "BatchNorm2d"
            layers[f"relu{stage}{index}"] = "ReLU"
    mean = {"type": "AdaptiveAvgPool2d", "output_size": 1}
    return {
        **layers,
        "mean": mean,
        "flat": "Flatten",
        "scores": {"type": "Linear", "out_features": 10},
    }


def cnn(torch: Any) -> Any:
    """Return the same in PyTorch."""
    nn, parts, before = torch.nn, [], 3
    for stage, channels in enumerate(STAGES):
        parts += [nn.MaxPool2d(2)] if stage else []
        for count in channels:
            parts += [nn.Conv2d(before, count, 3, padding=1, bias=False), nn.BatchNorm2d(count)]
            parts.append(nn.ReLU())
            before = count
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 10))


EMBEDDING: Plain = {"type": "Embedding", "num_embeddings": 64, "embedding_dim": 64}
SCORES: Plain = {"type": "Linear", "out_features": 64}
ENCODER: Plain = {
    "type": "TransformerEncoderLayer",
    "nhead": 4,
    "dim_feedforward": 256,
    "dropout": 0.0,
}


def lstm(torch: Any) -> Any:
    """Return an embedding, an LSTM and a Linear in PyTorch."""
    nn = torch.nn

    class Output(nn.LSTM):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return super().forward(x)[0]

    return nn.Sequential(
        nn.Embedding(64, 64), Output(64, 128, batch_first=True), nn.Linear(128, 64)
    )


def transformer(torch: Any) -> Any:
    """Return an embedding, two encoder layers and a Linear in PyTorch."""
    nn = torch.nn
    encoders = (nn.TransformerEncoderLayer(64, 4, 256, 0.0, batch_first=True) for _ in range(2))
    return nn.Sequential(nn.Embedding(64, 64), *encoders, nn.Linear(64, 64))


WORKLOADS = (
    Workload(
        "seed_mlp",
        "2-5-3-1 tanh, batch 50, BCE with logits",
        (2,),
        *mlp((2, 5, 3, 1), "Tanh"),
        batch=50,
        classes=0,
        steps=400,
    ),
    Workload(
        "mnist_mlp",
        "784-256-128-10 ReLU, batch 64, cross-entropy",
        (784,),
        *mlp((784, 256, 128, 10), "ReLU"),
        batch=64,
        classes=10,
        steps=60,
    ),
    Workload(
        "big_mlp",
        "1024-2048-2048-10 ReLU, batch 256, cross-entropy",
        (1024,),
        *mlp((1024, 2048, 2048, 10), "ReLU"),
        batch=256,
        classes=10,
        steps=3,
    ),
    Workload(
        "lenet",
        "1x28x28, two 5x5 convolutions with pooling, 120-84-10 ReLU, batch 64, cross-entropy",
        (1, 28, 28),
        LENET,
        lenet,
        batch=64,
        classes=10,
        steps=10,
    ),
    Workload(
        "cnn_bn",
        "3x32x32, five 3x3 convolutions (32 to 128) with batch normalisation, batch 32, cross-entropy",
        (3, 32, 32),
        cnn_layers(),
        cnn,
        batch=32,
        classes=10,
        steps=3,
    ),
    Workload(
        "lstm",
        "embedding 64x64, LSTM 128, linear 64, 32 steps, batch 32, cross-entropy per step",
        (32,),
        {
            "words": EMBEDDING,
            "lstm": {"type": "LSTM", "hidden_size": 128},
            "scores": SCORES,
        },
        lstm,
        batch=32,
        classes=64,
        steps=10,
        words=64,
    ),
    Workload(
        "transformer",
        "embedding 64, 2 encoder layers (4 heads, 256 ReLU), linear 64, 32 steps, batch 16, cross-entropy "
        "per step",
        (32,),
        {"words": EMBEDDING, "encoder1": ENCODER, "encoder2": ENCODER, "scores": SCORES},
        transformer,
        batch=16,
        classes=64,
        steps=10,
        words=64,
    ),
)
