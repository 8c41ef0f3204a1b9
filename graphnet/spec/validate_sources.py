"""Sources and names in the data section: what can be told without reading any data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphnet.errors import Position, listed
from graphnet.recipe import GENERATORS, PARTS, SAMPLE_WEIGHT, Data, MatchError, Source, Split, match
from graphnet.spec.model import TensorSpec
from graphnet.spec.problems import Problems


@dataclass(frozen=True)
class _Size:
    name: str
    size: int


@dataclass(frozen=True)
class _Ends:
    """What the network declares, and where problems and places go."""

    inputs: Sequence[_Size]
    targets: Sequence[_Size]
    problems: Problems
    positions: Mapping[str, Position]

    def at(self, path: str) -> Position | None:
        """Return where a value of the data section was written, or what it stands in."""
        while path and f"data.{path}" not in self.positions:
            path = path.rpartition(".")[0]
        return self.positions.get(f"data.{path}")


def check_sources(
    data: Data,
    inputs: Sequence[TensorSpec],
    targets: Sequence[TensorSpec],
    problems: Problems,
    positions: Mapping[str, Position],
) -> None:
    """Refuse what the network does not have (GN116), and generators that do not fit it (GN318).

    Args:
        data: The section.
        inputs: Every input of the spec.
        targets: Every target.
        problems: Takes what is wrong.
        positions: Where values were written.
    """
    sizes = [[_Size(t.name, math.prod(t.type.at(1))) for t in group] for group in (inputs, targets)]
    ends = _Ends(sizes[0], sizes[1], problems, positions)
    _check_references(data, ends)
    weights = _weights_of(data)
    if weights and not any(target.name == SAMPLE_WEIGHT for target in targets):
        problems.add(
            "GN121",
            f"data.{weights} says how much samples count, but no target takes it",
            ends.at(weights),
            label=f"needs a target {SAMPLE_WEIGHT!r}",
            help=f"add {SAMPLE_WEIGHT}: {{shape: []}} to targets, and let the loss use it",
        )
    for part in PARTS:
        source = getattr(data, part)
        if isinstance(source, Source) and source.generator and source.path is None:
            _check_generator(part, source, data, ends)


def _weights_of(data: Data) -> str:
    """Return the key that gives weights of samples, or an empty string."""
    if data.class_weight is not None:
        return "class_weight"
    given = (getattr(data, part) for part in PARTS)
    some = (
        part
        for part, source in zip(PARTS, given, strict=True)
        if isinstance(source, Source) and source.weights is not None
    )
    return next((f"{part}.weights" for part in some), "")


def _check_references(data: Data, ends: _Ends) -> None:
    """Refuse inputs and targets that the spec does not declare (GN116)."""
    for index, transform in enumerate(data.transforms):
        for key in ("inputs", "targets"):
            for name in _names(getattr(transform, key)):
                _refuse(f"transforms.{index}.{key}", key[:-1], name, ends)
    for index, augmentation in enumerate(data.augment):
        for name in _names(augmentation.input):
            _refuse(f"augment.{index}.input", "input", name, ends)
    for name in _names(getattr(data.sampler, "target", None)):
        _refuse("sampler.target", "target", name, ends)
    for part in PARTS:
        cut = getattr(data, part)
        if isinstance(cut, Split) and cut.stratify is not None and part == "test":
            _refuse("test.stratify", "target", cut.stratify, ends)


def _refuse(path: str, what: str, name: str, ends: _Ends) -> None:
    known = [size.name for size in (ends.inputs if what == "input" else ends.targets)]
    if name in known:
        return
    ends.problems.add(
        "GN116",
        f"unknown {what} {name!r} in data.{path}",
        ends.at(path),
        label=f"the spec has no {what} of this name",
        help=ends.problems.nearest(name, known),
        notes=[f"{what}s: {', '.join(known)}"],
    )


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _check_generator(part: str, source: Source, data: Data, ends: _Ends) -> None:
    """Match what a generator makes with what the network takes, as loading will."""
    shapes = GENERATORS[str(source.generator)].columns(source.options())
    columns = {name: math.prod(shape) for name, shape in shapes.items()}
    try:
        chosen = match(columns, "column", source, ends.inputs, ends.targets)
    except MatchError as error:
        ends.problems.add(
            "GN318",
            f"data.{part}: {error.message}",
            ends.at(f"{part}.generator"),
            label=f"it makes {_spoken(shapes)}",
            help=error.help,
            notes=error.notes,
        )
        return
    for declared in (*ends.inputs, *ends.targets):
        _check_columns(part, declared, chosen.get(declared.name, ()), columns, data, ends)


def _check_columns(
    part: str,
    declared: _Size,
    chosen: Sequence[str],
    columns: Mapping[str, int],
    data: Data,
    ends: _Ends,
) -> None:
    where = next(
        (f"{part}.{s}.{declared.name}" for s in ("inputs", "targets")
         if f"data.{part}.{s}.{declared.name}" in ends.positions), f"{part}.generator"
    )  # fmt: skip
    missing = [name for name in chosen if name not in columns]
    if missing:
        ends.problems.add(
            "GN317",
            f"there is no column {missing[0]!r} in data.{part}",
            ends.at(where),
            label="no such column",
            help=ends.problems.nearest(missing[0], columns),
            notes=[f"columns: {listed(columns)}"],
        )
        return
    size = sum(columns[name] for name in chosen)
    # Transforms may make more numbers of a column; that is known when the data is there.
    if chosen and size != declared.size and not data.transforms:
        ends.problems.add(
            "GN319",
            f"{declared.name!r} takes {declared.size} numbers a sample, data.{part} gives {size}",
            ends.at(where),
            label=f"from {listed(chosen)}",
            help="change its shape, or the columns it is read from",
        )


def _spoken(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(
        f"{name} [{', '.join(map(str, shape))}]" if shape else name
        for name, shape in shapes.items()
    )
