"""Every loss against PyTorch's module in float64: values and gradients, in both reductions."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from closeness import require_close
from loss_case import LossCase
from loss_cases import EACH_LOSS, LOSS_LABELS
from loss_network import BATCH, loss_network, summing

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

COMPARED = [
    pytest.param(*each, id=label)
    for each, label in zip(EACH_LOSS, LOSS_LABELS, strict=True)
    if each[2].torch is not None
]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("kind", "number", "case"), COMPARED)
def test_values_and_gradients(kind: str, number: int, case: LossCase, reduction: str) -> None:
    it = loss_network(kind, number, "float64", reduction=summing(case)[reduction])
    assert case.torch is not None
    module: Any = case.torch(torch, reduction=reduction)
    for count in (BATCH, max(case.least, 1)):
        inputs, targets = case.batch(count, seed=1)
        held = [torch.tensor(x, requires_grad=True) for x in inputs]
        with warnings.catch_warnings():
            # PyTorch warns of the mean of KLDivLoss, which is what users get who do not say otherwise.
            warnings.filterwarnings("ignore", message="reduction: 'mean'")
            wanted = case.call(module, held, [torch.tensor(t) for t in targets])
        wanted.backward()
        loss, gradients = it.run(inputs, targets)
        if torch.isnan(wanted):
            # A mean over nothing: PyTorch's is NaN, ours 0.
            assert loss == 0.0
            assert not any(gradient.any() for gradient in gradients)
            continue
        scale = max(1.0, float(np.abs(case.elements(inputs, targets)[0]).sum()))
        made = np.asarray(loss)
        require_close(made, wanted.detach().numpy(), "loss", rtol=case.rtol, scale=scale)
        for index, (gradient, tensor) in enumerate(zip(gradients, held, strict=True)):
            right = tensor.grad.numpy()
            largest = float(np.abs(right).max(initial=0.0))
            require_close(gradient, right, f"d:x{index}", rtol=case.rtol, scale=largest)
