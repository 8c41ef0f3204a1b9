"""Initializer: what distribution a parameter's first values come from."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

from graphnet.declare import Entry
from graphnet.initializers.fans import Fans, fans_of
from graphnet.ir import Draw


@dataclass(frozen=True, kw_only=True)
class Initializer(Entry):
    """Base of all initializers."""

    @abstractmethod
    def draw(self, fans: Fans) -> Draw:
        """Return the distribution for a parameter with these fans."""

    def misfit(self, shape: tuple[int, ...]) -> str:
        """Return why a parameter of a shape cannot start so, or an empty string."""
        return self.draw(fans_of(shape)).misfit(shape)


def symmetric(bound: float) -> Draw:
    """Return the uniform distribution between -bound and bound."""
    return Draw("uniform", -bound, bound)


def centred(deviation: float) -> Draw:
    """Return the normal distribution around 0."""
    return Draw("normal", 0.0, deviation)


ROOT_3 = math.sqrt(3.0)
