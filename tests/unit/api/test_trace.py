"""The trace: every number follows from the ones before it by the formula that stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import NETWORKS

from graphnet.api import Network
from graphnet.api.trace import Traced, ready_to_trace, trace
from graphnet.api.trace_text import numbers, traced_lines
from graphnet.compiler import compile_spec
from graphnet.errors import UsageError

ROOT = Path(__file__).parents[3]


def turned(step: Traced, a: Any, b: Any) -> Any:
    options = step.attributes
    return (a.T if options["transpose_a"] else a) @ (b.T if options["transpose_b"] else b)


FORMULAS: dict[str, Callable[..., Any]] = {
    "matmul": turned,
    "add": lambda step, a, b: a + b,
    "sub": lambda step, a, b: a - b,
    "mul": lambda step, a, b: a * b,
    "div": lambda step, a, b: a / b,
    "tanh": lambda step, x: np.tanh(x),
    "tanh_gradient": lambda step, g, y: g * (1 - y**2),
    "bce_with_logits": lambda step, x, t: np.log1p(np.exp(x)) - x * t,
    "bce_with_logits_gradient": lambda step, g, x, t: g * (1 / (1 + np.exp(-x)) - t),
    "mean": lambda step, x: x.mean(),
    "vecmat": lambda step, v, m: v @ m,
    "scale": lambda step, x: step.attributes["factor"] * x,
    "square": lambda step, x: x * x,
    "sqrt": lambda step, x: np.sqrt(x),
    "shift": lambda step, x: x + step.attributes["amount"],
    "affine": lambda step, s: step.attributes["factor"] * s + step.attributes["offset"],
    "quotient": lambda step, s, t: s / t,
    "bias_correction": lambda step, c: (
        (1 - step.attributes["beta"] ** (c - step.attributes["delay"])) ** step.attributes["power"]
    ),
}
"""What formulas say, written again in float64."""


@pytest.mark.parametrize("batch", [1, 3])
def test_every_result_follows_by_its_formula(batch: int) -> None:
    program = compile_spec(ROOT / "specs" / "mlp.yaml")
    routine, told = ready_to_trace(program, ROOT / "specs", batch)
    assert told.startswith("the first ")
    checked = 0
    for step in trace(routine):
        if step.op in FORMULAS:
            reads = [operand.values.astype(np.float64) for operand in step.reads]
            expected = FORMULAS[step.op](step, *reads)
            np.testing.assert_allclose(step.results[0].values, expected, rtol=2e-5, atol=1e-7)
            checked += 1
    assert checked == len(program.main.listing.instructions) - 2, "all but expand and increment"


@pytest.mark.parametrize("name", NETWORKS)
def test_every_instruction_is_traced_in_order(name: str) -> None:
    program = compile_spec(NETWORKS[name])
    routine, told = ready_to_trace(program, Path(), 2)
    assert told.startswith("random numbers")
    steps = list(trace(routine))
    items = program.main.listing.instructions
    assert [(step.index, step.op, step.layer) for step in steps] == [
        (index, item.op, item.layer) for index, item in enumerate(items)
    ]
    for step, item in zip(steps, items, strict=True):
        assert tuple(operand.name for operand in step.reads) == item.reads
        assert all(step.formula for step in steps)
        shown = [operand.name for operand in step.results]
        assert shown == [name for name in item.changed if name in shown]
        assert any(step.op in line for line in traced_lines(step))


def test_gradients_are_those_of_the_network() -> None:
    program = compile_spec(NETWORKS["tanh"])
    routine, _ = ready_to_trace(program, Path(), 4)
    inputs = {name: array.copy() for name, array in routine.inputs.items()}
    targets = {name: array.copy() for name, array in routine.targets.items()}
    results = {
        operand.name: operand.values
        for step in trace(routine, ("setup", "forward", "backward"))
        for operand in step.results
    }
    network = Network(program)
    loss, gradients = network.loss_and_gradients(inputs, targets)
    assert float(results[":loss"]) == pytest.approx(loss)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(results[f"d:{name}"], gradient, rtol=1e-6)


def test_a_batch_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="does not fit"):
        ready_to_trace(compile_spec(NETWORKS["tanh"]), Path(), 7)


def test_large_arrays_are_shown_by_their_corners() -> None:
    text = numbers(np.arange(400.0).reshape(20, 20))
    assert text.endswith("20x20")
    assert len(text.splitlines()) == 5
    assert numbers(np.float32(0.5)) == "0.5"
