"""Every loss against its formula: reductions, weights, batch sizes, gradients, precision, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from closeness import require_close
from loss_case import LossCase, LossRefusal
from loss_cases import EACH_LOSS, LOSS_CASES, LOSS_LABELS
from loss_network import BATCH, WEIGHT, LossNetwork, loss_network, loss_spec, summing
from numpy.typing import NDArray

import graphnet
from graphnet.errors import GraphNetError
from graphnet.losses import LOSSES

Array = NDArray[Any]
each = pytest.mark.parametrize(("kind", "number", "case"), EACH_LOSS, ids=LOSS_LABELS)


def test_every_loss_has_cases() -> None:
    assert set(LOSS_CASES) == set(LOSSES)
    for kind, cases in LOSS_CASES.items():
        assert cases.cases, kind
        assert cases.refusals, f"{kind} refuses nothing"
        assert any(case.smooth for case in cases.cases), kind
        compared = any(case.torch is not None for case in cases.cases)
        assert compared != bool(cases.no_torch), f"{kind} is compared with PyTorch, or says why not"


def reduced(case: LossCase, inputs: list[Array], targets: list[Array], reduction: str) -> float:
    values, weights = case.elements(inputs, targets, reduction)
    total = float(values.sum())
    if reduction == "sum":
        return total
    return total / float(weights.sum()) if weights.sum() else 0.0


@each
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_values(kind: str, number: int, case: LossCase, reduction: str) -> None:
    it = loss_network(kind, number, "float64", reduction=summing(case)[reduction])
    for count in (BATCH, 1, BATCH - 1):
        inputs, targets = case.batch(count)
        wanted = reduced(case, inputs, targets, reduction)
        made, _ = it.run(inputs, targets)
        scale = max(1.0, float(np.abs(case.elements(inputs, targets)[0]).sum()))
        require_close(np.asarray(made), np.asarray(wanted), "loss", rtol=1e-11, scale=scale)


@each
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_weights_of_one_change_no_bit(
    kind: str, number: int, case: LossCase, reduction: str
) -> None:
    keys = {"reduction": summing(case)[reduction]}
    plain = loss_network(kind, number, "float32", **keys)
    weighted = loss_network(kind, number, "float32", **keys, sample_weight=WEIGHT)
    for count in (BATCH, 1):
        inputs, targets = case.batch(count)
        loss, gradients = plain.run(inputs, targets)
        same, others = weighted.run(inputs, targets, np.ones(count))
        assert same == loss
        for one, other in zip(gradients, others, strict=True):
            assert np.array_equal(one, other)


@each
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_weight_is_as_good_as_repeating_the_sample(
    kind: str, number: int, case: LossCase, reduction: str
) -> None:
    if not case.alone:
        pytest.skip("a sample's loss depends on the others")
    it = loss_network(
        kind, number, "float64", reduction=summing(case)[reduction], sample_weight=WEIGHT
    )
    inputs, targets = case.batch(BATCH)
    times = np.array([3, 0, 1, 2, 1])
    loss, gradients = it.run(inputs, targets, times.astype(float))
    again = [[np.repeat(a, times, 0) for a in arrays] for arrays in (inputs, targets)]
    wanted, whole = it.run(*again, np.ones(times.sum()))
    assert loss == pytest.approx(wanted, rel=1e-12, abs=1e-14)
    owner = np.repeat(np.arange(BATCH), times)
    for made, repeated in zip(gradients, whole, strict=True):
        summed = np.zeros_like(made)
        np.add.at(summed, owner, repeated)
        require_close(made, summed, "gradient", rtol=1e-11, scale=float(np.abs(summed).max()))


@each
def test_nothing_counts(kind: str, number: int, case: LossCase) -> None:
    """Where all weights are 0, the loss is 0 and so are its gradients, in both precisions."""
    for dtype in ("float32", "float64"):
        it = loss_network(kind, number, dtype, sample_weight=WEIGHT)
        inputs, targets = case.batch(BATCH)
        loss, gradients = it.run(inputs, targets, np.zeros(BATCH))
        assert loss == 0.0
        assert all((gradient == 0.0).all() for gradient in gradients)


@each
def test_gradients(kind: str, number: int, case: LossCase) -> None:
    """Compare with differences of the loss along a random direction, extrapolated to width 0."""
    if not case.smooth:
        pytest.skip("not smooth")
    it = loss_network(kind, number, "float64", sample_weight=WEIGHT)
    inputs, targets = case.batch(BATCH - 1)
    weight = np.array([1.0, 0.3, 2.5, 0.7])
    _, gradients = it.run(inputs, targets, weight)
    for index, gradient in enumerate(gradients):
        direction = np.random.default_rng(index).standard_normal(gradient.shape)
        wanted = difference(it, inputs, targets, weight, index, direction)
        scale = float(np.abs(gradient * direction).sum())
        made = np.asarray((gradient * direction).sum())
        require_close(made, np.asarray(wanted), f"d:x{index}", rtol=1e-6, scale=scale)


def difference(
    it: LossNetwork,
    inputs: list[Array],
    targets: list[Array],
    weight: Array,
    index: int,
    direction: Array,
) -> float:
    """Return the derivative of the loss along a direction of one input."""

    def loss_at(step: float) -> float:
        moved = list(inputs)
        moved[index] = moved[index] + step * direction
        return it.run(moved, targets, weight)[0]

    wide, narrow = ((loss_at(h) - loss_at(-h)) / (2 * h) for h in (2e-5, 1e-5))
    return (4 * narrow - wide) / 3


@each
def test_single_precision(kind: str, number: int, case: LossCase) -> None:
    double, single = (loss_network(kind, number, dtype) for dtype in ("float64", "float32"))
    inputs, targets = case.batch(BATCH)
    exact, wanted = double.run(inputs, targets)
    made, found = single.run(inputs, targets)
    assert made == pytest.approx(exact, rel=1e-5, abs=1e-6)
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == np.float32
        require_close(one, other, "gradient", rtol=2e-4, scale=float(np.abs(other).max()))


REFUSALS = [
    pytest.param(kind, refusal, id=f"{kind}-{number}")
    for kind, cases in LOSS_CASES.items()
    for number, refusal in enumerate(cases.refusals)
]


@pytest.mark.parametrize(("kind", "refusal"), REFUSALS)
def test_refusals(kind: str, refusal: LossRefusal) -> None:
    inputs = [(shape, refusal.dtype or "float32") for shape in refusal.inputs]
    targets = [(shape, refusal.wanted or "float32") for shape in refusal.targets]
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(loss_spec(kind, inputs, targets, **refusal.keys))
    told = [
        getattr(error, "message", str(error))
        for error in getattr(caught.value, "errors", [caught.value])
    ]
    assert any(refusal.message in text for text in told), told
