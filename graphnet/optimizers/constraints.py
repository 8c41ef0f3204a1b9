"""Constraints: what parameters are brought back to after every update."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from graphnet.declare import Entry, Integer, Listed, Optional, Real, Table, Text, setting
from graphnet.ops import Emitter, Value

EPSILON = 1e-7
"""Added to norms that are divided by, as in Keras."""


@dataclass(frozen=True, kw_only=True)
class Constraint(Entry):
    """Base of all constraints on the parameters that a pattern matches."""

    match: str = setting(Text(), doc="pattern of the names of parameters: `*` for any text")

    def misfit(self, rank: int) -> str:
        """Return why a parameter with so many dimensions cannot be constrained, or an empty string."""
        return ""

    @abstractmethod
    def emit(self, e: Emitter, w: Value) -> Value:
        """Emit the constrained parameter."""


class NonNeg(Constraint):
    """No element below 0: `w = max(w, 0)`."""

    type_name = "non_neg"

    def emit(self, e: Emitter, w: Value) -> Value:
        """Emit the greater of each element and 0."""
        return e.emit("maximum", w, e.constant(0.0, w.dtype))


@dataclass(frozen=True, kw_only=True)
class _NormConstraint(Constraint):
    axes: tuple[int, ...] | None = setting(
        Optional(Listed(Integer(0))),
        None,
        doc="dimensions that a norm is over; all but the first, so that each output has one, and the "
        "only one of a vector",
    )

    def misfit(self, rank: int) -> str:
        """Say that the parameter has not such dimensions."""
        if self.axes is not None and (
            list(self.axes) != sorted(set(self.axes)) or not self.axes or self.axes[-1] >= rank
        ):
            return f"axes {list(self.axes)} are not ascending dimensions of its {rank}"
        return ""

    def norms(self, e: Emitter, w: Value) -> Value:
        """Emit the norms, the dimensions they are over kept as 1."""
        axes = self.axes or tuple(range(min(1, w.rank - 1), w.rank))
        return e.emit("sqrt", e.emit("sum", e.emit("square", w), axes=axes, keepdims=True))

    def emit(self, e: Emitter, w: Value) -> Value:
        """Emit `w * wanted(norm) / (norm + 1e-7)`."""
        norms = self.norms(e, w)
        share = e.emit("div", self.wanted(e, norms), e.emit("shift", norms, amount=EPSILON))
        return e.emit("mul", w, share)

    @abstractmethod
    def wanted(self, e: Emitter, norms: Value) -> Value:
        """Emit what each norm is to be."""


@dataclass(frozen=True, kw_only=True)
class MaxNorm(_NormConstraint):
    """Norms of at most max_value: `w = w min(n, max_value) / (n + 1e-7)`.

    References:
        Srivastava et al., "Dropout", 2014, section 5.1.
    """

    type_name = "max_norm"
    max_value: float = setting(Real(above=0.0), 2.0, doc="greatest norm")

    def wanted(self, e: Emitter, norms: Value) -> Value:
        """Emit the smaller of norm and max_value."""
        return e.emit("minimum", norms, e.constant(self.max_value, norms.dtype))


class UnitNorm(_NormConstraint):
    """Norms of 1: `w = w / (n + 1e-7)`."""

    type_name = "unit_norm"

    def emit(self, e: Emitter, w: Value) -> Value:
        """Emit the quotient."""
        return e.emit("div", w, e.emit("shift", self.norms(e, w), amount=EPSILON))

    def wanted(self, e: Emitter, norms: Value) -> Value:
        """Return 1 for each."""
        return e.constant(1.0, norms.dtype, norms.shape)


@dataclass(frozen=True, kw_only=True)
class MinMaxNorm(_NormConstraint):
    """Norms between two values.

    `w = w (r min(max(n, min_value), max_value) + (1 - r) n) / (n + 1e-7)`, r being the rate.
    """

    type_name = "min_max_norm"
    min_value: float = setting(Real(low=0.0), 0.0, doc="least norm")
    max_value: float = setting(Real(above=0.0), 1.0, doc="greatest norm")
    rate: float = setting(Real(above=0.0, high=1.0), 1.0, doc="how far each update goes there")

    def conflict(self) -> str:
        """Say that the bounds are the wrong way round."""
        if self.min_value > self.max_value:
            return f"min_value {self.min_value:g} is above max_value {self.max_value:g}"
        return ""

    def wanted(self, e: Emitter, norms: Value) -> Value:
        """Emit the norm moved towards its bounds."""
        low = e.emit("maximum", norms, e.constant(self.min_value, norms.dtype))
        inside = e.emit("minimum", low, e.constant(self.max_value, norms.dtype))
        if self.rate == 1.0:
            return inside
        kept = e.emit("scale", norms, factor=1.0 - self.rate)
        return e.emit("add", e.emit("scale", inside, factor=self.rate), kept)


CONSTRAINTS: Table[Constraint] = Table("constraint", [MaxNorm, NonNeg, UnitNorm, MinMaxNorm])
