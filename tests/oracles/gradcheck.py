"""The gradient check: an op's adjoint rules, run by the backend, against the derivative of its formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from building import document_of
from cases import CASES
from closeness import Difference, require_close
from interpreter import Interpreter
from numpy.typing import NDArray
from samples import Case, drawn
from tiny import run_backend, sealed, type_of

from graphnet.ir import InstructionList
from graphnet.lowering import BackwardLowering
from graphnet.ops import OPS, Emitter, Op, Value
from graphnet.passes import Pass, run_pipeline
from graphnet.program import Program

Array = NDArray[Any]

RTOL = 1e-10
"""Relative error of every single element of a gradient that complex steps check."""
DIFFERENCE_RTOL = 1e-8
"""The same where differences of real values check it, which lose half the digits."""


@dataclass(frozen=True)
class Differentiated:
    """A loss of one op, `sum(op(...) * weights)`, with its backward list.

    For the op `sum` itself the loss is a mean, lest a mistake in its rule be made twice and cancel.

    Attributes:
        program: Forward and backward list.
        data: Operands and weights by buffer name.
        gradients: Operand's buffer to its gradient's.
        loss: The loss's buffer.
        upstream: The loss's derivative with respect to the op's result.
    """

    program: Program
    data: dict[str, Array]
    gradients: dict[str, str]
    loss: str
    upstream: Array


def differentiated(
    op: str,
    operands: Sequence[Array],
    options: Mapping[str, Any],
    table: Mapping[str, Op] = OPS,
    passes: Sequence[Pass] = (),
    *,
    same: bool = False,
) -> Differentiated:
    """Emit an op, a weighted sum of its result, and the backward list for all operands with a rule.

    Args:
        op: Its name.
        operands: Its operands' values.
        options: Its attributes.
        table: The ops to emit from.
        passes: What is done to the lists afterwards.
        same: Whether the first operand is given for all of them.
    """
    e = Emitter(table)
    names = ["x0" if same else f"x{i}" for i in range(len(operands))]
    inputs = dict(zip(reversed(names), reversed(operands), strict=True))
    values = {name: e.declare(name, type_of(array), "input") for name, array in inputs.items()}
    with e.within("it"):
        out = e.emit(op, *(values[name] for name in names), **options)
        weights = e.declare("weights", out.type, "input")
        weighted, last = e.emit("mul", out, weights), "mean" if op == "sum" else "sum"
        loss = e.emit(last, weighted, axes=tuple(range(out.rank)), keepdims=False)
    forward = tuple(e.instructions)
    wanted = [
        name for role in table[op].adjoint or {} for name in names[table[op].operand_index(role)]
    ]
    backward = BackwardLowering(e, forward, wanted)
    backward.lower(loss)
    gradients = {name: _gradient(backward, values[name]) for name in dict.fromkeys(wanted)}
    rest = tuple(e.instructions[len(forward) :])
    keep = (loss.name, *dict.fromkeys(gradients.values()))
    listing = InstructionList(e.buffers, (), forward, rest, (), (out.name,), keep)
    weight = np.random.default_rng(99).standard_normal(tuple(int(str(dim)) for dim in out.shape))
    upstream = np.asarray(weight / weight.size if last == "mean" else weight)
    program = sealed(run_pipeline(listing, passes), "float64")
    data = {**inputs, "weights": np.asarray(weight)}
    return Differentiated(program, data, gradients, loss.name, upstream)


def _gradient(backward: BackwardLowering, operand: Value) -> str:
    found = backward.gradient(operand.name)
    if found is None:
        raise Difference(f"{operand.name} got no gradient")
    if found.type != operand.type:
        raise Difference(f"the gradient of {operand.name} is {found.type}, not {operand.type}")
    return found.name


def derivative(problem: Differentiated, name: str, kink: float) -> Array:
    """Return the derivative of the loss with respect to one operand, from the formulas alone.

    Analytic formulas take an imaginary step h: Im f(x + ih) / h has no cancellation. Others take central
    differences of two widths, extrapolated to width 0, that stay on their side of the kink.
    """
    numbers = "float64" if kink else "complex128"
    it = Interpreter(document_of(problem.program), numbers)

    def loss_at(position: tuple[int, ...], step: complex) -> complex:
        operand = problem.data[name].astype(numbers)
        operand[position] += step.real if kink else step
        with np.errstate(all="ignore"):
            it.forward("train", 1, {**problem.data, name: operand})
        return complex(it[problem.loss])

    found = np.empty(problem.data[name].shape)
    for position in np.ndindex(*found.shape):
        found[position] = (
            _extrapolated(loss_at, position, kink / 2)
            if kink
            else loss_at(position, 1e-30j).imag / 1e-30
        )
    return found


def _extrapolated(
    loss_at: Callable[[tuple[int, ...], complex], complex], position: tuple[int, ...], width: float
) -> float:
    wide, narrow = (
        (loss_at(position, complex(h)).real - loss_at(position, complex(-h)).real) / (2 * h)
        for h in (width, width / 2)
    )
    return (4 * narrow - wide) / 3


def check_gradients(
    op: str,
    case: Case,
    table: Mapping[str, Op] = OPS,
    passes: Sequence[Pass] = (),
    *,
    seed: int = 3,
    same: bool = False,
) -> None:
    """Refuse adjoint rules that differ from the derivative of the op's formula.

    Raises:
        Difference: Naming the operand and the element.
    """
    operands = drawn(case.operands, seed)
    problem = differentiated(op, operands, case.options, table, passes, same=same)
    made = run_backend(problem.program, problem.data)
    cases = CASES[op]
    for name, gradient in problem.gradients.items():
        expected = derivative(problem, name, cases.kink)
        if cases.stopped is not None:
            cases.stopped(case.options, expected)
        rtol = DIFFERENCE_RTOL if cases.kink else RTOL
        require_close(made[gradient], expected, f"d:{name}", rtol=rtol)
