"""The twin in PyTorch computes what the network does: its losses agree over ten updates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.api import Network
from graphnet.api.gradient_check import random_batch
from graphnet.compiler import compile_network
from graphnet.graph import build_network
from graphnet.spec import load_spec

TEMPLATES = Path(__file__).parents[3] / "graphnet/templates"
JOINED: dict[str, Any] = {
    "inputs": {"x": {"shape": [4]}, "word": {"shape": [], "dtype": "int64"}},
    "targets": {"t": {"shape": [2]}},
    "layers": {
        "embedding": {
            "type": "Embedding",
            "inputs": "word",
            "num_embeddings": 5,
            "embedding_dim": 4,
        },
        "sum": {"type": "Add", "inputs": ["embedding", "x"]},
        "both": {"type": "Cat", "inputs": ["sum", "x"]},
        "norm": {"type": "LayerNorm", "normalized_shape": 8},
        "product": {"type": "Mul", "inputs": ["norm", "both"]},
        "batch": "BatchNorm1d",
        "out": {"type": "Linear", "out_features": 2},
    },
    "loss": "MSELoss",
    "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9, "nesterov": True},
}


@pytest.mark.oracle
@pytest.mark.parametrize("source", [*(TEMPLATES / f"{name}.yaml" for name in
                                      ("classifier", "regressor", "images", "sequences")), JOINED],
                         ids=lambda source: getattr(source, "stem", "joined"))  # fmt: skip
def test_ten_updates_give_the_same_losses(source: Any) -> None:
    pytest.importorskip("torch")
    from graphnet.api.torch_twin import TorchTwin

    changes: dict[str, Any] = {"dtype": "float64"}
    if source != JOINED:
        changes |= {"optimizer": {"type": "AdamW", "lr": 0.01}}
    graph = build_network(load_spec(source, changes))
    program = compile_network(graph, batch_size=6)
    network = Network(program)
    twin = TorchTwin(graph, network.state_dict())
    inputs, targets = random_batch(program, 6)
    theirs = twin.step(inputs, targets)
    ours = [network.train_step(inputs, targets) for _ in range(10)]
    np.testing.assert_allclose(ours, [float(theirs()) for _ in range(10)], rtol=1e-9)
