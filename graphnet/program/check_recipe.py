"""Check the parts of a Program's spec that training reads: training, data, scheduler, learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphnet.ir import VerificationError
from graphnet.program.program import Program
from graphnet.recipe import Data, Training
from graphnet.schedulers import SCHEDULERS


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
        if spec.get("scheduler") is not None:
            settings = _mapping(spec["scheduler"], "scheduler")
            SCHEDULERS[settings.pop("type")].from_plain(settings)
    except (LookupError, TypeError, ValueError) as error:
        raise VerificationError(f"its recipe is wrong: {error}") from error
    _check_rate(spec.get("optimizer"))
    _check_metrics(spec.get("metrics"))


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise VerificationError(f"its spec has no section {what!r}")
    return dict(value)


def _check_rate(optimizer: Any) -> None:
    if optimizer is None:
        return
    rate = _mapping(optimizer, "optimizer").get("lr", 0.0)
    # Compared before it becomes a float, which the largest whole numbers cannot.
    if type(rate) not in (int, float) or not 0 <= rate < math.inf or rate > 1e300:
        raise VerificationError("its optimizer has no learning rate")


def _check_metrics(metrics: Any) -> None:
    if metrics is None:
        return
    fits = isinstance(metrics, list) and all(
        isinstance(metric, Mapping) and isinstance(metric.get("type"), str) for metric in metrics
    )
    if not fits:
        raise VerificationError("its metrics are not a list of mappings with a type")
