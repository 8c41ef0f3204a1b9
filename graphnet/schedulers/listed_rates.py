"""TableLR: rates as they are listed."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Listed, Real, setting
from graphnet.schedulers.scheduler import Scheduler


@dataclass(frozen=True, kw_only=True)
class TableLR(Scheduler):
    """Take one listed rate after the other; the last one stays.

    `lr = rates[min(t, length - 1)]`. The optimizer's own rate does not count.
    """

    rates: tuple[float, ...] = setting(Listed(Real(low=0.0)), doc="the rate of each interval")

    def conflict(self) -> str:
        """Refuse an empty list."""
        return "" if self.rates else "rates needs at least one rate"

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return self.rates[min(count, len(self.rates) - 1)]
