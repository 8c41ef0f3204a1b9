"""Every layer against its formula: values in all modes and batch sizes, gradients, precision, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from closeness import require_close
from layer_case import LayerCase
from layer_cases import EACH_LAYER, LAYER_CASES, LAYER_LABELS
from layer_network import BATCH, LayerNetwork, as_list, layer_network, layer_spec
from numpy.typing import NDArray

import graphnet
from graphnet.errors import GraphNetError
from graphnet.layers import LAYERS

Array = NDArray[Any]
each = pytest.mark.parametrize(("kind", "number", "case"), EACH_LAYER, ids=LAYER_LABELS)


def test_every_layer_has_cases() -> None:
    assert set(LAYER_CASES) == set(LAYERS)
    for kind, cases in LAYER_CASES.items():
        assert cases.cases, kind
        assert cases.refusals or cases.takes_all, f"{kind} refuses nothing"
        compared = any(case.torch is not None for case in cases.cases)
        assert compared or cases.no_torch, f"{kind} is not compared with PyTorch"
        for case in cases.cases:
            assert case.formula is not None or case.torch is not None, kind


@each
def test_values(kind: str, number: int, case: LayerCase) -> None:
    if case.formula is None:
        pytest.skip("PyTorch alone says what is right")
    it = layer_network(kind, number, "float64")
    it.reset()
    for count in (BATCH, 1, BATCH - 1):
        inputs = case.inputs(count)
        require_results(it.forward(inputs), case.formula(it.own_weights, *inputs), 1e-11)


@each
def test_training_values(kind: str, number: int, case: LayerCase) -> None:
    it = layer_network(kind, number, "float64")
    formula = case.training or case.formula
    if formula is None or case.random or not it.trains:
        pytest.skip("random, not trained, or known to PyTorch alone")
    for count in (BATCH, BATCH - 1):
        it.reset()
        inputs = case.inputs(count)
        made = it.forward(inputs, training=True)
        require_results(made, formula(it.own_weights, *inputs), 1e-11)
    it.reset()


@each
def test_single_precision(kind: str, number: int, case: LayerCase) -> None:
    double, single = (layer_network(kind, number, dtype) for dtype in ("float64", "float32"))
    inputs = case.inputs(BATCH - 1)
    for it in (double, single):
        it.reset()
    exact, made = double.forward(inputs), single.forward(inputs)
    for wanted, found in zip(exact, made, strict=True):
        if wanted.dtype.kind == "f":
            assert found.dtype == np.float32
        scale = float(np.abs(wanted).max(initial=1.0))
        require_close(found, wanted, "result", rtol=2e-4, scale=scale)


def require_results(made: list[Array], wanted: Any, rtol: float) -> None:
    """Refuse results that differ; errors are measured against the largest number of each."""
    expected = as_list(wanted)
    assert len(made) == len(expected)
    for index, (found, right) in enumerate(zip(made, expected, strict=True)):
        assert found.shape == right.shape
        scale = float(np.abs(right).max(initial=0.0)) if right.dtype.kind == "f" else 0.0
        require_close(found, right, f"result {index}", rtol=rtol, scale=scale)


@each
def test_gradients(kind: str, number: int, case: LayerCase) -> None:
    """Compare with differences of the loss along a random direction, extrapolated to width 0."""
    it = layer_network(kind, number, "float64")
    if case.random or not case.smooth or not it.trains:
        pytest.skip("random, not smooth, or not trained")
    inputs = case.inputs(BATCH - 1)
    it.reset()
    _, gradients = it.gradients(inputs)
    for name, gradient in gradients.items():
        chance = np.random.default_rng(len(name))
        direction = chance.standard_normal(gradient.shape)
        wanted = difference(it, inputs, name, direction)
        scale = float(np.abs(gradient * direction).sum())
        require_close(
            np.asarray((gradient * direction).sum()),
            np.asarray(wanted),
            f"d:{name}",
            rtol=1e-6,
            scale=scale,
        )
    it.reset()


def difference(it: LayerNetwork, inputs: list[Array], name: str, direction: Array) -> float:
    """Return the derivative of the loss along a direction of one input or parameter."""

    def loss_at(step: float) -> float:
        it.reset()
        moved = list(inputs)
        if name in it.own_weights:
            it.net.parameters[f"it.{name}"][...] += step * direction
        else:
            index = int(name[1:])
            moved[index] = moved[index] + step * direction
        return it.gradients(moved)[0]

    wide, narrow = ((loss_at(h) - loss_at(-h)) / (2 * h) for h in (2e-4, 1e-4))
    return (4 * narrow - wide) / 3


REFUSALS = [
    pytest.param(kind, refusal, id=f"{kind}-{number}")
    for kind, cases in LAYER_CASES.items()
    for number, refusal in enumerate(cases.refusals)
]


@pytest.mark.parametrize(("kind", "refusal"), REFUSALS)
def test_refusals(kind: str, refusal: Any) -> None:
    plain = layer_spec(kind, refusal.shapes, refusal.types, **refusal.keys)
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(plain)
    told = [
        getattr(error, "message", str(error))
        for error in getattr(caught.value, "problems", [caught.value])
    ]
    assert any(refusal.message in text for text in told), told
