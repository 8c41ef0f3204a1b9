"""Data and training: where samples come from, and how a run goes through them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from graphnet.declare import Entry
from graphnet.errors import Position
from graphnet.recipe import PARTS, Data, Source, Split, Training
from graphnet.spec.fields import Place, as_mapping, parse_entry
from graphnet.spec.nodes import MapNode, Node
from graphnet.spec.problems import Problems


def read_data(
    node: Node,
    names: Mapping[str, Sequence[str]],
    problems: Problems,
    positions: dict[str, Position],
) -> Data | None:
    """Return the `data` section, or None where anything is wrong.

    Args:
        node: The section.
        names: Names of the spec's `inputs` and of its `targets`.
        problems: Takes what is wrong.
        positions: Takes where values were written.
    """
    mapping = as_mapping(node, problems, Place("the spec", "the spec"), "data")
    if mapping is None:
        return None
    place = Place("data", "data", "data.", positions)
    data = parse_entry(mapping, Data, problems, place)
    if data is None:
        return None
    checker = _DataChecker(mapping, problems, positions)
    for part in PARTS:
        source = getattr(data, part)
        if isinstance(source, Source):
            checker.source(source, part, names)
        elif isinstance(source, Split):
            checker.split(source, part, names["targets"])
    return data


class _DataChecker:
    """Checks what depends on other sections, or on several keys at once."""

    def __init__(self, node: MapNode, problems: Problems, positions: dict[str, Position]) -> None:
        self._node = node
        self._problems = problems
        self._positions = positions

    def _where(self, *path: str) -> Position:
        """Return where a value was written, or else the innermost mapping around it."""
        for end in range(len(path), 0, -1):
            where = self._positions.get(".".join(("data", *path[:end])))
            if where is not None:
                return where
        return self._node.position

    def source(self, source: Source, part: str, names: Mapping[str, Sequence[str]]) -> None:
        """Check that one set has one origin, and that it names what the spec declares."""
        where = self._where(part)
        if source.path is None and source.generator is None:
            self._problems.add(
                "GN105",
                f"missing key 'path' in data.{part}",
                where,
                label="needs 'path' or 'generator'",
                help="add path: FILE, or generator: NAME",
            )
        elif source.path is not None and source.generator is not None:
            self._problems.add(
                "GN125",
                f"data.{part} has both a path and a generator",
                self._where(part, "generator"),
                label="a set comes from one of the two",
                help="remove one of the two",
            )
        for section, known in names.items():
            for name in getattr(source, section) or {}:
                self._known(name, known, section, part)

    def _known(self, name: str, known: Collection[str], section: str, part: str) -> None:
        if name not in known:
            what = section.removesuffix("s")
            self._problems.add(
                "GN116",
                f"unknown {what} {name!r} in data.{part}",
                self._where(part, section, name),
                label=f"the spec has no {what} of this name",
                help=self._problems.nearest(name, known),
                notes=[f"{section}: {', '.join(known)}" if known else f"there are no {section}"],
            )

    def split(self, split: Split, part: str, targets: Sequence[str]) -> None:
        """Check that a split keeps the proportions of a target that exists."""
        if split.stratify is not None and split.stratify not in targets:
            self._problems.add(
                "GN116",
                f"unknown target {split.stratify!r} in data.{part}",
                self._where(part, "stratify"),
                label="the spec has no target of this name",
                help=self._problems.nearest(split.stratify, targets),
                notes=[f"targets: {', '.join(targets)}" if targets else "there are no targets"],
            )


def read_training(
    node: Node | None, problems: Problems, positions: dict[str, Position]
) -> Training | None:
    """Return the `training` section, all defaults where there is none; None where it is wrong."""
    if node is None:
        return Training()
    mapping = as_mapping(node, problems, Place("the spec", "the spec"), "training")
    place = Place("training", "training", "training.", positions)
    return parse_entry(mapping, Training, problems, place) if mapping else None


def check_early_stopping(
    training: Training,
    metrics: Sequence[Entry],
    data: Data | None,
    problems: Problems,
    positions: dict[str, Position],
) -> None:
    """Refuse to watch a metric that the spec has not (GN116), or without validation (GN121)."""
    stopping = training.early_stopping
    if stopping is None:
        return
    names = ["loss", *(metric.name() for metric in metrics)]
    whole = positions.get("training.early_stopping")
    if stopping.metric not in names:
        problems.add(
            "GN116",
            f"unknown metric {stopping.metric!r} in training.early_stopping",
            positions.get("training.early_stopping.metric", whole),
            label="neither the loss nor a metric of the spec",
            help=problems.nearest(stopping.metric, names),
            notes=[f"it can watch: {', '.join(names)}"],
        )
    if data is not None and data.validation is None:
        problems.add(
            "GN121",
            "early stopping without validation data",
            whole,
            label="has nothing to watch",
            help="add validation: {fraction: 0.2} to data:",
        )
