"""Data sections of a spec: where samples come from and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphnet.declare import (
    Choice,
    Either,
    Entry,
    Flag,
    Integer,
    Listed,
    Mapped,
    Nested,
    Optional,
    Real,
    Row,
    Text,
    setting,
)
from graphnet.recipe.generators import GENERATORS
from graphnet.recipe.splits import AUGMENTATIONS, SAMPLERS, Augmentation, Sampler, Split
from graphnet.recipe.transforms import TRANSFORMS, Transform

FORMATS = (
    "csv",
    "tsv",
    "jsonl",
    "npz",
    "npy",
    "idx",
    "safetensors",
    "parquet",
    "images",
    "labelled-points",
)
PARTS = ("train", "validation", "test")
OPTIONS = ("classes", "features", "length", "symbols", "size")
"""Settings that only some generators have."""
_COLUMNS = Optional(Mapped(Either((Text(), Listed(Text())))))


@dataclass(frozen=True, kw_only=True)
class Source(Entry):
    """One set of samples: a file, or a generator with its own seed."""

    path: Any = setting(
        Optional(Either((Text(), Mapped(Text())))),
        None,
        doc="file with the samples, relative to the spec's folder; for npy and idx also a mapping of "
        "array names to files",
    )
    format: str | None = setting(
        Optional(Choice(FORMATS)), None, doc="what the file is; told by its suffix where left out"
    )
    mapped: bool | None = setting(
        Optional(Flag()),
        None,
        doc="read npy, idx and safetensors batch by batch; so are files over 1 GiB where left out",
    )
    generator: str | None = setting(
        Optional(Choice(tuple(GENERATORS))), None, doc="makes the samples instead of a file"
    )
    samples: int = setting(Integer(1, 10_000_000), 200, doc="how many samples a generator makes")
    noise: float = setting(
        Real(low=0.0),
        0.0,
        doc="how far a generator scatters its samples (curve: share of outliers)",
    )
    seed: int = setting(Integer(0), 0, doc="seed of the generator")
    classes: int | None = setting(
        Optional(Integer(2, 100)), None, doc="how many classes; spirals (2)"
    )
    features: int | None = setting(
        Optional(Integer(1, 10_000)), None, doc="how many features; regression (3)"
    )
    length: int | None = setting(
        Optional(Integer(1, 100_000)), None, doc="how long sequences are; copy, reverse (8)"
    )
    symbols: int | None = setting(
        Optional(Integer(2, 1_000_000)), None, doc="how many symbols there are; copy, reverse (10)"
    )
    size: Any = setting(
        Optional(Either((Integer(2, 65_536), Listed(Integer(1, 65_536), 2)))),
        None,
        doc="side of pictures; bars (8). Height and width that pictures of a folder are brought to",
    )
    inputs: dict[str, Any] | None = setting(
        _COLUMNS, None, doc="input name to column, list of columns, or array"
    )
    targets: dict[str, Any] | None = setting(
        _COLUMNS, None, doc="target name to column, list of columns, or array"
    )
    weights: str | None = setting(
        Optional(Text()), None, doc="column that says how much each sample counts"
    )

    def conflict(self) -> str:
        """Refuse settings of other generators."""
        known = GENERATORS[self.generator].options if self.generator else {}
        pictures = ("size",) if self.generator is None else ()
        for name in OPTIONS:
            if getattr(self, name) is not None and name not in (*known, *pictures):
                of = f"generator {self.generator}" if self.generator else "a file"
                return f"{of} has no {name!r}"
        if self.generator and isinstance(self.size, tuple):
            return "'size' of a generator is one number"
        return ""

    def options(self) -> Mapping[str, int]:
        """Return the settings of the generator that are given."""
        given = {name: getattr(self, name) for name in OPTIONS}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Data(Entry):
    """The sets of samples a run uses."""

    train: Source = setting(Nested(Source), doc="samples to train on")
    validation: Source | Split | None = setting(
        Optional(Either((Nested(Source), Nested(Split)))),
        None,
        doc="samples to watch while training, or how to cut them from train",
    )
    test: Source | Split | None = setting(
        Optional(Either((Nested(Source), Nested(Split)))),
        None,
        doc="samples to judge the finished network on, or how to cut them from train, before validation",
    )
    transforms: tuple[Transform, ...] = setting(
        Listed(Row(lambda: TRANSFORMS)), (), doc="what is done to columns, in this order"
    )
    sampler: Sampler | None = setting(
        Optional(Row(lambda: SAMPLERS)), None, doc="how an epoch's samples are drawn; each once"
    )
    class_weight: Any = setting(
        Optional(Either((Choice(("balanced",)), Listed(Real(low=0.0)), Mapped(Real(low=0.0))))),
        None,
        doc="how much training samples of each class count: a list, or by name (1 where left out); "
        "balanced: rare ones more",
    )
    augment: tuple[Augmentation, ...] = setting(
        Listed(Row(lambda: AUGMENTATIONS)),
        (),
        doc="how samples are changed while training, in this order",
    )
    prefetch: int = setting(
        Integer(0, 64), 0, doc="batches prepared ahead by a thread of their own; changes no result"
    )
