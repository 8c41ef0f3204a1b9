"""Optimizer: frozen hyper-parameters, declared states, and the update emitted as instructions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from graphnet.declare import Entry, Flag, Real, setting
from graphnet.ops import Emitter, Value


@dataclass(frozen=True)
class ParameterVector:
    """What an optimizer updates: parameters that share their settings, as flat vectors of P elements.

    Attributes:
        p: Parameters, (P,), changed in place.
        g: Their gradients, (P,).
        lr: Learning rate of this update, a single float64 set by the runner.
        make_state: Declares a state of the given name: a vector like `p`, or a single float64.
    """

    p: Value
    g: Value
    lr: Value
    make_state: Callable[[str, bool], Value] = field(repr=False)

    def state(self, name: str) -> Value:
        """Declare a state vector like `p`, (P,), that starts at zero and is saved in checkpoints."""
        return self.make_state(name, False)

    def counter(self, name: str) -> Value:
        """Declare a single float64 state that starts at zero and is saved in checkpoints."""
        return self.make_state(name, True)


@dataclass(frozen=True, kw_only=True)
class Optimizer(Entry):
    """Base of all optimizers. `emit` writes one update; it runs after every backward pass."""

    lr: float = setting(Real(above=0.0), 1e-3, doc="learning rate")
    maximize: bool = setting(Flag(), False, doc="climb instead of descend")

    @abstractmethod
    def emit(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update of one parameter vector."""

    def ascent(self, e: Emitter, v: ParameterVector) -> Value:
        """Return the gradient, turned round where the objective is to grow."""
        return e.emit("scale", v.g, factor=-1.0) if self.maximize else v.g


def decayed(e: Emitter, g: Value, p: Value, weight_decay: float) -> Value:
    """Emit `g + weight_decay * p`, the gradient of an added L2 penalty; nothing for 0."""
    if weight_decay == 0.0:
        return g
    return e.emit("add", g, e.emit("scale", p, factor=weight_decay))


def average_into(e: Emitter, average: Value, value: Value, beta: float) -> None:
    """Emit `average = beta * average + (1 - beta) * value`, in place."""
    e.emit("scale", average, into=average, factor=beta)
    e.emit("add", average, e.emit("scale", value, factor=1.0 - beta), into=average)
