"""Check the parts of a Program's spec that training reads: training, data, scheduler, learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphnet.ir import VerificationError
from graphnet.optimizers import read_optimizer
from graphnet.program.program import Program
from graphnet.recipe import Data, Training
from graphnet.schedulers import read_scheduler


def check_recipe(program: Program) -> None:
    """Check what the spec inside a Program says about its training.

    Raises:
        VerificationError: Naming the section that is wrong.
    """
    spec = program.spec
    try:
        Training.from_plain(_mapping(spec.get("training"), "training"))
        if spec.get("data") is not None:
            Data.from_plain(_mapping(spec["data"], "data"))
        read_scheduler(spec.get("scheduler"))
        if spec.get("optimizer") is not None:
            read_optimizer(_mapping(spec["optimizer"], "optimizer"))
    except (LookupError, TypeError, ValueError) as error:
        raise VerificationError(f"its recipe is wrong: {error}") from error
    _check_scalars(program)
    _check_metrics(spec.get("metrics"))


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise VerificationError(f"its spec has no section {what!r}")
    return dict(value)


def _check_scalars(program: Program) -> None:
    """Check what the learning rate and other scalars start with."""
    for routine in program.routines.values():
        for buffer in routine.listing.buffers.values():
            if buffer.role != "scalar":
                continue
            start = buffer.fill
            # Compared before it becomes a float, which the largest whole numbers cannot.
            if start is None or not 0 <= start < math.inf or start > 1e300:
                raise VerificationError(f"{buffer.name!r} has no value to start with")


def _check_metrics(metrics: Any) -> None:
    if metrics is None:
        return
    fits = isinstance(metrics, list) and all(
        isinstance(metric, Mapping) and isinstance(metric.get("type"), str) for metric in metrics
    )
    if not fits:
        raise VerificationError("its metrics are not a list of mappings with a type")
