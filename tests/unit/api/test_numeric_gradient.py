"""Judging a gradient by differences: kinks raise no alarm, and errors of 1e-4 are found beside them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graphnet.api.numeric_gradient import Element, Finding, Line, judge, judge_elements


def judged(loss: Callable[[float], float], gradient: float, at: float = 0.3) -> Finding:
    parameter = np.array([at])
    element = Element(parameter, (0,), gradient, scale=1.0)
    finding = judge(Line([element], lambda: loss(parameter[0].item()), loss(at)))
    assert parameter[0] == at
    return finding


def kinked(*kinks: tuple[float, float]) -> Callable[[float], float]:
    """Return exp(p - 0.3), its slope 1 at 0.3, with a change of slope at each distance from there."""

    def loss(p: float) -> float:
        bends = (change * max(0.0, p - 0.3 - where) for where, change in kinks)
        return float(np.exp(p - 0.3)) + sum(
            bend - change * max(0.0, -where)
            for bend, (where, change) in zip(bends, kinks, strict=True)
        )

    return loss


def slope(*kinks: tuple[float, float]) -> float:
    return 1.0 + sum(change for where, change in kinks if where < 0)


@pytest.mark.parametrize("where", [1e-3, 1e-5, 3e-6, 1e-6, 1e-7])
@pytest.mark.parametrize("side", [1, -1])
def test_a_kink_beside_is_no_error(where: float, side: int) -> None:
    kink = (side * where, 0.7)
    assert judged(kinked(kink), slope(kink)).verdict == "right"
    assert judged(kinked(kink), slope(kink) + 1e-3).verdict != "right"


@pytest.mark.parametrize("gradient", [1.0, 1.7])
@pytest.mark.parametrize("where", [0.0, 1e-12, 1e-9])
def test_at_a_kink_nothing_is_judged(where: float, gradient: float) -> None:
    """Either slope may be given as the gradient there; differences give their mean."""
    assert judged(kinked((where, 0.7)), gradient).verdict == "unclear"


def test_many_kinks_are_never_taken_for_an_error() -> None:
    generator = np.random.default_rng(0)
    verdicts = []
    for _ in range(500):
        places = generator.standard_normal(8) * 10.0 ** generator.uniform(-7, -3, 8)
        kinks = tuple(zip(places.tolist(), generator.standard_normal(8).tolist(), strict=True))
        verdicts.append(judged(kinked(*kinks), slope(*kinks)).verdict)
    assert "wrong" not in verdicts
    assert verdicts.count("right") > 50, "with two kinks to each power of ten"


@pytest.mark.parametrize("error", [1e-4, -1e-4, 1e-3, 1.0, -2.0])
@pytest.mark.parametrize("kinks", [(), ((2e-5, 1e-4), (-1e-5, 1e-4)), ((8e-6, 0.3),)])
def test_an_error_is_found(kinks: tuple[tuple[float, float], ...], error: float) -> None:
    finding = judged(kinked(*kinks), slope(*kinks) + error)
    assert finding.verdict == "wrong"
    assert finding.error == pytest.approx(abs(error), rel=0.1)


@pytest.mark.parametrize("at", [0.3, 3e3, -1e6])
def test_a_large_parameter_is_judged_by_the_steps_it_takes(at: float) -> None:
    """Of 1e6 + 4e-8 nothing is left but a multiple of 1e-10."""
    right = judged(lambda p: 2.0 * (p - at), 2.0, at)
    assert (right.verdict, right.error) == ("right", pytest.approx(0.0, abs=1e-12))
    assert judged(lambda p: 2.0 * (p - at), 2.001, at).verdict == "wrong"


def test_numbers_that_are_none() -> None:
    assert judged(kinked(), float("nan")).verdict == "wrong"
    assert judged(kinked(), float("inf")).verdict == "wrong"
    assert judged(lambda _: float("nan"), 1.0).verdict == "unclear"
    assert judged(lambda _: float("nan"), float("nan")).verdict == "unclear"


@pytest.mark.parametrize("wrong", [None, 0, 1, 2])
def test_elements_are_judged_together_and_the_wrong_one_is_found(wrong: int | None) -> None:
    """The loss is `sum s exp(p)`, whose gradients at 0 are the scales s."""
    parameter, sizes = np.zeros(3), np.array([1.0, 30.0, 0.02])
    calls = []

    def loss() -> float:
        calls.append(parameter.copy())
        return float((sizes * np.exp(parameter)).sum())

    gradients = sizes * np.where(np.arange(3) == wrong, 1.0001, 1.0)
    elements = [Element(parameter, (i,), gradients[i], sizes[i]) for i in range(3)]
    judge_elements(elements, loss, float(sizes.sum()))
    assert [e.findings[0].verdict for e in elements] == [
        "wrong" if i == wrong else "right" for i in range(3)
    ]
    assert not parameter.any()
    assert (len(calls) == 2) == (wrong is None), "two passes are enough for all that are right"
    slower = np.sqrt([1.0, 3 / 4, 3 / 5])
    np.testing.assert_allclose(calls[0], 2.5e-6 * 0.02 / sizes * slower, rtol=1e-12)


@pytest.mark.parametrize("errors", [(1e-4, 1e-4), (1e-4, -1e-4), (-1.0, 1.0), (-2.0, -2.0)])
def test_equal_errors_do_not_cancel(errors: tuple[float, float]) -> None:
    parameter, right = np.zeros(2), np.array([1.0, -1.0])
    elements = [Element(parameter, (i,), right[i] + errors[i], 1.0) for i in range(2)]
    judge_elements(elements, lambda: float(np.exp(right * parameter).sum()), 2.0)
    assert [e.findings[0].verdict for e in elements] == ["wrong", "wrong"]
