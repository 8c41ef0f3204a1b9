"""Every scheduler, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.schedulers.decay import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    StepLR,
)
from graphnet.schedulers.scheduler import Scheduler

SCHEDULERS: Table[Scheduler] = Table(
    "scheduler", [ConstantLR, LinearLR, StepLR, MultiStepLR, ExponentialLR, CosineAnnealingLR]
)
