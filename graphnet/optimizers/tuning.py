"""Tuning: what a spec says about updates beside the optimizer's own settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphnet.declare import (
    Choice,
    Entry,
    Integer,
    Kind,
    KindError,
    Listed,
    Nested,
    Optional,
    Real,
    setting,
)
from graphnet.optimizers.lbfgs import LBFGS
from graphnet.optimizers.optimizer import Descent, Optimizer
from graphnet.optimizers.table import OPTIMIZERS
from graphnet.optimizers.table_basic import DESCENTS

GROUP_KEYS = ("match", "type")
"""Keys of a group beside the optimizer's settings."""
_EXAMPLE = "write for example groups: [{match: '*.bias', weight_decay: 0}]"


@dataclass(frozen=True)
class Groups(Kind):
    """A list of mappings: `match`, perhaps `type`, and settings of the optimizer."""

    def parse(self, value: Any) -> tuple[dict[str, Any], ...]:
        """Return the mappings; their settings are checked with the optimizer they are for."""
        if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
            raise self.refuse(value, _EXAMPLE)
        for item in value:
            if not isinstance(item, Mapping) or not isinstance(item.get("match"), str):
                raise self.refuse(item, _EXAMPLE)
        return tuple(dict(item) for item in value)

    def describe(self) -> str:
        """Return what a group is."""
        return "a list of mappings with 'match' and settings of the optimizer"

    def schema(self) -> dict[str, Any]:
        """Return an array of mappings with `match`."""
        names = {"match": {"type": "string"}, "type": {"enum": list(DESCENTS)}}
        return {
            "type": "array",
            "items": {"type": "object", "properties": names, "required": ["match"],
                      "additionalProperties": True},
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class WeightAveraging(Entry):
    """Equal averages of the weights of several epochs or updates (SWA)."""

    start: int = setting(Integer(0), doc="epochs (or updates) before averaging begins")
    interval: str = setting(
        Choice(("epoch", "step")), "epoch", doc="after what an average is taken"
    )


@dataclass(frozen=True, kw_only=True)
class Tuning(Entry):
    """What is done to gradients and weights around the optimizer."""

    groups: tuple[dict[str, Any], ...] = setting(
        Groups(),
        (),
        doc="settings of the parameters that a pattern matches; the first match counts",
    )
    decay_skip: tuple[str, ...] = setting(
        Listed(Choice(("bias", "norm"))), (), doc="what weight decay leaves alone"
    )
    clip_grad_norm: float | None = setting(
        Optional(Real(above=0.0)), None, doc="longest gradient of all parameters together"
    )
    clip_grad_value: float | None = setting(
        Optional(Real(above=0.0)), None, doc="largest element of a gradient"
    )
    accumulate: int = setting(
        Integer(1, 1_000_000), 1, doc="batches whose gradients make one update"
    )
    ema: float | None = setting(
        Optional(Real(low=0.0, below=1.0)),
        None,
        doc="decay of an average of the weights, which is what is judged and used",
    )
    swa: WeightAveraging | None = setting(
        Optional(Nested(WeightAveraging)), None, doc="equal averages of the weights, used likewise"
    )

    def conflict(self) -> str:
        """Refuse two averages at once."""
        return "ema and swa both average the weights" if self.ema is not None and self.swa else ""

    @property
    def averages(self) -> bool:
        """Whether averaged weights are kept."""
        return self.ema is not None or self.swa is not None


def group_optimizer(core: Descent, group: Mapping[str, Any]) -> Descent:
    """Return what updates the parameters of a group: the optimizer with the group's settings.

    Args:
        core: The optimizer of all other parameters.
        group: `match`, settings, and perhaps `type`, another optimizer with defaults of its own.

    Raises:
        KindError: When a setting is unknown or does not fit.
    """
    given = {key: value for key, value in group.items() if key not in GROUP_KEYS}
    name = group.get("type") or core.name()
    if name not in DESCENTS:
        raise KindError(f"a group's type is one of the optimizers, not {name!r}")
    inherited = core.plain() if name == core.name() else {}
    return DESCENTS[name].from_plain({**inherited, **given})


def combination(optimizer: Optimizer, tuning: Tuning) -> str:
    """Return what is wrong with an optimizer and a tuning together, or an empty string."""
    if type(optimizer).ascend is not Optimizer.ascend and tuning.accumulate > 1:
        return f"{optimizer.name()} passes over one batch twice and cannot accumulate several"
    clipped = tuning.clip_grad_norm is not None or tuning.clip_grad_value is not None
    if isinstance(optimizer, LBFGS) and (tuning.groups or clipped or tuning.accumulate > 1):
        return "LBFGS takes all parameters together and their whole gradient: no groups, clip or accumulate"
    return ""


def read_optimizer(plain: Mapping[str, Any]) -> tuple[Optimizer, Tuning]:
    """Build what the optimizer section of a resolved spec describes.

    Raises:
        LookupError: When there is no such optimizer, or no type.
        KindError: When a setting does not fit.
    """
    common = Tuning.settings()
    own = {key: value for key, value in plain.items() if key not in common and key != "type"}
    optimizer = OPTIMIZERS[plain["type"]].from_plain(own)
    tuning = Tuning.from_plain({key: value for key, value in plain.items() if key in common})
    if problem := combination(optimizer, tuning):
        raise KindError(problem)
    for group in tuning.groups:
        group_optimizer(optimizer.core, group)
    return optimizer, tuning
