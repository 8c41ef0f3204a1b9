"""Lookahead: slow weights that follow an optimizer's fast ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphnet.declare import Integer, Real, Row, setting
from graphnet.ops import Emitter
from graphnet.optimizers.adam import AdamW
from graphnet.optimizers.optimizer import Descent, Optimizer
from graphnet.optimizers.table_basic import DESCENTS
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class Lookahead(Optimizer):
    """k steps forward, 1 step back, around another optimizer.

    After every k updates of the optimizer, `slow = slow + alpha (p - slow); p = slow`; slow weights start
    as the first weights. The optimizer's own states go on.

    References:
        Zhang et al., "Lookahead Optimizer", 2019, algorithm 1.
    """

    optimizer: Descent = setting(Row(lambda: DESCENTS), AdamW(), doc="what moves the fast weights")
    k: int = setting(Integer(1), 5, doc="updates between two steps of the slow weights")
    alpha: float = setting(Real(above=0.0, high=1.0), 0.5, doc="how far the slow weights step")

    @property
    def core(self) -> Descent:
        """What moves the fast weights."""
        return self.optimizer

    def wrap(self, e: Emitter, v: ParameterVector, move: Callable[[], None]) -> None:
        """Emit the update of the fast weights, then that of the slow ones where it is their turn."""
        step, slow, dtype = v.counter("lookahead_step"), v.state("slow_weights"), v.p.dtype
        e.emit("increment", accumulates=(step,))
        start = e.emit("first_then", step, first=1.0, later=0.0, dtype=dtype)
        e.emit("add", slow, e.emit("mul", e.emit("sub", v.p, slow), start), into=slow)
        move()
        turn = e.emit("every", step, period=self.k, dtype=dtype)
        share = e.emit("scale", turn, factor=self.alpha)
        e.emit("add", slow, e.emit("mul", e.emit("sub", v.p, slow), share), into=slow)
        stays = e.emit("shift", e.emit("scale", turn, factor=-1.0), amount=1.0)
        # p (1 - turn) + slow turn: exactly one of the two.
        e.emit("mul", v.p, stays, into=v.p)
        e.emit("add", v.p, e.emit("mul", slow, turn), into=v.p)
