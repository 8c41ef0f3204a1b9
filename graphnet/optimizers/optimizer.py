"""Optimizer: frozen hyper-parameters, declared states, and the update emitted as instructions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Entry, Flag, Real, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class Optimizer(Entry):
    """Base of all optimizers."""

    typed: ClassVar[bool] = True

    @property
    @abstractmethod
    def core(self) -> Descent:
        """What moves the parameters: the optimizer itself, or the one it is wrapped around."""

    def begin(self, e: Emitter, whole: ParameterVector) -> None:
        """Emit what an update begins with, over all parameters at once."""

    def ascend(self, e: Emitter, whole: ParameterVector) -> bool:
        """Emit what happens between two passes over one batch; tell whether there is a second pass."""
        return False

    def lists(self) -> dict[str, Callable[[Emitter, ParameterVector], None]]:
        """Return what emits the auxiliary lists of its own, by name; most have none."""
        return {}

    def wrap(self, e: Emitter, v: ParameterVector, move: Callable[[], None]) -> None:
        """Emit the update of a group of parameters around `move`, which emits its core's."""
        move()


@dataclass(frozen=True, kw_only=True)
class Descent(Optimizer):
    """Base of optimizers that move the parameters themselves."""

    matrices_only: ClassVar[bool] = False
    """Whether it takes parameters of two dimensions only; `stand_in` takes the others."""

    lr: float = setting(Real(above=0.0), 1e-3, doc="learning rate")
    maximize: bool = setting(Flag(), False, doc="climb instead of descend")

    @property
    def core(self) -> Descent:
        """The optimizer itself."""
        return self

    @property
    def schedulable(self) -> dict[str, float]:
        """Settings that a scheduler can change beside `lr`, with their values.

        `momentum` stands for the first of the betas where there are betas.
        """
        found: dict[str, float] = {}
        if "weight_decay" in self.settings():
            found["weight_decay"] = self.weight_decay  # type: ignore[attr-defined]
        if "momentum" in self.settings():
            found["momentum"] = self.momentum  # type: ignore[attr-defined]
        elif "betas" in self.settings():
            found["momentum"] = self.betas[0]  # type: ignore[attr-defined]
        return found

    def stand_in(self) -> Descent:
        """Return what updates parameters that this optimizer does not take."""
        return self

    def emit(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update, the gradient turned round where the objective is to grow."""
        self.move(e, v.with_gradient(self.ascent(e, v)))

    def ascent(self, e: Emitter, v: ParameterVector) -> Value:
        """Return the gradient, turned round where the objective is to grow."""
        return e.emit("scale", v.g, factor=-1.0) if self.maximize else v.g

    @abstractmethod
    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update that makes the objective smaller."""
