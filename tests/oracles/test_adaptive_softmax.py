"""The adaptive softmax and NLLLoss against the loss that PyTorch's module computes by itself."""

from __future__ import annotations

import numpy as np
import pytest
from closeness import require_close

import graphnet

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle


@pytest.mark.parametrize(
    ("cutoffs", "keys"),
    [((4, 9), {}), ((2,), {"head_bias": True}), ((1, 2, 3), {"div_value": 2.0})],
)
def test_loss_and_gradients_are_those_of_the_module(
    cutoffs: tuple[int, ...], keys: dict[str, float]
) -> None:
    module = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 12, list(cutoffs), **keys).double()
    net = graphnet.compile(
        {
            "dtype": "float64",
            "inputs": {"x": {"shape": [16]}},
            "targets": {"word": {"shape": [], "dtype": "int64", "classes": 12}},
            "layers": {
                "soft": {
                    "type": "AdaptiveLogSoftmaxWithLoss",
                    "n_classes": 12,
                    "cutoffs": list(cutoffs),
                    **keys,
                }
            },
            "loss": "NLLLoss",
        },
        batch_size=24,
        input_gradients=True,
    )
    net.load_state_dict({f"soft.{n}": v.numpy() for n, v in module.state_dict().items()})
    chance = np.random.default_rng(5)
    x, word = chance.standard_normal((24, 16)), np.arange(24) % 12
    held = torch.tensor(x, requires_grad=True)
    wanted = module(held, torch.tensor(word))
    wanted.loss.backward()
    loss, gradients = net.loss_and_gradients({"x": x}, {"word": word})
    require_close(np.asarray(loss), wanted.loss.detach().numpy(), "loss", rtol=1e-12, scale=1.0)
    right = {f"soft.{name}": p.grad.numpy() for name, p in module.named_parameters()}
    assert set(gradients) == {*right, "x"}
    for name, value in {**right, "x": held.grad.numpy()}.items():
        require_close(gradients[name], value, name, rtol=1e-11, scale=float(np.abs(value).max()))
    predicted = net.forward({"x": x})["soft"].argmax(-1)
    assert np.array_equal(predicted, module.predict(torch.tensor(x)).numpy())
