"""The training section of a spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphnet.declare import (
    Choice,
    Either,
    Entry,
    Flag,
    Integer,
    Mapped,
    Nested,
    Optional,
    Real,
    Text,
    setting,
)


@dataclass(frozen=True, kw_only=True)
class Stop(Entry):
    """When to stop before the last epoch."""

    loss_change: float = setting(
        Real(above=0.0),
        doc="after an epoch, stop when the loss of its last batch differs from that of the batch "
        "before it by less",
    )


@dataclass(frozen=True, kw_only=True)
class EarlyStopping(Entry):
    """Stop when a metric no longer improves, and go back to its best."""

    metric: str = setting(Text(), "loss", doc="validation loss or a metric of the spec")
    mode: str = setting(Choice(("min", "max")), "min", doc="which direction is better")
    patience: int = setting(Integer(1), 10, doc="epochs without improvement that are tolerated")
    min_delta: float = setting(Real(low=0.0), 0.0, doc="least change that counts as improvement")
    restore_best: bool = setting(Flag(), True, doc="end with the best weights, not the last")


@dataclass(frozen=True, kw_only=True)
class Checkpointing(Entry):
    """How often the state of a run is saved, and how many are kept."""

    epochs: int = setting(Integer(1), 1, doc="at most one checkpoint in this many epochs")
    seconds: float = setting(
        Real(low=0.0), 5.0, doc="and not before so many seconds since the last one"
    )
    steps: int | None = setting(
        Optional(Integer(1)), None, doc="also within an epoch, after so many updates"
    )
    minutes: float | None = setting(
        Optional(Real(above=0.0)),
        None,
        doc="also within an epoch, once so many minutes have passed",
    )
    keep: int = setting(Integer(1, 1000), 3, doc="how many are kept, besides the best one")


@dataclass(frozen=True, kw_only=True)
class Initialization(Entry):
    """Where initial weights draw their random numbers from."""

    stream: str = setting(
        Choice(("named", "torch", "numpy")),
        "named",
        doc="named: a stream per parameter; torch, numpy: those libraries' numbers from `seed`",
    )


@dataclass(frozen=True, kw_only=True)
class Weights(Entry):
    """Trained weights to start from, in place of random ones."""

    path: str = setting(
        Text(),
        doc="a run (its best weights where it was to end with them), a checkpoint, or a safetensors "
        "file; relative to the spec's folder",
    )
    strict: bool = setting(
        Flag(), True, doc="refuse names that are missing or left over, and other shapes"
    )
    map: dict[str, str | None] | None = setting(
        Optional(Mapped(Optional(Text()))),
        None,
        doc="names there to names here, `*` standing for the same on both sides; null leaves out",
    )


@dataclass(frozen=True, kw_only=True)
class Threshold(Entry):
    """A threshold that is chosen when training is over, on the validation set."""

    choose: str = setting(
        Choice(("f1", "accuracy", "balanced_accuracy", "jaccard", "mcc")),
        doc="metric that is to be greatest; on the training set where there is no validation set",
    )


@dataclass(frozen=True, kw_only=True)
class Training(Entry):
    """How a run goes through the data."""

    epochs: int = setting(Integer(1, 100_000_000), 10, doc="passes through the training samples")
    batch_size: int = setting(Integer(1, 100_000_000), 32, doc="samples per update")
    shuffle: bool = setting(Flag(), True, doc="a new order in every epoch, from (seed, epoch)")
    drop_last: bool = setting(Flag(), False, doc="leave out a last batch that is not full")
    stop: Stop | None = setting(Optional(Nested(Stop)), None, doc="stop at a standstill")
    early_stopping: EarlyStopping | None = setting(
        Optional(Nested(EarlyStopping)), None, doc="stop when validation no longer improves"
    )
    checkpoint: Checkpointing = setting(
        Nested(Checkpointing), Checkpointing(), doc="how often the run is saved"
    )
    initialization: Initialization = setting(
        Nested(Initialization), Initialization(), doc="where initial weights come from"
    )
    weights: Weights | None = setting(
        Optional(Nested(Weights)), None, doc="another run's weights to start from"
    )
    threshold: Any = setting(
        Optional(Either((Real(low=0.0, high=1.0), Nested(Threshold)))),
        None,
        doc="probability above which the answer is yes, 0.5; or the metric to choose it by",
    )
    gradient_norms: bool = setting(
        Flag(), False, doc="put the norm of every layer's gradient into the record of an epoch"
    )
    threads: int | None = setting(
        Optional(Integer(1, 1024)),
        None,
        doc="threads of the matrix products; one where all are small, else the library's own choice",
    )
