"""LBFGS: steps along a direction that remembers how gradients have changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphnet.declare import Choice, Integer, Optional, Real, setting
from graphnet.ir import FACTOR, SIZE, SLOT, TensorType
from graphnet.ops import Emitter, Value
from graphnet.optimizers.arithmetic import narrowed
from graphnet.optimizers.kinds import NOT_NEGATIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector

KEPT = 4
"""Gradients that a line search keeps at a time: of the start, of a bracket, and the newest."""
List = Callable[[Emitter, ParameterVector], None]


@dataclass(frozen=True, kw_only=True)
class LBFGS(Descent):
    """A quasi-Newton method with limited memory, as torch.optim.LBFGS; for batches of the whole set.

    One update takes up to max_iter steps `p = p + size * d` on its batch, d being -g times an approximate
    inverse Hessian made of the last history_size changes of weights and gradients. The size is lr (in the
    very first step `lr min(1, 1 / sum |g|)`), or found by a search for the strong Wolfe conditions.

    References:
        Nocedal and Wright, "Numerical Optimization", 2006, algorithms 7.4, 3.5 and 3.6.
    """

    lr: float = setting(Real(above=0.0), 1.0, doc="size of a step, or of the first one tried")
    max_iter: int = setting(Integer(1), 20, doc="most steps of one update")
    max_eval: int | None = setting(
        Optional(Integer(1)), None, doc="most evaluations of one update; max_iter * 5 / 4"
    )
    tolerance_grad: float = setting(NOT_NEGATIVE, 1e-7, doc="largest element at which it ends")
    tolerance_change: float = setting(NOT_NEGATIVE, 1e-9, doc="least change of loss or weights")
    history_size: int = setting(Integer(1, 1000), 100, doc="changes that are remembered")
    line_search_fn: str | None = setting(
        Optional(Choice(("strong_wolfe",))), None, doc="how the size of a step is found"
    )

    def conflict(self) -> str:
        """Refuse to climb."""
        return "LBFGS only descends" if self.maximize else ""

    @property
    def most_evaluations(self) -> int:
        """Most evaluations of one update."""
        return self.max_iter * 5 // 4 if self.max_eval is None else self.max_eval

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit one step from where it started: `p = start + size * d`."""
        size = narrowed(e, _number(e, SIZE), v.p.dtype)
        step = e.emit("mul", v.state("d"), size)
        e.emit("add", v.state("start"), step, into=v.p)
        for name in ("n_iter", "func_evals", "t", "H_diag", "count", "newest"):
            v.counter(name)
        v.make_state("ro", TensorType((1, self.history_size), "float64"), 0.0)

    def lists(self) -> dict[str, List]:
        """Return what a step is made of: every change of a vector, by name."""
        return {
            "lbfgs_steepest": _steepest,
            "lbfgs_learn": _learn,
            "lbfgs_store": self._store,
            "lbfgs_back": self._back,
            "lbfgs_forth": self._forth,
            "lbfgs_scale": _scale,
            "lbfgs_mark": _mark,
            "lbfgs_keep": _keep,
            "lbfgs_recall": _recall,
        }

    def _store(self, e: Emitter, v: ParameterVector) -> None:
        """`changes of g [slot] = y; changes of p [slot] = s`."""
        slot = _slot(e)
        e.emit("put_row", v.state("y"), slot, accumulates=(self._history(v, "old_dirs"),))
        e.emit("put_row", v.state("s"), slot, accumulates=(self._history(v, "old_stps"),))

    def _back(self, e: Emitter, v: ParameterVector) -> None:
        """`d = d + factor * changes of g [slot]`."""
        _add_row(e, v, self._history(v, "old_dirs"))

    def _forth(self, e: Emitter, v: ParameterVector) -> None:
        """`d = d + factor * changes of p [slot]`."""
        _add_row(e, v, self._history(v, "old_stps"))

    def _history(self, v: ParameterVector, name: str) -> Value:
        return v.make_state(name, v.p.type.with_shape(self.history_size, *v.p.shape), 0.0)


def _number(e: Emitter, name: str) -> Value:
    """Return a single number that the runner sets."""
    return e.declare(name, TensorType((), "float64"), "scalar", fill=0.0)


def _slot(e: Emitter) -> Value:
    return e.declare(SLOT, TensorType((), "int64"), "scalar", fill=0.0)


def _add_row(e: Emitter, v: ParameterVector, rows: Value) -> None:
    row = e.emit("gather_rows", rows, _slot(e), padding_index=-1)
    factor = narrowed(e, _number(e, FACTOR), v.p.dtype)
    d = v.state("d")
    e.emit("add", d, e.emit("mul", row, factor), into=d)


def _steepest(e: Emitter, v: ParameterVector) -> None:
    """`d = -g`."""
    e.emit("scale", v.g, into=v.state("d"), factor=-1.0)


def _learn(e: Emitter, v: ParameterVector) -> None:
    """`y = g - the gradient before; s = size * d`."""
    e.emit("sub", v.g, v.state("prev_flat_grad"), into=v.state("y"))
    size = narrowed(e, _number(e, SIZE), v.p.dtype)
    e.emit("mul", v.state("d"), size, into=v.state("s"))


def _scale(e: Emitter, v: ParameterVector) -> None:
    """`d = factor * d`."""
    d = v.state("d")
    e.emit("mul", d, narrowed(e, _number(e, FACTOR), v.p.dtype), into=d)


def _mark(e: Emitter, v: ParameterVector) -> None:
    """`start = p; the gradient before = g`."""
    e.emit("copy", v.p, into=v.state("start"))
    e.emit("copy", v.g, into=v.state("prev_flat_grad"))


def _kept(v: ParameterVector) -> Value:
    return v.make_state("kept_gradients", v.p.type.with_shape(KEPT, *v.p.shape), 0.0)


def _keep(e: Emitter, v: ParameterVector) -> None:
    """`kept[slot] = g`."""
    e.emit("put_row", v.g, _slot(e), accumulates=(_kept(v),))


def _recall(e: Emitter, v: ParameterVector) -> None:
    """`g = kept[slot]`."""
    e.emit("gather_rows", _kept(v), _slot(e), into=v.g, padding_index=-1)
