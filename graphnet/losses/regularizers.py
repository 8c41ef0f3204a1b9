"""Regularizers: what is added to the loss so that parameters, or results of layers, stay small."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from graphnet.declare import Entry, Optional, Real, Table, Text, setting
from graphnet.losses.loss import total
from graphnet.ops import Emitter, Value

FACTOR = Real(low=0.0)


@dataclass(frozen=True, kw_only=True)
class Regularizer(Entry):
    """Base of all regularizers: a penalty on the parameters a pattern matches, or on a layer's result."""

    match: str | None = setting(
        Optional(Text()), None, doc="pattern of the names of parameters: `*` for any text"
    )
    output: str | None = setting(
        Optional(Text()), None, doc="layer whose result is kept small, in place of parameters"
    )

    def conflict(self) -> str:
        """Say that it needs one thing to keep small."""
        if (self.match is None) == (self.output is None):
            return "give either match (parameters) or output (a layer's result)"
        return ""

    @abstractmethod
    def penalty(self, e: Emitter, x: Value) -> Value:
        """Emit the penalty on all elements as a single number."""


def _absolute(e: Emitter, x: Value, factor: float) -> Value:
    return e.emit("scale", total(e, e.emit("abs", x)), factor=factor)


def _squared(e: Emitter, x: Value, factor: float) -> Value:
    return e.emit("scale", total(e, e.emit("square", x)), factor=factor)


@dataclass(frozen=True, kw_only=True)
class L1(Regularizer):
    """Adds `factor * sum |w|`, as in Keras."""

    factor: float = setting(FACTOR, 0.01, doc="what the sum is multiplied by")

    def penalty(self, e: Emitter, x: Value) -> Value:
        """Emit the sum of sizes."""
        return _absolute(e, x, self.factor)


@dataclass(frozen=True, kw_only=True)
class L2(Regularizer):
    """Adds `factor * sum w^2`, as in Keras; torch's weight_decay of SGD is twice this factor."""

    factor: float = setting(FACTOR, 0.01, doc="what the sum is multiplied by")

    def penalty(self, e: Emitter, x: Value) -> Value:
        """Emit the sum of squares."""
        return _squared(e, x, self.factor)


@dataclass(frozen=True, kw_only=True)
class ElasticNet(Regularizer):
    """Adds `l1 * sum |w| + l2 * sum w^2`.

    References:
        Zou and Hastie, "Regularization and variable selection via the elastic net", 2005.
    """

    l1: float = setting(FACTOR, 0.01, doc="what the sum of sizes is multiplied by")
    l2: float = setting(FACTOR, 0.01, doc="what the sum of squares is multiplied by")

    def penalty(self, e: Emitter, x: Value) -> Value:
        """Emit both sums."""
        return e.emit("add", _absolute(e, x, self.l1), _squared(e, x, self.l2))


REGULARIZERS: Table[Regularizer] = Table("regularizer", [L1, L2, ElasticNet])
