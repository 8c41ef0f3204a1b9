"""Losses of classes against PyTorch over the full product of their options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from closeness import require_close
from layer_case import Draw, normal, whole
from loss_case import LossCase, log_shares, shares, some
from loss_network import LossNetwork
from numpy.typing import NDArray

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

Array = NDArray[Any]
COUNT = 7
WEIGHTS = (None, [0.5, 0.0, 1.5, 0.0])
IGNORED = (None, 1, -100)
PLACES = ((), (3,))
REDUCTIONS = ("mean", "sum")


def nothing(*_: Any) -> Array:
    raise AssertionError("PyTorch says what is right here")


def compared(kind: str, case: LossCase, options: dict[str, Any], draws: Sequence[Draw]) -> None:
    """Refuse losses and gradients that are not PyTorch's for every way to draw targets.

    Where PyTorch's loss is NaN, a mean over nothing, ours is 0 and so are its gradients.
    """
    plain = {key: value for key, value in options.items() if value is not None}
    given = {
        key: torch.tensor(value, dtype=torch.float64) if key.endswith("weight") else value
        for key, value in plain.items()
    }
    module = getattr(torch.nn, kind)(**given)
    it = LossNetwork(kind, case, "float64", **plain)
    for draw in draws:
        (x,), (t,) = replace(case, wanted=(draw,)).batch(COUNT)
        held = torch.tensor(x, requires_grad=True)
        wanted = module(held, torch.tensor(t))
        wanted.backward()
        made, (gradient,) = it.run([x], [t])
        right = held.grad.numpy()
        if torch.isnan(wanted):
            assert made == 0.0
            assert not gradient.any()
            continue
        require_close(np.asarray(made), wanted.detach().numpy(), "loss", rtol=1e-12, scale=1.0)
        require_close(gradient, right, "gradient", rtol=1e-11, scale=float(np.abs(right).max()))


def labels(ignored: int | None) -> list[Draw]:
    """Return how targets are drawn: none, some and all of them to be ignored."""
    if ignored is None:
        return [whole(4)]

    def none(chance: np.random.Generator, shape: tuple[int, ...]) -> Array:
        drawn = chance.integers(0, 4, shape)
        return np.where(drawn == ignored, 2, drawn)

    return [none, some(whole(4), ignored), lambda chance, shape: np.full(shape, ignored)]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("ignored", IGNORED)
def test_cross_entropy_of_indices(ignored: int | None, smoothing: float) -> None:
    for weight, reduction, places in product(WEIGHTS, REDUCTIONS, PLACES):
        draws = labels(ignored)
        case = LossCase(((4, *places),), (places,), nothing, None, wanted=(draws[0],))
        options = {
            "weight": weight,
            "ignore_index": ignored,
            "label_smoothing": smoothing,
            "reduction": reduction,
        }
        compared("CrossEntropyLoss", case, options, draws)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_probabilities(smoothing: float) -> None:
    for weight, reduction, places in product(WEIGHTS, REDUCTIONS, PLACES):
        shape = (4, *places)
        case = LossCase((shape,), (shape,), nothing, None, wanted=(shares(),))
        options = {"weight": weight, "label_smoothing": smoothing, "reduction": reduction}
        compared("CrossEntropyLoss", case, options, [shares()])


@pytest.mark.parametrize("ignored", IGNORED)
def test_negative_log_likelihood(ignored: int | None) -> None:
    for weight, reduction, places in product(WEIGHTS, REDUCTIONS, PLACES):
        draws, shape = labels(ignored), (4, *places)
        case = LossCase(
            (shape,), (places,), nothing, None, draws=(log_shares(),), wanted=(draws[0],)
        )
        options = {"weight": weight, "ignore_index": ignored, "reduction": reduction}
        compared("NLLLoss", case, options, draws)


@pytest.mark.parametrize("kind", ["BCEWithLogitsLoss", "BCELoss"])
def test_binary_cross_entropy(kind: str) -> None:
    logits = kind == "BCEWithLogitsLoss"
    lists = (None, [0.5, 2.0, 0.0])
    positives = lists if logits else (None,)
    for weight, positive, reduction, places in product(lists, positives, REDUCTIONS, PLACES):
        shape, draw = (*places, 3), normal if logits else shares()
        case = LossCase((shape,), (shape,), nothing, None, draws=(draw,), wanted=(shares(),))
        options = {"weight": weight, "pos_weight": positive, "reduction": reduction}
        compared(kind, case, options, [shares()])
