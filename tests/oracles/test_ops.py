"""Every kernel equals its op's formula: in both precisions, on any layout, and in place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import CASES, EACH, LABELS
from closeness import largest, require_close
from formulas import FORMULAS
from numpy.typing import NDArray
from samples import Case, drawn
from tiny import LAYOUTS, one_op, run_backend, run_interpreter, sealed

from graphnet.backend import KERNELS
from graphnet.ops import NOT_DIFFERENTIABLE, OPS

Array = NDArray[Any]

ULPS = 16
"""Units in the last place that a kernel may be off: NumPy promises 4 for a single function, and kernels chain
up to four of them. Measured on one machine, the worst kernel is off by two."""


def operands_of(op: str, case: Case, dtype: str, seed: int) -> tuple[list[Array], list[Array]]:
    """Draw operands and the first contents of changed buffers, floats in the given type."""
    reads, changed = drawn(case.operands, seed), drawn(case.accumulated, seed + 1)
    if CASES[op].single:
        return reads, changed
    cast = [a.astype(dtype) if a.dtype.kind == "f" else a for a in (*reads, *changed)]
    return cast[: len(reads)], cast[len(reads) :]


def require_formula(
    op: str,
    case: Case,
    dtype: str,
    *,
    seed: int = 7,
    layout: str = "plain",
    in_place: int | None = None,
) -> None:
    """Refuse a kernel whose results differ from the formula's, computed in float64."""
    reads, changed = operands_of(op, case, dtype, seed)
    tight = OPS[op].contiguous
    layouts = [
        "plain" if role.lstrip("*") in tight else layout for role in roles_of(op, len(reads))
    ]
    listing = one_op(op, reads, changed, case.options, layouts=layouts, in_place=in_place)
    program = sealed(listing, dtype)
    data = {f"x{i}": a for i, a in enumerate(reads)} | {f"s{i}": a for i, a in enumerate(changed)}
    actual = run_backend(program, data)
    expected = run_interpreter(program, data, "float64")
    results = [*listing.outputs, *(f"s{i}" for i in range(len(changed)))]
    scale = largest([*reads, *(expected[name] for name in results)]) if CASES[op].cancels else 0.0
    for name in results:
        unit = float(np.finfo(actual[name].dtype).eps) if actual[name].dtype.kind == "f" else 0.0
        wanted = expected[name].astype(actual[name].dtype)
        require_close(actual[name], wanted, name, rtol=ULPS * unit, scale=scale)


def roles_of(op: str, count: int) -> list[str]:
    """Return the role of each operand, a variadic one repeated."""
    roles = list(OPS[op].operands)
    return roles + roles[-1:] * (count - len(roles))


def test_the_interpreter_needs_nothing_of_graphnet() -> None:
    told = (
        "import interpreter, sys; print(sorted(n for n in sys.modules if n.startswith('graphnet')))"
    )
    folder = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_tables_are_complete() -> None:
    assert set(CASES) == set(OPS) == set(FORMULAS) == set(KERNELS)
    assert all(len(cases.cases) >= 6 for cases in CASES.values())
    assert {name for name, op in OPS.items() if op.adjoint is None} == NOT_DIFFERENTIABLE


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("op", "number", "case"), EACH, ids=LABELS)
def test_kernel_equals_formula(op: str, number: int, case: Case, dtype: str) -> None:
    for seed in range(3):
        require_formula(op, case, dtype, seed=seed)


@pytest.mark.parametrize("layout", LAYOUTS[1:])
@pytest.mark.parametrize(("op", "number", "case"), EACH, ids=LABELS)
def test_operands_need_not_lie_in_one_piece(op: str, number: int, case: Case, layout: str) -> None:
    require_formula(op, case, "float64", layout=layout)


def fits_in_place(op: str, case: Case, index: int) -> bool:
    """Tell whether an operand has the first result's type, so that the result may take its memory over."""
    reads, _ = operands_of(op, case, "float64", 7)
    listing = one_op(op, reads, [], case.options)
    return listing.buffers[listing.outputs[0]].type == listing.buffers[f"x{index}"].type


IN_PLACE = [
    pytest.param(op, case, index, id=f"{op}-{number}-{role}")
    for op, number, case in EACH
    for index, role in enumerate(OPS[op].operands)
    if role in OPS[op].in_place and fits_in_place(op, case, index)
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("op", "case", "index"), IN_PLACE)
def test_in_place(op: str, case: Case, index: int, dtype: str) -> None:
    require_formula(op, case, dtype, in_place=index)


def test_in_place_is_tried_for_every_op_that_allows_it() -> None:
    tried = {(param.values[0], param.values[2]) for param in IN_PLACE}
    allowed = {(name, op.operands.index(role)) for name, op in OPS.items() for role in op.in_place}
    assert tried == allowed
