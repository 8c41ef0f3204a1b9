"""Data sections of a spec: where samples come from and how they are split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphnet.declare import (
    Choice,
    Either,
    Entry,
    Integer,
    Listed,
    Mapped,
    Nested,
    Optional,
    Real,
    Text,
    setting,
)

FORMATS = ("csv", "tsv", "npz", "labelled-points")
GENERATORS = ("curve", "moons", "circles", "blobs", "xor")
PARTS = ("train", "validation", "test")
_COLUMNS = Optional(Mapped(Either((Text(), Listed(Text())))))


@dataclass(frozen=True, kw_only=True)
class Source(Entry):
    """One set of samples: a file, or a generator with its own seed."""

    path: str | None = setting(
        Optional(Text()), None, doc="file with the samples; relative to the spec's folder"
    )
    format: str | None = setting(
        Optional(Choice(FORMATS)), None, doc="what the file is; told by its suffix where left out"
    )
    generator: str | None = setting(
        Optional(Choice(GENERATORS)), None, doc="makes the samples instead of a file"
    )
    samples: int = setting(Integer(1, 10_000_000), 200, doc="how many samples a generator makes")
    noise: float = setting(
        Real(low=0.0),
        0.0,
        doc="how far a generator scatters its samples (curve: share of outliers)",
    )
    seed: int = setting(Integer(0), 0, doc="seed of the generator")
    inputs: dict[str, Any] | None = setting(
        _COLUMNS, None, doc="input name to column, list of columns, or array"
    )
    targets: dict[str, Any] | None = setting(
        _COLUMNS, None, doc="target name to column, list of columns, or array"
    )


@dataclass(frozen=True, kw_only=True)
class Split(Entry):
    """A validation set cut from the training set."""

    fraction: float = setting(
        Real(above=0.0, below=1.0), doc="share of the training samples kept for validation"
    )
    stratify: str | None = setting(
        Optional(Text()), None, doc="target whose classes keep their proportions"
    )
    seed: int = setting(Integer(0), 0, doc="seed of the split")


@dataclass(frozen=True, kw_only=True)
class Data(Entry):
    """The sets of samples a run uses."""

    train: Source = setting(Nested(Source), doc="samples to train on")
    validation: Source | Split | None = setting(
        Optional(Either((Nested(Source), Nested(Split)))),
        None,
        doc="samples to watch while training, or how to cut them from train",
    )
    test: Source | None = setting(
        Optional(Nested(Source)), None, doc="samples to judge the finished network on"
    )
