"""CTCLoss behind LogSoftmax against PyTorch's, where its gradients are meant to be."""

from __future__ import annotations

import numpy as np
import pytest

import graphnet

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle


@pytest.mark.parametrize("zero_infinity", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_values_and_gradients(reduction: str, zero_infinity: bool) -> None:
    whole = {"shape": [], "dtype": "int64"}
    plain = {
        "dtype": "float64",
        "inputs": {"x": {"shape": [9, 4]}},
        "targets": {"labels": {"shape": [3], "dtype": "int64"}, "steps": whole, "lengths": whole},
        "layers": {"logs": {"type": "LogSoftmax", "dim": -1}},
        "loss": {
            "type": "CTCLoss",
            "target": ["labels", "steps", "lengths"],
            "reduction": reduction,
            "zero_infinity": zero_infinity,
            "blank": 1,
        },
    }
    net = graphnet.compile(plain, batch_size=6, input_gradients=True)
    chance = np.random.default_rng(0)
    for count in (6, 1, 5):
        x, labels = chance.standard_normal((count, 9, 4)), chance.choice([0, 2, 3], (count, 3))
        # Without zero_infinity there must be time for a blank between equal labels.
        steps = chance.integers(1 if zero_infinity else 6, 10, count)
        lengths = chance.integers(0, 4, count)
        held = torch.tensor(x, requires_grad=True)
        module = torch.nn.CTCLoss(blank=1, reduction=reduction, zero_infinity=zero_infinity)
        given = [torch.tensor(a) for a in (labels, steps, lengths)]
        wanted = module(held.log_softmax(2).transpose(0, 1), *given)
        wanted.backward()
        targets = {"labels": labels, "steps": steps, "lengths": lengths}
        loss, gradients = net.loss_and_gradients({"x": x}, targets)
        assert loss == pytest.approx(wanted.item(), rel=1e-12)
        np.testing.assert_allclose(gradients["x"], held.grad.numpy(), rtol=1e-9, atol=1e-13)
