"""Parts: the sets of samples of a run, loaded and split as the spec says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphnet.data import Prepared, Samples, class_counts, load_samples, load_sets
from graphnet.errors import UsageError
from graphnet.program import Program
from graphnet.recipe import Data, Source
from graphnet.training.evaluation import declarations


@dataclass(frozen=True)
class Parts:
    """The sets of samples of a run.

    Attributes:
        train: What is trained on.
        validation: What is watched while training, or None.
        test: What the finished network is judged on, or None.
        prepared: The transforms they went through.
    """

    train: Samples
    validation: Samples | None = None
    test: Samples | None = None
    prepared: Prepared = field(default_factory=Prepared)

    def present(self) -> dict[str, Samples]:
        """Return the sets there are, by name."""
        every = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: samples for name, samples in every.items() if samples is not None}

    def describe(self) -> dict[str, Any]:
        """Return how many samples each set has, and how many of each class of each target."""
        return {
            name: {"samples": samples.count, "classes": class_counts(samples)}
            for name, samples in self.present().items()
        }

    def sha256(self) -> str:
        """Return a digest of all samples."""
        digest = hashlib.sha256()
        for name, samples in self.present().items():
            digest.update(f"{name} {samples.sha256()}\n".encode("ascii"))
        return digest.hexdigest()


def load_parts(program: Program, folder: Path, prepared: Prepared | None = None) -> Parts:
    """Load everything that a Program's data section names.

    Args:
        program: Its spec and ports.
        folder: What relative paths are relative to.
        prepared: Transforms as a saved run learned them; without, they learn from the training part.

    Raises:
        UsageError: When the spec names no data.
        DataError: What is wrong with the data.
    """
    plain = program.spec.get("data")
    if not plain:
        raise UsageError(
            "GN715",
            f"{program.name!r} names no data to train on",
            help="add a data section to the spec",
        )
    inputs, targets = declarations(program.inputs), declarations(program.targets)
    sets = load_sets(Data.from_plain(plain), folder, inputs, targets, prepared)
    return Parts(sets.train, sets.validation, sets.test, sets.prepared)


def load_part(
    program: Program, source: Source, folder: Path, prepared: Prepared | None = None
) -> Samples:
    """Load one source for a Program.

    Raises:
        DataError: What is wrong with the data.
    """
    inputs, targets = declarations(program.inputs), declarations(program.targets)
    return load_samples(source, folder, inputs, targets, prepared)
