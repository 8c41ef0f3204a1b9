"""Every adjoint rule equals the derivative of its op's formula, and what PyTorch computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import CASES, EACH, LABELS
from closeness import largest, require_close
from gradcheck import Differentiated, check_gradients, differentiated
from graphnet.ops import OPS
from graphnet.passes import PIPELINE
from numpy.typing import NDArray
from samples import Case, drawn
from tiny import run_backend

Array = NDArray[Any]

ALL = [
    pytest.param(op, case, id=label) for (op, _, case), label in zip(EACH, LABELS, strict=True)
]
DIFFERENTIABLE = [param for param in ALL if OPS[str(param.values[0])].adjoint is not None]
SMOOTH = [param for param in DIFFERENTIABLE if getattr(param.values[1], "smooth", False)]


def test_every_rule_has_smooth_cases() -> None:
    checked = {param.values[0] for param in SMOOTH}
    assert checked == {name for name, op in OPS.items() if op.adjoint is not None}


@pytest.mark.parametrize(("op", "case"), SMOOTH)
def test_adjoint_equals_derivative(op: str, case: Case) -> None:
    check_gradients(op, case)


@pytest.mark.parametrize(("op", "case"), SMOOTH)
def test_adjoint_after_all_passes(op: str, case: Case) -> None:
    check_gradients(op, case, passes=PIPELINE, seed=4)


@pytest.mark.parametrize(
    ("op", "number"), [("add", 0), ("mul", 0), ("mul", 3), ("matmul", 4), ("matmul", 7), ("concat", 5)]
)
def test_one_value_as_all_operands(op: str, number: int) -> None:
    check_gradients(op, CASES[op].cases[number], same=True)


def gradients_at(op: str, *operands: list[float]) -> tuple[Differentiated, list[Array], Array]:
    """Return the problem, the gradient of each operand, and the gradient that reached the op's result."""
    problem = differentiated(op, [np.array(values) for values in operands], {})
    made = run_backend(problem.program, problem.data)
    found = [made[problem.gradients[f"x{i}"]] for i in range(len(operands))]
    return problem, found, problem.data["weights"]


def test_relu_passes_nothing_on_at_0() -> None:
    _, (gradient,), g = gradients_at("relu", [0.0, -0.0, 1e-300, -1e-300])
    assert gradient.tolist() == [0.0, 0.0, g[2], 0.0]


def test_abs_passes_nothing_on_at_0() -> None:
    _, (gradient,), g = gradients_at("abs", [0.0, -0.0, 1e-300, -1e-300])
    assert gradient.tolist() == [0.0, 0.0, g[2], -g[3]]


def test_maximum_divides_ties_evenly() -> None:
    _, (a, b), g = gradients_at("maximum", [1.0, 2.0, 0.0], [1.0, -2.0, 0.5])
    assert a.tolist() == [g[0] / 2, g[1], 0.0]
    assert b.tolist() == [g[0] / 2, 0.0, g[2]]


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("op", "case"), ALL)
def test_torch(op: str, case: Case) -> None:
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    from torch_ops import NOT_IN_TORCH, TORCH

    assert (op in TORCH) != (op in NOT_IN_TORCH)
    if op in NOT_IN_TORCH:
        return
    operands = drawn(case.operands, 5)
    rule = OPS[op].adjoint or {}
    tensors = [torch.tensor(array) for array in operands]
    wanted = [i for i, role in enumerate(OPS[op].operands) if role.lstrip("*") in rule]
    if op == "concat":
        wanted = list(range(len(operands)))
    for i in wanted:
        tensors[i].requires_grad_()
    expected = TORCH[op](*tensors, **case.options)
    problem = differentiated(op, operands, case.options)
    made = run_backend(problem.program, problem.data)
    scale = largest([*operands, expected.detach().numpy()]) if CASES[op].cancels else 0.0
    out = made[problem.program.outputs[0]]
    require_close(out, expected.detach().numpy(), op, rtol=1e-10, scale=scale)
    if not wanted:
        return
    weights = torch.tensor(problem.data["weights"])
    derived = torch.autograd.grad((expected * weights).sum(), [tensors[i] for i in wanted])
    for i, gradient in zip(wanted, derived, strict=True):
        name = problem.gradients[f"x{i}"]
        require_close(made[name], gradient.numpy(), f"d:x{i}", rtol=1e-10, scale=scale * 1e-2)
