"""Lower the rules on parameters: regularizers to a term of the loss, constraints to the end of the update."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from graphnet.ir import ParameterRow
from graphnet.lowering.loss_terms import PENALTY, LossTerm
from graphnet.ops import Emitter, Value
from graphnet.spec import Spec


def lower_regularizers(
    e: Emitter,
    spec: Spec,
    parameters: Mapping[str, Value],
    rows: Sequence[ParameterRow],
    value: Callable[[str], Value],
) -> list[LossTerm]:
    """Emit the sum of all penalties as one term of the loss; nothing where there are none.

    Args:
        e: Where instructions go.
        spec: Its regularizers say what is kept small.
        parameters: Values by `layer.parameter`.
        rows: The parameter table; frozen parameters and statistics have no penalty.
        value: Resolves a reference to a layer's result, whose penalty is averaged over the samples.
    """
    parts: list[Value] = []
    names = [row.name for row in rows if row.trainable]
    with e.within("penalty"):
        for rule in spec.regularizers:
            if rule.output is not None:
                one = rule.penalty(e, value(rule.output))
                parts.append(e.emit("mul", one, _share(e, value(rule.output))))
                continue
            parts += [
                rule.penalty(e, parameters[n]) for n in names if fnmatchcase(n, str(rule.match))
            ]
        total = parts[0] if parts else None
        for part in parts[1:]:
            total = part if total is None else e.emit("add", total, part)
    return [] if total is None else [LossTerm(PENALTY, total, None, "mean")]


def _share(e: Emitter, value: Value) -> Value:
    """Emit 1 / N, N being the number of samples: the mean of ones is folded into setup."""
    ones = e.constant(1.0, value.dtype, value.shape[:1])
    count = e.emit("sum", ones, axes=(0,), keepdims=False)
    return e.emit("div", e.constant(1.0, value.dtype), count)


def constrain(e: Emitter, spec: Spec, rows: Sequence[ParameterRow]) -> None:
    """Emit, for each trainable parameter, the constraints that match it, in the order of the spec."""
    for row in rows:
        for rule in spec.constraints:
            if row.group >= 0 and fnmatchcase(row.name, rule.match):
                held = Value(row.name, row.type)
                e.emit("copy", rule.emit(e, held), into=held)
