"""A trace as text: op, formula, operands and results of each instruction, with their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from graphnet.api.trace import Operand, Traced
from graphnet.backend import Array
from graphnet.program import attribute_text

_SHOWN = 60
"""Elements of an array that are all shown; of larger ones, the corners."""
_EDGE = 2
"""Elements at each end of every axis of those."""
_WIDTH = 76


def traced_lines(step: Traced) -> Iterator[str]:
    """Yield an instruction as lines of text."""
    yield f"{step.index:>4}  {step.op}    {step.layer}"
    yield f"      {step.formula}"
    if step.attributes:
        told = ", ".join(f"{key}={attribute_text(to)}" for key, to in step.attributes.items())
        yield f"      with {told}"
    operands = [*step.reads, *step.results]
    role = max((len(operand.role) for operand in operands), default=0)
    name = max((len(operand.name) for operand in operands), default=0)
    for operand in step.reads:
        yield from _operand_lines(operand, "  ", role, name)
    for operand in step.results:
        yield from _operand_lines(operand, "->", role, name)


def _operand_lines(operand: Operand, sign: str, role: int, name: int) -> Iterator[str]:
    head = f"   {sign} {operand.role:<{role}}  {operand.name:<{name}}  "
    first, *rest = numbers(operand.values).split("\n")
    yield f"{head}{first}"
    for line in rest:
        yield " " * len(head) + line


def numbers(values: Array) -> str:
    """Return an array as people read it, its rows below each other, with six digits.

    Example:
        >>> print(numbers(np.array([[1.0, 0.5], [-2.0, 1e-7]])))
        [[    1   0.5]
         [   -2 1e-07]]
    """
    shown = values if values.size <= _SHOWN else _corners(values)
    wide = max((len(_number(value)) for value in shown.reshape(-1).tolist()), default=0)
    formatter: Any = {"all": lambda value: _number(value.item()).rjust(wide)}
    text = np.array2string(
        values,
        max_line_width=_WIDTH,
        threshold=_SHOWN,
        edgeitems=_EDGE,
        formatter=formatter,
    )
    shape = "" if values.size <= _SHOWN else f"  {'x'.join(map(str, values.shape))}"
    return text + shape


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _corners(values: Array) -> Array:
    """Return the elements that are shown of a large array."""
    for axis, size in enumerate(values.shape):
        if size > 2 * _EDGE:
            places = [*range(_EDGE), *range(size - _EDGE, size)]
            values = values.take(places, axis)
    return values


def traced_document(step: Traced) -> dict[str, Any]:
    """Return an instruction as plain data."""
    return {
        "index": step.index,
        "list": step.phase,
        "op": step.op,
        "layer": step.layer,
        "formula": step.formula,
        "attributes": {key: attribute_text(to) for key, to in step.attributes.items()},
        "reads": [_plain(operand) for operand in step.reads],
        "results": [_plain(operand) for operand in step.results],
    }


def _plain(operand: Operand) -> dict[str, Any]:
    return {"role": operand.role, "buffer": operand.name, "values": operand.values.tolist()}
