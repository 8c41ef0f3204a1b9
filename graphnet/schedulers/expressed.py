"""Schedulers whose factor is an expression of the spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import setting
from graphnet.schedulers.expression import Expression, evaluated, parse_expression
from graphnet.schedulers.scheduler import Curve, Running, Scheduler

_MEANING = (
    "in t, the count (epoch and step mean the same): + - * / // % **, comparisons, a if c else b, min, max, \
abs, sqrt, exp, log, sin, cos, floor, ceil, pi, e"
)


@dataclass(frozen=True, kw_only=True)
class LambdaLR(Scheduler):
    """Multiply the rate by an expression: `lr = base * f(t)`."""

    lr_lambda: str = setting(Expression(), doc=f"f, {_MEANING}")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * evaluated(parse_expression(self.lr_lambda), self.lr_lambda, count)

    def curve(self, base: float) -> Curve:
        """Return the rate by count, the expression read once."""
        formula = parse_expression(self.lr_lambda)
        return lambda count: base * evaluated(formula, self.lr_lambda, count)


@dataclass(frozen=True, kw_only=True)
class MultiplicativeLR(Scheduler):
    """Multiply the rate by an expression in every interval: `lr = base * f(1) * f(2) * ... * f(t)`."""

    multiplies: ClassVar[bool] = True

    lr_lambda: str = setting(Expression(), doc=f"f, {_MEANING}")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return self.curve(base)(count)

    def curve(self, base: float) -> Curve:
        """Return the rate by count, which goes along the product."""
        formula = parse_expression(self.lr_lambda)
        return Running(base, lambda rate, t: rate * evaluated(formula, self.lr_lambda, t))

    def follow(self, rate: float, base: float, count: int) -> float:
        """Return the rate after `count` intervals where others have changed it to `rate` meanwhile."""
        if count == 0:
            return rate
        return rate * evaluated(parse_expression(self.lr_lambda), self.lr_lambda, count)
