"""Schedulers that others can be made of, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.schedulers.cosine import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    WarmupCosine,
)
from graphnet.schedulers.cyclic import CyclicLR, OneCycleLR
from graphnet.schedulers.decay import (
    ConstantLR,
    ExponentialLR,
    InverseTimeDecay,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from graphnet.schedulers.expressed import LambdaLR, MultiplicativeLR
from graphnet.schedulers.listed_rates import TableLR
from graphnet.schedulers.scheduler import Scheduler
from graphnet.schedulers.swalr import SWALR
from graphnet.schedulers.warmup import InverseSquareRoot, Noam, Warmup

PARTS: Table[Scheduler] = Table(
    "scheduler",
    [
        ConstantLR,
        LinearLR,
        StepLR,
        MultiStepLR,
        ExponentialLR,
        PolynomialLR,
        CosineAnnealingLR,
        CosineAnnealingWarmRestarts,
        CyclicLR,
        OneCycleLR,
        LambdaLR,
        MultiplicativeLR,
        SWALR,
        Warmup,
        WarmupCosine,
        Noam,
        InverseSquareRoot,
        InverseTimeDecay,
        TableLR,
    ],
)
