"""Progress: where a run stands between two updates, as plain data that a checkpoint can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from graphnet.errors import ArtifactError


@dataclass
class Progress:
    """Everything that decides how a run goes on, beside the arrays.

    Attributes:
        epoch: Epochs that are finished.
        batch: Batches of the current epoch that are done.
        updates: Optimizer steps taken.
        clock: Forward passes in training mode, which random streams count by.
        loss_sums: Sum over the current epoch of each term of the loss times its weight; nothing at its start.
        loss_weights: Sum of these weights.
        samples: Samples of the current epoch that are done.
        last_loss: Loss of the last batch, or None before the first.
        previous_loss: Loss of the batch before it, or None.
        best: Best value so far of what is watched, or None.
        best_epoch: Epoch after which it was reached.
        waited: Epochs since then.
        plateau_best: Best value of what ReduceLROnPlateau watches, or None.
        plateau_waited: Epochs since then, as it counts them.
        plateau_cooldown: Epochs left in which it does not count.
        reductions: How often it has reduced the rate.
        seconds: Time spent training.
        gradient_sums: Norms of the current epoch's gradients, summed, by layer, where they are asked for.
        ended: `finished` or `stopped` once the run is over, else an empty string.
    """

    epoch: int = 0
    batch: int = 0
    updates: int = 0
    clock: int = 0
    loss_sums: list[float] = field(default_factory=list)
    loss_weights: list[float] = field(default_factory=list)
    samples: int = 0
    last_loss: float | None = None
    previous_loss: float | None = None
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0
    plateau_best: float | None = None
    plateau_waited: int = 0
    plateau_cooldown: int = 0
    reductions: int = 0
    seconds: float = 0.0
    gradient_sums: dict[str, float] = field(default_factory=dict)
    ended: str = ""

    def plain(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {known.name: getattr(self, known.name) for known in fields(self)}
        plain = {name: list(item) if name in _LISTS else item for name, item in plain.items()}
        return {**plain, "gradient_sums": dict(self.gradient_sums)}

    @classmethod
    def from_plain(cls, value: object) -> Progress:
        """Read plain data strictly.

        Raises:
            ArtifactError: When a value is missing, of another kind or out of range (GN460).
        """
        known = {known.name: known for known in fields(cls)}
        if not isinstance(value, Mapping) or set(value) != set(known):
            raise _wrong("its progress has other entries")
        for name, item in value.items():
            if not _fits(name, item, known[name].default):
                raise _wrong(f"{name!r} of its progress is out of range")
        return cls(**{**value, "gradient_sums": dict(value["gradient_sums"])})


_LISTS = ("loss_sums", "loss_weights")
_MAYBE = ("last_loss", "previous_loss", "best", "plateau_best")


def _fits(name: str, item: object, default: object) -> bool:
    if name in _MAYBE:
        return item is None or type(item) in (int, float)
    if name in _LISTS:
        return isinstance(item, list) and all(type(number) in (int, float) for number in item)
    if name == "gradient_sums":
        return isinstance(item, Mapping) and all(type(norm) is float for norm in item.values())
    if name == "ended":
        return item in ("", "finished", "stopped")
    if isinstance(default, int):
        return type(item) is int and 0 <= item < 2**62
    return type(item) in (int, float)


def _wrong(what: str) -> ArtifactError:
    return ArtifactError(
        "GN460", f"the checkpoint cannot be resumed: {what}", help="use an older one of the run"
    )
