"""Layers that share: tied embeddings, and statistics changed in the order of the spec, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import graphnet

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle
Array = NDArray[Any]


def close(value: Array, right: Any) -> None:
    np.testing.assert_allclose(value, right.detach().numpy(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("padding", [None, 0])
def test_tied_embeddings(padding: int | None) -> None:
    net = graphnet.compile(
        {
            "dtype": "float64",
            "inputs": {"words": {"shape": [5], "dtype": "int64"}},
            "targets": {"next": {"shape": [5], "dtype": "int64", "classes": 7}},
            "layers": {
                "table": {
                    "type": "Embedding",
                    "num_embeddings": 7,
                    "embedding_dim": 4,
                    "padding_idx": padding,
                },
                "tanh": "Tanh",
                "scores": {"type": "Linear", "out_features": 7, "bias": False, "share": "table"},
            },
            "loss": {"type": "CrossEntropyLoss", "dim": -1},
        },
        batch_size=3,
    )
    table = torch.nn.Embedding(7, 4, padding_idx=padding).double()
    net.load_state_dict({"table.weight": table.weight.detach().numpy()})
    chance = np.random.default_rng(0)
    words, coming = chance.integers(0, 7, (2, 3, 5))
    scores = torch.tanh(table(torch.tensor(words))) @ table.weight.T
    wanted = torch.nn.functional.cross_entropy(scores.flatten(0, 1), torch.tensor(coming.ravel()))
    wanted.backward()
    loss, gradients = net.loss_and_gradients({"words": words}, {"next": coming})
    close(np.asarray(loss), wanted)
    close(gradients["table.weight"], table.weight.grad)


def two_calls(first: dict[str, Any], names: tuple[str, str]) -> Any:
    """Return a network that calls a layer on `u` and then on `v`, under the given names."""
    one, other = names
    return graphnet.compile(
        {
            "dtype": "float64",
            "inputs": {"u": {"shape": [4]}, "v": {"shape": [4]}},
            "targets": {"y": {"shape": [4]}},
            "layers": {
                one: {**first, "inputs": "u"},
                other: {**first, "inputs": "v", "share": one, "parametrization": {}},
                "last": {"type": "Sub", "inputs": [one, other]},
            },
            "loss": "MSELoss",
        },
        batch_size=6,
    )


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a"), ("real", "fake")])
@pytest.mark.parametrize("kind", ["BatchNorm1d", "spectral"])
def test_statistics_are_changed_in_the_order_of_the_spec(kind: str, names: tuple[str, str]) -> None:
    if kind == "spectral":
        first: dict[str, Any] = {
            "type": "Linear",
            "out_features": 4,
            "parametrization": {"weight": "spectral_norm"},
        }
        module = torch.nn.utils.parametrizations.spectral_norm(torch.nn.Linear(4, 4)).double()
    else:
        first, module = {"type": "BatchNorm1d"}, torch.nn.BatchNorm1d(4).double()
    net = two_calls(first, names)
    state = module.state_dict()
    net.load_state_dict({f"{names[0]}.{name}": value.numpy() for name, value in state.items()})
    chance = np.random.default_rng(1)
    u, v, y = chance.standard_normal((3, 6, 4))
    module.train()
    made = module(torch.tensor(u)) - module(torch.tensor(v) * 2)
    wanted = torch.nn.functional.mse_loss(made, torch.tensor(y))
    wanted.backward()
    loss, gradients = net.loss_and_gradients({"u": u, "v": v * 2}, {"y": y})
    close(np.asarray(loss), wanted)
    for name, parameter in module.named_parameters():
        close(gradients[f"{names[0]}.{name}"], parameter.grad)
    for name, value in net.buffers.items():
        close(value, module.state_dict()[name.removeprefix(f"{names[0]}.")])
