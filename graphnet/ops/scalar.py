"""Single numbers that an optimizer computes once per update, in float64 whatever the network's type."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.op import Op, OpError, Options, Types


def _number(types: Types, options: Options) -> tuple[TensorType, ...]:
    for kind in types:
        if kind != TensorType((), "float64"):
            raise OpError(f"needs a single float64 number, not {kind}")
    return (TensorType((), options["dtype"]),)


def _correction(types: Types, options: Options) -> tuple[TensorType, ...]:
    if not 0.0 <= options["beta"] < 1.0:
        raise OpError(f"beta must be at least 0 and below 1, not {options['beta']}")
    return _number(types, options)


def _counter(types: Types, options: Options) -> tuple[TensorType, ...]:
    if types[0].shape or types[0].dtype not in ("float64", "int64"):
        raise OpError(f"needs a single float64 or int64 number, not {types[0]}")
    return ()


INCREMENT = Op(
    name="increment",
    formula="count = count + 1",
    operands=(),
    results=(),
    infer=_counter,
    adjoint=None,
    accumulated=("count",),
)

BIAS_CORRECTION = Op(
    name="bias_correction",
    formula="out = (1 - beta^(count - delay))^power",
    operands=("count",),
    results=("out",),
    infer=_correction,
    attributes=("beta", "delay", "dtype", "power"),
    adjoint=None,
)

AFFINE = Op(
    name="affine",
    formula="out = factor * s + offset",
    operands=("s",),
    results=("out",),
    infer=_number,
    attributes=("dtype", "factor", "offset"),
    adjoint=None,
)

FIRST_THEN = Op(
    name="first_then",
    formula="out = first while count = 1, later after that",
    operands=("count",),
    results=("out",),
    infer=_number,
    attributes=("dtype", "first", "later"),
    adjoint=None,
)

QUOTIENT = Op(
    name="quotient",
    formula="out = s / t",
    operands=("s", "t"),
    results=("out",),
    infer=_number,
    attributes=("dtype",),
    adjoint=None,
)

RAISED = Op(
    name="raised",
    formula="out = s^t, s not below 0",
    operands=("s", "t"),
    results=("out",),
    infer=_number,
    attributes=("dtype",),
    adjoint=None,
)


def _period(types: Types, options: Options) -> tuple[TensorType, ...]:
    if type(options["period"]) is not int or options["period"] < 1:
        raise OpError(f"period must be a whole number above 0, not {options['period']}")
    return _number(types, options)


EVERY = Op(
    name="every",
    formula="out = 1 where count is a multiple of period, else 0",
    operands=("count",),
    results=("out",),
    infer=_period,
    attributes=("dtype", "period"),
    adjoint=None,
)

OPS = (INCREMENT, BIAS_CORRECTION, AFFINE, FIRST_THEN, QUOTIENT, RAISED, EVERY)
