"""Weights travel both ways: torch's state_dict fits a network, and a network's fits torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import linear, network

import graphnet
from graphnet.errors import GraphNetError

pytestmark = pytest.mark.oracle

LAYERS: dict[str, Any] = {
    "embed": {"type": "Embedding", "num_embeddings": 11, "embedding_dim": 6, "inputs": "word"},
    "flat": "Flatten",
    "linear1": linear(8),
    "norm1": "BatchNorm1d",
    "relu1": "ReLU",
    "linear2": linear(5, bias=False),
    "norm2": "LayerNorm",
    "out": linear(3),
}


def plain() -> dict[str, Any]:
    return network(
        LAYERS,
        inputs={"word": {"shape": [4], "dtype": "int64"}},
        targets={"y": {"shape": [], "dtype": "int64"}},
        loss="CrossEntropyLoss",
        optimizer="SGD",
    )


def module(torch: Any) -> Any:
    nn = torch.nn
    return nn.Sequential(
        *(
            part
            for part in (
                nn.Embedding(11, 6),
                nn.Flatten(),
                nn.Linear(24, 8),
                nn.BatchNorm1d(8),
                nn.ReLU(),
                nn.Linear(8, 5, bias=False),
                nn.LayerNorm(5),
                nn.Linear(5, 3),
            )
        )
    )


def renamed(state: dict[str, Any], *, to_torch: bool) -> dict[str, Any]:
    """Change `linear1.weight` to `2.weight` or back: Sequential counts its parts."""
    numbers = {name: str(index) for index, name in enumerate(LAYERS)}
    names = numbers if to_torch else {number: name for name, number in numbers.items()}
    return {
        f"{names[key.split('.')[0]]}.{key.split('.')[1]}": value for key, value in state.items()
    }


WORDS = np.random.default_rng(0).integers(0, 11, (6, 4))


def test_from_torch() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    theirs = module(torch)
    theirs.train()
    theirs(torch.tensor(WORDS))
    theirs.eval()
    ours = graphnet.compile(plain())
    ours.load_state_dict(renamed(theirs.state_dict(), to_torch=False))
    expected = theirs(torch.tensor(WORDS)).detach().numpy()
    np.testing.assert_allclose(ours.forward({"word": WORDS})["out"], expected, rtol=1e-5, atol=1e-6)
    assert ours.buffers["norm1.num_batches_tracked"] == 1


def test_to_torch() -> None:
    torch = pytest.importorskip("torch")
    ours = graphnet.compile({**plain(), "seed": 5})
    for _ in range(3):
        ours.train_step({"word": WORDS}, {"y": np.array([0, 1, 2, 0, 1, 2])}, lr=0.1)
    theirs = module(torch)
    state = {
        name: torch.tensor(array)
        for name, array in renamed(ours.state_dict(), to_torch=True).items()
    }
    theirs.load_state_dict(state, strict=True)
    theirs.eval()
    np.testing.assert_allclose(
        ours.forward({"word": WORDS})["out"],
        theirs(torch.tensor(WORDS)).detach().numpy(),
        rtol=1e-5,
        atol=1e-6,
    )
    assert int(theirs[3].num_batches_tracked) == 3


def test_names_shapes_and_order_are_torchs() -> None:
    torch = pytest.importorskip("torch")
    ours = renamed(graphnet.compile(plain()).state_dict(), to_torch=True)
    theirs = {name: tuple(tensor.shape) for name, tensor in module(torch).state_dict().items()}
    assert {name: array.shape for name, array in ours.items()} == theirs


def test_through_a_safetensors_file(tmp_path: Any) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    ours = graphnet.compile(plain())
    ours.save(tmp_path / "ours.safetensors")
    theirs = module(torch)
    theirs.load_state_dict(renamed(load_file(tmp_path / "ours.safetensors"), to_torch=True))
    np.testing.assert_array_equal(
        theirs[2].weight.detach().numpy(), ours.parameters["linear1.weight"]
    )
    back = {
        name: tensor.contiguous()
        for name, tensor in renamed(theirs.state_dict(), to_torch=False).items()
    }
    save_file(back, tmp_path / "theirs.safetensors")
    other = graphnet.compile({**plain(), "seed": 8})
    other.load(tmp_path / "theirs.safetensors")
    for name, array in ours.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name], array)


def test_what_torch_saves_is_told_how_to_be_written(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save(torch.nn.Linear(2, 3).state_dict(), tmp_path / "weights.pt")
    net = graphnet.compile(network({"linear1": linear(3)}))
    with pytest.raises(GraphNetError) as caught:
        net.load(tmp_path / "weights.pt")
    assert caught.value.code == "GN450"
    assert "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')" in str(
        caught.value
    )


def test_parameters_that_want_gradients_are_told_from_weights() -> None:
    torch = pytest.importorskip("torch")
    made = torch.nn.Linear(3, 3)
    net = graphnet.compile(network({"linear1": linear(3)}))
    with pytest.raises(GraphNetError) as caught:
        net.load_state_dict({f"linear1.{name}": value for name, value in made.named_parameters()})
    assert (caught.value.code, "model.state_dict()" in caught.value.help) == ("GN461", True)
