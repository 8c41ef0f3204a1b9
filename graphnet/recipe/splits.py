"""Splits: how a part is cut from the training set, and which samples are drawn from what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Entry, Flag, Integer, Optional, Real, Table, Text, setting


@dataclass(frozen=True, kw_only=True)
class Split(Entry):
    """A part cut from the training set: a fraction, or one of several folds."""

    fraction: float | None = setting(
        Optional(Real(above=0.0, below=1.0)), None, doc="share of the training samples that is cut"
    )
    folds: int | None = setting(
        Optional(Integer(2, 10_000)), None, doc="in place of a fraction: how many equal parts"
    )
    fold: int = setting(Integer(0), 0, doc="which of the folds is cut, counted from 0")
    stratify: str | None = setting(
        Optional(Text()), None, doc="target whose classes keep their proportions"
    )
    group: str | None = setting(
        Optional(Text()), None, doc="column or target whose equal values stay together"
    )
    order: str | None = setting(
        Optional(Text()), None, doc="column or target to sort by: the last samples are cut"
    )
    seed: int = setting(Integer(0), 0, doc="seed of the split")

    def conflict(self) -> str:
        """Refuse what cannot be had at once."""
        if (self.fraction is None) == (self.folds is None):
            return "give it either 'fraction' or 'folds'"
        if self.folds is not None and self.fold >= self.folds:
            return f"'fold' counts from 0, the last of {self.folds} is {self.folds - 1}"
        ways = [key for key in ("stratify", "group", "order") if getattr(self, key) is not None]
        if len(ways) > 1:
            return f"a split goes by {ways[0]!r} or by {ways[1]!r}, not by both"
        return ""


@dataclass(frozen=True, kw_only=True)
class Sampler(Entry):
    """Base of the ways to draw an epoch's samples, with replacement."""

    typed: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class Balanced(Sampler):
    """Every class equally often, rare ones by repetition."""

    type_name: ClassVar[str] = "balanced"

    target: str | None = setting(
        Optional(Text()), None, doc="target with the classes; the only target"
    )


@dataclass(frozen=True, kw_only=True)
class Weighted(Sampler):
    """Every sample as often as its weight says."""

    type_name: ClassVar[str] = "weighted"

    weights: str = setting(Text(), doc="column with the weights")


SAMPLERS: Table[Sampler] = Table("sampler", [Balanced, Weighted])
"""Every sampler by the name users write."""


@dataclass(frozen=True, kw_only=True)
class Augmentation(Entry):
    """Base of the ways to change samples while training, anew in every epoch."""

    typed: ClassVar[bool] = True

    input: str | None = setting(Optional(Text()), None, doc="input that is changed; the only input")


@dataclass(frozen=True, kw_only=True)
class Flip(Augmentation):
    """Mirrors pictures (..., H, W) left to right, or top to bottom."""

    type_name: ClassVar[str] = "flip"

    p: float = setting(Real(low=0.0, high=1.0), 0.5, doc="how often")
    vertical: bool = setting(Flag(), False, doc="top to bottom")


@dataclass(frozen=True, kw_only=True)
class Crop(Augmentation):
    """Moves pictures (..., H, W) by up to `padding` pixels; what is laid open is zero."""

    type_name: ClassVar[str] = "crop"

    padding: int = setting(Integer(1), 4, doc="by how many pixels at most, each way")


@dataclass(frozen=True, kw_only=True)
class Noise(Augmentation):
    """Adds normally distributed numbers."""

    type_name: ClassVar[str] = "noise"

    std: float = setting(Real(above=0.0), doc="their standard deviation")


@dataclass(frozen=True, kw_only=True)
class Mixup(Augmentation):
    """Mixes each sample, and its targets, with another: l a + (1 - l) b, l from Beta(alpha, alpha).

    References:
        Zhang et al., mixup: Beyond Empirical Risk Minimization, 2018.
    """

    type_name: ClassVar[str] = "mixup"

    alpha: float = setting(Real(above=0.0), 0.2, doc="how much: near 0 hardly, 1 evenly")


@dataclass(frozen=True, kw_only=True)
class CutMix(Augmentation):
    """Puts a rectangle of another picture (..., H, W) into each; targets mix by its area.

    References:
        Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers, 2019.
    """

    type_name: ClassVar[str] = "cutmix"

    alpha: float = setting(Real(above=0.0), 1.0, doc="how large: 1 for any area alike")


AUGMENTATIONS: Table[Augmentation] = Table("augmentation", [Flip, Crop, Noise, Mixup, CutMix])
"""Every augmentation by the name users write."""
