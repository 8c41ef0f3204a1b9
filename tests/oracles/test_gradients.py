"""Every adjoint rule equals the derivative of its op's formula, and what PyTorch computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import CASES, EACH, LABELS
from closeness import largest, require_close
from gradcheck import check_gradients, differentiated
from numpy.typing import NDArray
from samples import Case, drawn
from tiny import one_op, run_backend, sealed

from graphnet.ir import InstructionList, TensorType
from graphnet.lowering import BackwardLowering
from graphnet.ops import OPS, Emitter
from graphnet.passes import PIPELINE, Pass, run_pipeline

Array = NDArray[Any]

TORCH_RTOL = 1e-12
BOUNDED_RTOL = 1e-8
"""Where bce's gradient is bounded: PyTorch's bound 1e-12 is a float32 number, off by 4e-9 of itself."""

ALL = [pytest.param(op, case, id=label) for (op, _, case), label in zip(EACH, LABELS, strict=True)]
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
    ("op", "number"),
    [("add", 0), ("mul", 0), ("mul", 3), ("matmul", 4), ("matmul", 7), ("concat", 5)],
)
def test_one_value_as_all_operands(op: str, number: int) -> None:
    check_gradients(op, CASES[op].cases[number], same=True)


def gradients_at(op: str, *operands: list[float]) -> tuple[list[Array], Array]:
    """Return the gradient of each operand, and the gradient that reached the op's result."""
    problem = differentiated(op, [np.array(values) for values in operands], {})
    made = run_backend(problem.program, problem.data)
    found = [made[problem.gradients[f"x{i}"]] for i in range(len(operands))]
    return found, problem.upstream


def test_relu_passes_nothing_on_at_0() -> None:
    (gradient,), g = gradients_at("relu", [0.0, -0.0, 1e-300, -1e-300])
    assert gradient.tolist() == [0.0, 0.0, g[2], 0.0]


def test_abs_passes_nothing_on_at_0() -> None:
    (gradient,), g = gradients_at("abs", [0.0, -0.0, 1e-300, -1e-300])
    assert gradient.tolist() == [0.0, 0.0, g[2], -g[3]]


def test_maximum_divides_ties_evenly() -> None:
    (a, b), g = gradients_at("maximum", [1.0, 2.0, 0.0], [1.0, -2.0, 0.5])
    assert a.tolist() == [g[0] / 2, g[1], 0.0]
    assert b.tolist() == [g[0] / 2, 0.0, g[2]]


SPANS = {
    "apart": [(0, 2), (3, 4), (5, 7)],
    "side by side": [(0, 3), (3, 7)],
    "in another order": [(4, 7), (0, 2), (2, 4)],
    "overlapping": [(0, 3), (2, 5), (1, 7), (4, 6)],
    "the same twice": [(1, 4), (1, 4)],
    "one": [(2, 5)],
}


@pytest.mark.parametrize("passes", [(), PIPELINE], ids=["lowered", "optimised"])
@pytest.mark.parametrize("spans", SPANS.values(), ids=SPANS)
def test_gradient_of_a_value_that_is_sliced(
    spans: list[tuple[int, int]], passes: tuple[Pass, ...]
) -> None:
    e = Emitter(OPS)
    x = e.declare("x", TensorType((3, 7), "float64"), "input")
    chance, data, expected, loss = (
        np.random.default_rng(0),
        {"x": np.ones((3, 7))},
        np.zeros((3, 7)),
        None,
    )
    with e.within("it"):
        for number, (start, stop) in enumerate(spans):
            part = e.emit("slice", x, axis=1, start=start, stop=stop)
            weights = e.declare(f"w{number}", part.type, "input")
            data[weights.name] = chance.standard_normal((3, stop - start))
            expected[:, start:stop] += data[weights.name]
            term = e.emit("sum", e.emit("mul", part, weights), axes=(0, 1), keepdims=False)
            loss = term if loss is None else e.emit("add", loss, term)
    assert loss is not None
    forward = tuple(e.instructions)
    backward = BackwardLowering(e, forward, ["x"])
    backward.lower(loss)
    found = backward.gradient("x")
    assert found is not None
    rest = tuple(e.instructions[len(forward) :])
    listing = InstructionList(e.buffers, (), forward, rest, (), (), (found.name,))
    made = run_backend(sealed(run_pipeline(listing, passes), "float64"), data)
    require_close(made[found.name], expected, "d:x", rtol=1e-15)


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
    tensors = [torch.tensor(array) for array in operands]
    rules = OPS[op].adjoint or {}
    wanted = [name for role in rules for name in range(len(operands))[OPS[op].operand_index(role)]]
    wanted = [name for name in wanted if operands[name].dtype.kind == "f"]
    for i in wanted:
        tensors[i].requires_grad_()
    expected = TORCH[op](*tensors, **case.options)
    rtol = TORCH_RTOL if case.smooth or not op.startswith("bce") else BOUNDED_RTOL
    scale = largest([*operands, expected.detach().numpy()]) if CASES[op].cancels else 0.0
    listing = one_op(op, operands, [], case.options)
    made = run_backend(sealed(listing, "float64"), {f"x{i}": a for i, a in enumerate(operands)})
    value = made[listing.outputs[0]]
    require_close(value, expected.detach().numpy(), op, rtol=rtol, scale=scale)
    if not wanted:
        return
    problem = differentiated(op, operands, case.options)
    made = run_backend(problem.program, problem.data)
    upstream = torch.tensor(problem.upstream)
    derived = torch.autograd.grad(expected, [tensors[i] for i in wanted], upstream)
    for i, gradient in zip(wanted, derived, strict=True):
        name = problem.gradients[f"x{i}"]
        require_close(made[name], gradient.numpy(), f"d:x{i}", rtol=rtol, scale=scale)
